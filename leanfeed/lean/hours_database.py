"""LEAN's ``market-hours-database.json``: its entries, with what they inherit."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path

from attrs import field, frozen

from leanfeed.errors import ConfigurationError
from leanfeed.lean.hours_entry import Entry, entry_of
from leanfeed.values import SecurityType, Symbol

__all__ = ["PLACE", "HoursDatabase", "open_database"]

_SHIPPED = Path(__file__).with_name("us_equity_hours.json")
#: Below the data folder.
PLACE = "market-hours/market-hours-database.json"
#: Stands for every symbol of a market.
_ANY = "[*]"
_UNDERLYING = {
    SecurityType.OPTION.value: SecurityType.EQUITY.value,
    SecurityType.INDEX_OPTION.value: SecurityType.INDEX.value,
    SecurityType.FUTURE_OPTION.value: SecurityType.FUTURE.value,
}


@frozen(eq=False)
class HoursDatabase:
    """One file. An entry is parsed when it is asked for, so a wrong one harms nobody else."""

    path: Path
    #: First and last date of the file that leanfeed ships; LEAN's own do not say.
    horizon: tuple[dt.date, dt.date] | None
    #: By lower-case key: the key as the file spells it, and what understands the entry.
    _entries: Mapping[str, tuple[str, Callable[[], Entry]]] = field(repr=False)

    def find(self, symbol: Symbol) -> str:
        """The lower-case key of the symbol's entry: its own, else the one of its market.

        The ticker of a derivative is its underlying or root. A future option without an entry
        keeps the hours of the future.

        Raises:
            ConfigurationError: there is neither.
        """
        types = [symbol.security_type.value]
        if symbol.security_type is SecurityType.FUTURE_OPTION:
            types.append(SecurityType.FUTURE.value)
        for security_type in types:
            for name in (symbol.ticker, _ANY):
                key = f"{security_type}-{symbol.market}-{name}".lower()
                if key in self._entries:
                    return key
        raise ConfigurationError(
            f"{self.path.name} has no trading hours for {types[0]}-{symbol.market}-{symbol}: "
            f"correct the market, or put LEAN's own database at {PLACE} in the data folder."
        )

    def entry(self, key: str) -> Entry:
        """One entry, by its lower-case key, with what it inherits.

        As in LEAN, an option without exceptions of its own takes those of its underlying, and a
        symbol adds its own to those of its market.

        Raises:
            ConfigurationError: the entry is not what LEAN writes.
        """
        name, understood = self._entries[key]
        try:
            own = understood()
        except ValueError as error:
            raise _unreadable(self.path, f"{name}: {error}") from None
        security_type, market, symbol = key.split("-", 2)
        underlying = f"{_UNDERLYING.get(security_type)}-{market}-"
        for lender in (underlying + symbol, underlying + _ANY):
            if lender in self._entries:
                own = own.or_else(self.entry(lender))
                break
        common = f"{security_type}-{market}-{_ANY}"
        if key != common and common in self._entries:
            own = own.added_to(self.entry(common))
        return own


def open_database(data_folder: Path | None) -> HoursDatabase:
    """The database of the data folder; where it has none, that of US equities and options here.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    path = _SHIPPED if data_folder is None else data_folder / PLACE
    try:
        if not path.is_file():
            path = _SHIPPED
        stat = path.stat()
        return _open(path, stat.st_mtime_ns, stat.st_size)
    except OSError as error:
        raise _unreadable(path, str(error.strerror)) from None


@lru_cache(maxsize=4)
def _open(path: Path, _mtime_ns: int, _size: int) -> HoursDatabase:
    content = path.read_bytes()
    if path == _SHIPPED:
        return _made(path, *_read_shipped(content))
    from leanfeed.lean.hours_file import read_database  # late: it brings msgspec

    try:
        return _made(path, *read_database(content))
    except ValueError as error:
        raise _unreadable(path, str(error)) from None


def _read_shipped(
    content: bytes,
) -> tuple[tuple[dt.date, dt.date], Mapping[str, Callable[[], Entry]]]:
    file = json.loads(content)
    first, last = (dt.date.fromisoformat(file["generated"][end]) for end in ("first", "last"))
    return (first, last), {
        key: partial(entry_of, key, written) for key, written in file["entries"].items()
    }


def _made(
    path: Path,
    horizon: tuple[dt.date, dt.date] | None,
    entries: Mapping[str, Callable[[], Entry]],
) -> HoursDatabase:
    of_key = {key.lower(): (key, understood) for key, understood in entries.items()}
    return HoursDatabase(path, horizon, of_key)


def _unreadable(path: Path, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"{path} cannot be read as a market hours database ({reason}): put LEAN's own in its place."
    )
