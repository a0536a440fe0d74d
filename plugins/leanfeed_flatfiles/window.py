"""The trading days of a request, for who has to know them before there is a plan."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from leanfeed.lean.market_hours import market_hours
from leanfeed.request import Request
from leanfeed.values import SecurityType, Symbol

__all__ = ["trading_days"]

#: Whose hours stand for those of all symbols of a type.
_USUAL = {SecurityType.INDEX: "SPX"}


def trading_days(
    request: Request, security_type: SecurityType, data_folder: Path | None
) -> list[dt.date]:
    """Those that are over, oldest first, the warm-up included.

    Raises:
        ConfigurationError: nobody knows the hours of the market.
    """
    symbol = Symbol(_USUAL.get(security_type, "SPY"), security_type)
    hours = market_hours(symbol, data_folder)
    now = int(request.asked_at.timestamp() * 1000)
    latest = request.end or request.asked_at.date()
    warmup = hours.sessions_before(request.start, request.warmup) if request.warmup else ()
    asked = hours.sessions(request.start, latest)
    return [session.date for session in (*warmup, *asked) if session.regular[-1][1] <= now]
