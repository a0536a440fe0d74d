"""A coverage as large as one wants, without files."""

from __future__ import annotations

import datetime as dt
import random
from array import array
from collections.abc import Sequence
from pathlib import Path

from leanfeed import Anomaly, Coverage, Reason, Resolution, Series, SeriesCoverage, Session, Symbol
from leanfeed.coverages.anomalies import Kind
from leanfeed.coverages.facts import Facts
from tests import build

__all__ = ["large"]

_TICKERS = "SPY AAPL MSFT NVDA AMZN GOOGL META BRK.B TSLA JPM UNH XOM V PG MA HD KO PEP DIS NFLX"
_NOW = dt.datetime(2024, 1, 2, 12, tzinfo=dt.UTC)
_SHORT = 6 * 3_600_000


def large(*, series: int, start: str, end: str, sessions_per_request: int = 52) -> Coverage:
    """Series of minutes, nearly whole, with random digests, request ids and numbers of bars."""
    sessions = build.sessions(start, end)
    names = [*_TICKERS.split(), *(f"T{number:03}" for number in range(series))][:series]
    made = tuple(
        _series(name, sessions, sessions_per_request, random.Random(name)) for name in names
    )
    return Coverage(Path("data"), _NOW, made)


def _series(
    name: str, sessions: Sequence[Session], sessions_per_request: int, chance: random.Random
) -> SeriesCoverage:
    usual = chance.choice((390, 700, 850, 945))
    gap = chance.randrange(len(sessions)) if chance.random() < 0.2 else -10
    fallback = range(*sorted(chance.choices(range(len(sessions)), k=2))) if gap > 0 else range(0)
    reasons, rows, crcs, request_ids, sources, notes, anomalies = [], [], [], [], [], [], {}
    request_id = ""
    for n, session in enumerate(sessions):
        if n % sessions_per_request == 0:
            request_id = f"{chance.getrandbits(128):032x}"
        reason = _reason(n in range(gap, gap + 4), chance.random())
        reasons.append(reason)
        is_there = reason is Reason.STORED
        is_fallback = n in fallback
        count = usual - chance.randrange(40)
        if sum(end - start for start, end in session.regular) < _SHORT:
            count = count * 6 // 10
            anomalies[session] = Anomaly(Kind.HALF_DAY, count, usual)
        elif is_there and chance.random() < 0.0005:
            count = count * 4 // 10
            where = "nothing from 12:10 to 16:00"
            anomalies[session] = Anomaly(Kind.TRUNCATED, count, usual, where)
        if not is_there:
            anomalies.pop(session, None)
        rows.append(count if is_there else -1)
        crcs.append(chance.getrandbits(32) if is_there else 0)
        request_ids.append(request_id if is_there else "")
        sources.append(("lean-cli" if is_fallback else "polygon") if is_there else "")
        notes.append("polygon: no network" if is_there and is_fallback else "")
    times = array("q", (1_700_000_000_000 + n // 20 * 86_400_000 for n in range(len(sessions))))
    return SeriesCoverage(
        Series(Symbol(name), Resolution.MINUTE),
        tuple(sessions),
        tuple(reasons),
        Facts(
            tuple(sources),
            tuple(request_ids),
            times,
            array("q", rows),
            array("q", crcs),
            tuple(notes),
        ),
        anomalies,
    )


def _reason(is_gap: bool, chance: float) -> Reason:
    if is_gap or chance < 0.0004:
        return Reason.NEVER_STORED
    return Reason.UNREADABLE if chance < 0.0005 else Reason.STORED
