"""Bars as columns, for people: what :func:`leanfeed.load` gives, on its way to a data frame."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import fields, frozen

from leanfeed.bars import Bars, QuoteBars, TimeColumn
from leanfeed.errors import ConfigurationError, IncompleteError
from leanfeed.html import table
from leanfeed.lean.local_time import local_times
from leanfeed.lean.time_zones import zone
from leanfeed.options import ChainBars
from leanfeed.values import Series, Session
from leanfeed.wording import counted, ranges

__all__ = ["Frame"]

#: Rows at either end that a notebook shows.
_SHOWN = 3


@frozen(repr=False)
class Frame:
    """The bars of one series, oldest first, and what is missing between them.

    Those of options are in the order of :class:`~leanfeed.ChainBars`, contract by contract; the
    columns ``expiry``, ``right`` and ``strike`` say of which.

    Every column is also an attribute: ``frame.close`` is ``frame.bars.close``. ``frame.time`` is
    int64, UTC epoch milliseconds of the start of a bar, whatever the time zone.
    """

    series: Series
    bars: Bars | QuoteBars | ChainBars
    #: In which data frames show the time, such as ``America/New_York``.
    time_zone: str
    #: Sessions of the window that the data folder lacks; days without trades are none.
    missing: tuple[Session, ...] = ()

    @property
    def columns(self) -> Mapping[str, npt.NDArray[Any]]:
        """The columns by name, ``time`` first."""
        bars = self.bars.bars if isinstance(self.bars, ChainBars) else self.bars
        plain = {column.name: getattr(bars, column.name) for column in fields(type(bars))}
        if not isinstance(self.bars, ChainBars):
            return plain
        return {"time": plain.pop("time"), **_contract_columns(self.bars), **plain}

    @property
    def time(self) -> TimeColumn:
        """The start of each bar, UTC epoch milliseconds."""
        return self.bars.time

    @property
    def wall_clock(self) -> npt.NDArray[np.datetime64]:
        """What a clock in :attr:`time_zone` shows at the start of each bar."""
        return local_times(self.time, zone(self.time_zone)).astype("datetime64[ms]")

    def __getattr__(self, name: str) -> npt.NDArray[Any]:
        object.__getattribute__(self, "bars")  # a frame that is being copied has none yet
        columns = {} if name.startswith("_") else self.columns
        if name not in columns:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return columns[name]

    def __len__(self) -> int:
        return len(self.bars)

    def raise_for_missing(self) -> None:
        """Do nothing when no session is missing.

        Raises:
            IncompleteError: some are; the message says which.
        """
        if self.missing:
            raise IncompleteError(
                f"{self.series}: {counted(len(self.missing), 'session')} missing "
                f"({ranges(self.missing)}): fetch them with leanfeed.ensure()."
            )

    def to_pandas(self) -> Any:
        """A pandas data frame, with the time in :attr:`time_zone` as its index.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        pandas = _library("pandas", "pandas")
        columns = dict(self.columns)
        index = pandas.DatetimeIndex(columns.pop("time").astype("datetime64[ms]"), name="time")
        localised = index.tz_localize("UTC").tz_convert(self.time_zone)
        return pandas.DataFrame(columns, index=localised)

    def to_polars(self) -> Any:
        """A polars data frame, with the time in :attr:`time_zone` as its first column.

        Raises:
            ConfigurationError: polars is not installed.
        """
        polars = _library("polars", "polars")
        time = polars.col("time").cast(polars.Datetime("ms", "UTC"))
        frame = polars.DataFrame(dict(self.columns))
        return frame.with_columns(time.dt.convert_time_zone(self.time_zone))

    def to_arrow(self) -> Any:
        """An Arrow table, with the time in :attr:`time_zone` as its first column.

        Raises:
            ConfigurationError: pyarrow is not installed.
        """
        arrow = _library("pyarrow", "arrow")
        columns = dict(self.columns)
        stamps = arrow.timestamp("ms", tz=self.time_zone)
        columns["time"] = arrow.array(columns["time"]).cast(stamps)
        return arrow.table(columns)

    def __repr__(self) -> str:
        what = counted(len(self), "bar")
        if not len(self):
            return f"<Frame {self.series}: no bars>"
        first, last = (_shown(edge) for edge in (self.wall_clock.min(), self.wall_clock.max()))
        missing = f", {counted(len(self.missing), 'session')} missing" if self.missing else ""
        return f"<Frame {self.series}: {what} from {first} to {last} {self.time_zone}{missing}>"

    def _repr_html_(self) -> str:
        ends = [*range(len(self))]
        cut = len(ends) > 2 * _SHOWN
        rows = [self._row(i) for i in (ends[:_SHOWN] if cut else ends)]
        if cut:
            rows += [["…"] * len(self.columns), *map(self._row, ends[-_SHOWN:])]
        return table(repr(self).strip("<>"), list(self.columns), rows)

    def _row(self, i: int) -> list[str]:
        values = [column[i] for name, column in self.columns.items() if name != "time"]
        return [_shown(self.wall_clock[i]), *map(_text, values)]


def _shown(instant: np.datetime64) -> str:
    return str(instant).replace("T", " ").removesuffix(".000")


def _text(value: Any) -> str:
    return f"{value:,.15g}" if isinstance(value, float) else str(value)


def _contract_columns(chain: ChainBars) -> dict[str, npt.NDArray[Any]]:
    """What tells contracts apart, for every bar."""
    contracts = chain.contracts
    one_each = {
        "expiry": np.array([contract.expiry for contract in contracts], dtype="datetime64[D]"),
        "right": np.array([contract.right.value for contract in contracts], dtype="<U4"),
        "strike": np.array([float(contract.strike) for contract in contracts], dtype=np.float64),
    }
    return {name: np.repeat(column, chain.counts) for name, column in one_each.items()}


def _library(name: str, extra: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ConfigurationError(
            f"This needs the package {name}, which is not installed: "
            f"pip install 'leanfeed[{extra}]'."
        ) from None
