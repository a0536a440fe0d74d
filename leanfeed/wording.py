"""How plans and reports say numbers, sizes and dates."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from leanfeed.values import Resolution, SecurityType, Series, Session, Symbol

__all__ = [
    "capped",
    "counted",
    "difference",
    "duration",
    "grouped",
    "named",
    "other_names",
    "percent",
    "ranges",
    "size",
    "unlisted_lines",
]


def counted(count: int, noun: str) -> str:
    """``1 session``, ``2 sessions``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def difference(now: int, written: int) -> str:
    """``468 bars, 488 were written``."""
    if now == written:
        return "other values than were written"
    return f"{counted(now, 'bar')}, {written} {'was' if written == 1 else 'were'} written"


def size(count: float) -> str:
    """Bytes in decimal units."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def duration(seconds: float) -> str:
    """``12 s``, ``3 min``, ``2 h 5 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def percent(share: float) -> str:
    """A share in percent, rounded down: only all of it is ``100.0 %``."""
    return f"{math.floor(round(10 * share, 6)) / 10:.1f} %"


def ranges(sessions: Sequence[Session], *, limit: int = 4) -> str:
    """Dates in short: neighbouring sessions joined, what does not fit counted."""
    runs: list[list[Session]] = []
    for session in sessions:
        if runs and session.number == runs[-1][-1].number + 1:
            runs[-1].append(session)
        else:
            runs.append([session])
    texts = [str(r[0]) if len(r) == 1 else f"{r[0]} … {r[-1]}" for r in runs[:limit]]
    if len(runs) > limit:
        texts.append(f"{sum(map(len, runs[limit:]))} more")
    return ", ".join(texts)


def grouped(texts: Iterable[tuple[Series, str]], *, limit: int = 6) -> list[str]:
    """One line for all series of a resolution with the same text: ``  minute SPY, AAPL: text``."""
    tickers: dict[tuple[Resolution, str], list[str]] = {}
    for series, text in texts:
        tickers.setdefault((series.resolution, text), []).append(named(series.symbol))
    return [
        f"  {resolution} {', '.join(names[:limit])}"
        f"{f' and {len(names) - limit} more' if len(names) > limit else ''}: {text}"
        for (resolution, text), names in tickers.items()
    ]


def capped(lines: list[str], *, limit: int = 5) -> list[str]:
    """No more than fit on a screen, with the number of the others."""
    if len(lines) <= limit:
        return lines
    return [*lines[: limit - 1], f"  and {len(lines) - limit + 1} more lines: JSON has all of it"]


def named(symbol: Symbol) -> str:
    """The ticker, and what it is when that is no US equity: ``EURUSD (forex, oanda)``."""
    if (symbol.security_type, symbol.market) == (SecurityType.EQUITY, "usa"):
        return symbol.ticker
    return f"{symbol.ticker} ({symbol.security_type}, {symbol.market})"


def other_names(series: Series, asked_as: Sequence[Symbol]) -> str:
    """``, asked as WM`` where a series is there because of other symbols; else nothing."""
    if tuple(asked_as) == (series.symbol,):
        return ""
    return f", asked as {', '.join(map(str, asked_as))}"


def unlisted_lines(unlisted: Mapping[Symbol, Sequence[Session]]) -> list[str]:
    """One line for each symbol that was not listed on some sessions."""
    return [
        f"  {symbol}: not listed on {ranges(sessions)}, says LEAN's map file"
        for symbol, sessions in unlisted.items()
    ]
