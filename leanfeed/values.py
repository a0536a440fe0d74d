"""The values that travel along the straight line, from what is asked to what was written.

All are frozen. Instants are integers, UTC epoch milliseconds; intervals are half-open. Dates are
trading days in the *data time zone*, the zone in which LEAN stamps a market's files.
"""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from typing import TYPE_CHECKING

from attrs import field, frozen

from leanfeed.errors import InvalidRequestError

if TYPE_CHECKING:
    from leanfeed.bars import Bars, QuoteBars
    from leanfeed.options import ChainBars

__all__ = [
    "Choice",
    "Delivery",
    "Estimate",
    "Gap",
    "Hours",
    "Interval",
    "Resolution",
    "SecurityType",
    "Series",
    "Session",
    "Symbol",
    "TickType",
    "Written",
]

#: Two instants, UTC epoch milliseconds, from the first up to but not including the second.
Interval = tuple[int, int]

_TICKER = re.compile(r"[A-Za-z0-9]{1,20}(?:\.[A-Za-z0-9]{1,5}){0,2}")
_MARKET = re.compile(r"[a-z0-9]{1,30}")
#: Lower-case letters that mean something to US exchanges: preferred, rights, when issued, warrants.
_CASED_TICKER = re.compile(
    r"[A-Z]{1,5}(?:p[A-Z]?|r|w|rw|ws)(?:\.[A-Z]{1,3})?|[A-Z.]{1,7}\.[A-Z]?[rw]"
)


class Resolution(StrEnum):
    """How long a bar is."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAILY = "daily"

    @property
    def milliseconds(self) -> int:
        """The length of one bar."""
        return _MILLISECONDS[self]

    @property
    def is_file_per_session(self) -> bool:
        """LEAN keeps one zip per session; hour and daily bars share one zip for all time.

        Those of options share one zip per year, see :attr:`Series.is_chain`.
        """
        return self in (Resolution.SECOND, Resolution.MINUTE)


_MILLISECONDS = {
    Resolution.SECOND: 1_000,
    Resolution.MINUTE: 60_000,
    Resolution.HOUR: 3_600_000,
    Resolution.DAILY: 86_400_000,
}


class TickType(StrEnum):
    """What a bar was made of."""

    TRADE = "trade"
    QUOTE = "quote"


class SecurityType(StrEnum):
    """LEAN's security types, spelt as in its folder names."""

    EQUITY = "equity"
    OPTION = "option"
    INDEX = "index"
    INDEX_OPTION = "indexoption"
    FUTURE = "future"
    FUTURE_OPTION = "futureoption"
    FOREX = "forex"
    CFD = "cfd"
    CRYPTO = "crypto"
    CRYPTO_FUTURE = "cryptofuture"
    BASE = "base"


class Hours(StrEnum):
    """Which part of a session is stored at minute and second resolution."""

    EXTENDED = "extended"
    REGULAR = "regular"


def _ticker(text: str) -> str:
    """Fold to upper case, unless lower-case letters are part of the name (``AAMpA``).

    Other alphabets are left for the validator: the upper case of a dotless ``ı`` is a plain ``I``.
    """
    return text if _CASED_TICKER.fullmatch(text) or not text.isascii() else text.upper()


def _check_ticker(_instance: object, _attribute: object, ticker: str) -> None:
    if _TICKER.fullmatch(ticker):
        return
    shown = ticker if len(ticker) <= 40 else ticker[:40] + "…"
    dotted = re.sub(r"[-/ ]", ".", ticker)
    if ":" in ticker:
        advice = "a prefix such as I:, O:, X: or C: belongs to a provider, not to LEAN"
    elif dotted != ticker and _TICKER.fullmatch(dotted):
        advice = f"LEAN spells it {dotted.upper()}"
    else:
        advice = "use letters and digits, and a dot for a share class, such as SPY or BRK.B"
    raise InvalidRequestError(f"{shown!r} is not a ticker: {advice}.")


def _check_market(_instance: object, _attribute: object, market: str) -> None:
    if not _MARKET.fullmatch(market):
        raise InvalidRequestError(
            f"{market[:40]!r} is not a market: LEAN's are such as usa or oanda."
        )


@frozen(order=True, cache_hash=True)
class Symbol:
    """What is traded: a ticker, its security type and its market.

    Tickers are folded to upper case. Only the lower-case letters of US preferred shares, rights
    and when-issued shares stay (``AAMpA``), because providers tell them apart by case. LEAN's
    files are lower case, so :attr:`file_ticker` is what two symbols may not share.

    Raises:
        InvalidRequestError: the ticker could not be a file name, or is not spelt as LEAN does.
    """

    ticker: str = field(converter=_ticker, validator=_check_ticker)
    security_type: SecurityType = SecurityType.EQUITY
    market: str = field(default="usa", validator=_check_market)

    @property
    def file_ticker(self) -> str:
        """The ticker as LEAN's folders and files spell it."""
        return self.ticker.lower()

    def __str__(self) -> str:
        return self.ticker


@frozen(order=True, cache_hash=True)
class Series:
    """One line of bars: a symbol at one resolution, made of one tick type."""

    symbol: Symbol
    resolution: Resolution
    tick_type: TickType = TickType.TRADE

    @property
    def is_chain(self) -> bool:
        """Its bars are those of all contracts on an underlying, each in an entry of its own.

        LEAN keeps one zip of them per session, and at hour and daily resolution one per year.
        """
        return self.symbol.security_type in (SecurityType.OPTION, SecurityType.INDEX_OPTION)

    def __str__(self) -> str:
        quote = " quotes" if self.tick_type is TickType.QUOTE else ""
        return f"{self.symbol} {self.resolution}{quote}"


@frozen(cache_hash=True, repr=False)
class Session:
    """One trading day of a market, with its hours."""

    #: The trading day, in :attr:`time_zone`.
    date: dt.date
    #: Counts the market's sessions; neighbours differ by one, whatever lies between them.
    number: int
    #: The data time zone, in which LEAN's files of this market are stamped.
    time_zone: str
    #: Midnight to midnight.
    day: Interval
    #: The regular hours, an early close applied; several intervals where a market has a break.
    regular: tuple[Interval, ...]
    #: From the first pre-market to the last post-market minute of a usual day. An early close does
    #: not shorten it, because real files hold trades after one, and LEAN filters as it reads.
    extended: Interval

    def __str__(self) -> str:
        return self.date.isoformat()

    def __repr__(self) -> str:
        return f"<Session {self.date}>"


@frozen
class Gap:
    """The sessions of one series that the data folder lacks, oldest first."""

    series: Series
    sessions: tuple[Session, ...]

    def __str__(self) -> str:
        first, last = self.sessions[0], self.sessions[-1]
        dates = str(first) if first is last else f"{first} … {last}"
        return f"{self.series}: {len(self.sessions)} of {dates}"


@frozen
class Estimate:
    """What a source expects that filling some gaps will cost."""

    requests: int
    #: How long the provider's rate limit makes them take at the least.
    seconds: float = 0.0
    #: About how many bytes will come over the wire; None: the source cannot tell.
    bytes: int | None = None


@frozen
class Choice:
    """Days for which two sources of the chain were weighed, and the one that is asked first."""

    source: str
    rather_than: str
    security_type: SecurityType
    resolution: Resolution
    #: Oldest first.
    dates: tuple[dt.date, ...]
    #: Of all these days.
    cost: Estimate
    #: With the other source: these days' part of what everything asked for would cost there.
    other_cost: Estimate


@frozen
class Delivery:
    """One session's bars and who gave them. No bars: the provider affirms there was no trading."""

    series: Series
    session: Session
    bars: Bars | QuoteBars | ChainBars
    #: The provider's own name for its answer, for questions to its support.
    request_id: str = ""
    #: The configured name of the source; the chain fills it in.
    source: str = ""
    #: What it replaces is condemned, and the writer keeps it aside; a run fills it in.
    replaces_damaged: bool = False


@frozen
class Written:
    """What the writer confirms about one session: it is on disk, or known to have no trades."""

    series: Series
    session: Session
    source: str
    request_id: str = ""
    #: Bars of this session now on disk; 0 when there was no trading.
    rows: int = 0
    #: Relative to the data folder, with forward slashes; empty when nothing had to be written.
    path: str = ""
    #: Bytes put on disk for this session; a shared zip counts for the last session written to it.
    bytes_written: int = 0
    #: Where the damaged or larger file that stood there was kept, relative to the data folder.
    kept_aside: str = ""
    #: Bars of this session that were on disk before; None when there were none to be read.
    rows_before: int | None = None
    #: The bars on disk are others than before.
    is_changed: bool = True
    #: Of the file that holds this session: its size, when it was changed, and the checksum of the
    #: session's rows, by which it is known again; 0 where the writer does not tell and others look.
    size: int = 0
    changed_ns: int = 0
    crc: int = 0
