"""What is asked: the request, and how it is made of what people type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from attrs import field, frozen

from leanfeed import clock
from leanfeed.dates import Date, parse_date
from leanfeed.errors import InvalidRequestError
from leanfeed.refresh import Refresh, parse_refresh
from leanfeed.values import Hours, Resolution, SecurityType, Series, Symbol, TickType

__all__ = ["Date", "Incomplete", "Request", "Symbols", "Verify", "make_request"]

Choice = TypeVar("Choice", bound=StrEnum)
#: Stands for every symbol there is.
#: What a ticker in text may be.
_NAMED_BY_TICKER = (
    SecurityType.EQUITY,
    SecurityType.OPTION,
    SecurityType.INDEX,
    SecurityType.INDEX_OPTION,
)
_ALL = "*"

Symbols = str | Symbol | Iterable[str | Symbol]


class Incomplete(StrEnum):
    """What to do about sessions that are not over, or not settled yet at the provider."""

    SKIP = "skip"
    #: Fetch what there is of those that have begun; the next run fetches them again.
    FETCH = "fetch"


class Verify(StrEnum):
    """How closely files that are on disk are looked at before they count as present.

    :doc:`how-it-works` has what each level costs, as measured.
    """

    #: Files that leanfeed knows by size and time of change are believed; any other is read.
    QUICK = "quick"
    #: Every zip is opened, and the checksum of its entries is compared with their content.
    CHECKSUM = "checksum"
    #: Every row is read as LEAN would; what an audit calls damaged is missing.
    FULL = "full"


def _unique_symbols(symbols: Iterable[Symbol]) -> tuple[Symbol, ...]:
    return tuple(dict.fromkeys(symbols))


def _unique_resolutions(resolutions: Iterable[Resolution]) -> tuple[Resolution, ...]:
    return tuple(dict.fromkeys(resolutions))


def _check_symbols(instance: Request, _attribute: object, symbols: tuple[Symbol, ...]) -> None:
    if not symbols and instance.universe is None:
        raise InvalidRequestError("No symbols were given: name at least one, such as SPY.")
    by_file: dict[tuple[SecurityType, str, str], Symbol] = {}
    for symbol in symbols:
        key = (symbol.security_type, symbol.market, symbol.file_ticker)
        if by_file.setdefault(key, symbol) != symbol:
            raise InvalidRequestError(
                f"{by_file[key]} and {symbol} are different securities, but LEAN keeps both in "
                f"the file {symbol.file_ticker}: ask for them in separate data folders."
            )


@frozen
class Request:
    """What is asked: the series and the window, both dates inclusive.

    Raises:
        InvalidRequestError: nothing is asked, the dates are in the wrong order or in the future,
            or two symbols share one LEAN file.
    """

    symbols: tuple[Symbol, ...] = field(converter=_unique_symbols, validator=_check_symbols)
    resolutions: tuple[Resolution, ...] = field(converter=_unique_resolutions)
    start: dt.date
    #: None stands for the last session that is complete.
    end: dt.date | None = None
    tick_type: TickType = TickType.TRADE
    #: Extra sessions before `start`, for the indicators of a strategy.
    warmup: int = 0
    hours: Hours = Hours.EXTENDED
    incomplete: Incomplete = Incomplete.SKIP
    #: Sessions that are fetched again although they are on disk.
    refresh: Refresh = field(factory=Refresh)
    #: Also those that leanfeed did not write.
    overwrite: bool = False
    verify: Verify = Verify.QUICK
    #: Every symbol of this type is asked for: `symbols` are those that a source names, once it was
    #: asked. None: they were named by the caller.
    universe: SecurityType | None = None
    #: The instant that decides which sessions are complete.
    asked_at: dt.datetime = field(factory=lambda: clock.now())

    def __attrs_post_init__(self) -> None:
        if not self.resolutions:
            raise InvalidRequestError("No resolution was given: use daily, hour, minute or second.")
        if self.warmup < 0:
            raise InvalidRequestError(f"The warm-up is {self.warmup} sessions: use 0 or more.")
        if self.end is not None and self.end < self.start:
            raise InvalidRequestError(
                f"The end {self.end} lies before the start {self.start}: exchange them."
            )
        # The newest date anywhere on earth: a market's own midnight is the planner's business.
        today = (self.asked_at + dt.timedelta(hours=14)).date()
        for name, date in (("start", self.start), ("end", self.end)):
            if date is not None and date > today:
                raise InvalidRequestError(
                    f"The {name} {date} lies in the future: use a date up to {today}."
                )

    def __str__(self) -> str:
        """As one would type it after ``leanfeed ensure``."""
        options = {
            "resolution": ",".join(self.resolutions),
            "start": str(self.start),
            "end": str(self.end or ""),
            "warmup": str(self.warmup or ""),
            "refresh": str(self.refresh),
            "security-type": self._spelt_type,
            "incomplete": "" if self.incomplete is Incomplete.SKIP else self.incomplete.value,
        }
        spelt = (f"--{name} {value}" for name, value in options.items() if value)
        return " ".join((*self.spelt_symbols, *spelt))

    @property
    def _spelt_type(self) -> str:
        """The security type, where all symbols have one that has to be said."""
        kinds = {symbol.security_type for symbol in self.symbols}
        kinds |= set() if self.universe is None else {self.universe}
        (kind, *others) = kinds
        return "" if others or kind is SecurityType.EQUITY else kind.value

    @property
    def spelt_symbols(self) -> tuple[str, ...]:
        """As one would type them: ``*`` for all there are."""
        return (_ALL,) if self.universe is not None else tuple(map(str, self.symbols))

    @cached_property
    def series(self) -> tuple[Series, ...]:
        """Every series asked for, resolution by resolution."""
        return tuple(
            Series(symbol, resolution, self.tick_type)
            for resolution in self.resolutions
            for symbol in self.symbols
        )


def make_request(
    symbols: Symbols,
    *,
    resolution: str | Iterable[str],
    start: Date,
    end: Date | None = None,
    warmup: int = 0,
    hours: Hours = Hours.EXTENDED,
    incomplete: str = Incomplete.SKIP.value,
    refresh: Date | Iterable[Date] | None = None,
    overwrite: bool = False,
    verify: str = Verify.QUICK.value,
    security_type: str = SecurityType.EQUITY.value,
    may_be_all: bool = False,
) -> Request:
    """Understand the arguments of :func:`leanfeed.ensure`.

    With `may_be_all` the symbols may be ``*``, for whoever can find out which those are.

    Raises:
        InvalidRequestError: one of them cannot be understood.
    """
    asked_at = clock.now()
    listed = _listed(symbols)
    is_everything = may_be_all and _is_everything(listed)
    kind = _security_type(security_type)
    return Request(
        symbols=() if is_everything else (_symbol(symbol, kind) for symbol in listed),
        universe=kind if is_everything else None,
        resolutions=_resolutions(resolution),
        start=parse_date(start),
        end=None if end is None else parse_date(end),
        warmup=_warmup(warmup),
        hours=hours,
        incomplete=_choice(Incomplete, "incomplete", incomplete),
        refresh=parse_refresh(refresh, today=asked_at.date()),
        overwrite=overwrite,
        verify=_choice(Verify, "verify", verify),
        asked_at=asked_at,
    )


def _listed(symbols: Symbols) -> list[str | Symbol]:
    if isinstance(symbols, Symbol):
        return [symbols]
    if isinstance(symbols, str):
        return [part for part in symbols.split(",") if part.strip()]
    try:
        return list(symbols)
    except TypeError:
        raise InvalidRequestError(f"{symbols!r} is no list of symbols: use text.") from None


def _is_everything(symbols: Sequence[str | Symbol]) -> bool:
    stars = [symbol for symbol in symbols if isinstance(symbol, str) and symbol.strip() == _ALL]
    if stars and len(symbols) > 1:
        raise InvalidRequestError("* stands for all symbols there are: give it alone.")
    return bool(stars)


def _security_type(name: str) -> SecurityType:
    """What a ticker alone may be: LEAN keeps these of the market usa."""
    try:
        kind = SecurityType(name.strip().lower())
    except (AttributeError, ValueError):
        kind = None
    if kind not in _NAMED_BY_TICKER:
        words = " or ".join(repr(kind.value) for kind in _NAMED_BY_TICKER)
        raise InvalidRequestError(
            f"`security_type` is {str(name)[:40]!r}: use {words}; of other types give a "
            "leanfeed.Symbol, which has a market."
        )
    return kind


def _symbol(symbol: str | Symbol, kind: SecurityType) -> Symbol:
    if isinstance(symbol, Symbol):
        return symbol
    if not isinstance(symbol, str):
        raise InvalidRequestError(f"{symbol!r} is not a ticker: use text such as 'SPY'.")
    return Symbol(symbol.strip(" "), kind)


def _resolutions(resolution: str | Iterable[str]) -> tuple[Resolution, ...]:
    names = resolution.split(",") if isinstance(resolution, str) else resolution
    if not isinstance(names, Iterable):
        names = [names]
    return tuple(_resolution(name) for name in names)


def _resolution(name: str) -> Resolution:
    try:
        return Resolution(name.strip().lower())
    except (AttributeError, ValueError):
        raise InvalidRequestError(
            f"{str(name)[:40]!r} is not a resolution: use second, minute, hour or daily."
        ) from None


def _warmup(warmup: int) -> int:
    if not isinstance(warmup, int) or isinstance(warmup, bool):
        raise InvalidRequestError(f"The warm-up is {warmup!r}: use a number of sessions.")
    return warmup


def _choice(kind: type[Choice], name: str, value: str) -> Choice:
    try:
        return kind(value)
    except ValueError:
        words = " or ".join(repr(choice.value) for choice in kind)
        raise InvalidRequestError(f"`{name}` is {str(value)[:40]!r}: use {words}.") from None
