"""What is to be audited: some symbols or all, some resolutions or all, a window or all time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from attrs import evolve, frozen

from leanfeed.dates import Date
from leanfeed.request import Symbols, make_request
from leanfeed.soundness.findings import AuditFinding
from leanfeed.values import Resolution, Series, Symbol

__all__ = ["Scope", "make_scope"]

_ONE_DAY = dt.timedelta(days=1)
#: The places where a date lasts longest are so much behind UTC.
_BEHIND = dt.timedelta(hours=12)


@frozen
class Scope:
    """What is looked at; files outside it are passed over."""

    #: The last day that is over everywhere.
    latest: dt.date
    #: None: every symbol that has a file.
    symbols: tuple[Symbol, ...] | None = None
    #: None: all of them.
    resolutions: tuple[Resolution, ...] | None = None
    start: dt.date | None = None
    end: dt.date | None = None

    @property
    def is_whole(self) -> bool:
        """The whole data folder is looked at."""
        return not (self.symbols or self.resolutions or self.start or self.end)

    @property
    def expected(self) -> tuple[Series, ...]:
        """The series that were asked for by name, as files spell it, with a file or without."""
        return tuple(
            Series(evolve(symbol, ticker=symbol.file_ticker.upper()), resolution)
            for symbol in self.symbols or ()
            for resolution in self.resolutions or ()
        )

    def has_symbol(self, security_type: str, market: str, ticker: str) -> bool:
        """Whether a symbol is looked at, by the names of its folders and files."""
        return self.symbols is None or any(
            (symbol.security_type, symbol.market, symbol.file_ticker)
            == (security_type, market, ticker)
            for symbol in self.symbols
        )

    def has_resolution(self, name: str) -> bool:
        """Whether a resolution is looked at, by the name of its folder."""
        return self.resolutions is None or name in self.resolutions

    def has_date(self, date: dt.date) -> bool:
        """Whether the date lies in the window."""
        return (self.start or dt.date.min) <= date <= (self.end or dt.date.max)

    def narrowed(self, finding: AuditFinding) -> AuditFinding | None:
        """The finding without the dates outside the window; None when it has no others."""
        if (self.start, self.end) == (None, None) or not finding.dates:
            return finding
        dates = tuple(date for date in finding.dates if self.has_date(date))
        return evolve(finding, dates=dates) if dates else None


def make_scope(
    symbols: Symbols | None,
    *,
    resolution: str | Iterable[str] | None,
    start: Date | None,
    end: Date | None,
    security_type: str = "equity",
) -> Scope:
    """Understand the arguments of :func:`leanfeed.audit`.

    Raises:
        InvalidRequestError: one of them cannot be understood.
    """
    # A request understands them; what was not given is filled in and thrown away again.
    request = make_request(
        Symbol("ANY") if symbols is None else symbols,
        resolution=tuple(Resolution) if resolution is None else resolution,
        start=dt.date.min if start is None else start,
        end=end,
        security_type=security_type,
    )
    return Scope(
        latest=(request.asked_at - _BEHIND).date() - _ONE_DAY,
        symbols=None if symbols is None else request.symbols,
        resolutions=None if resolution is None else request.resolutions,
        start=None if start is None else request.start,
        end=request.end,
    )
