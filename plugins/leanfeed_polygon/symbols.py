"""Polygon's spelling of symbols, in one place."""

from __future__ import annotations

from urllib.parse import quote

from leanfeed.values import SecurityType, Symbol

__all__ = ["PREFIXES", "day_zone", "path_part", "provider_ticker"]

#: What Polygon puts before the ticker of a security type.
PREFIXES = {
    SecurityType.EQUITY: "",
    SecurityType.INDEX: "I:",
    SecurityType.OPTION: "O:",
    SecurityType.CRYPTO: "X:",
    SecurityType.FOREX: "C:",
}


def provider_ticker(symbol: Symbol) -> str:
    """The ticker as Polygon writes it: case matters there, ``AAMpA`` is not ``AAMPA``.

    Raises:
        KeyError: Polygon has no such security type.
    """
    return PREFIXES[symbol.security_type] + symbol.ticker


def day_zone(ticker: str) -> str:
    """The time zone at whose midnight Polygon stamps the days of a ticker, in its spelling.

    Recorded: New York for stocks and options, UTC for crypto and forex, Chicago for indices.
    """
    return {"X:": "UTC", "C:": "UTC", "I:": "America/Chicago"}.get(ticker[:2], "America/New_York")


def path_part(ticker: str) -> str:
    """Polygon's ticker as one part of a URL path; the colon after a prefix stays."""
    return quote(ticker, safe=":")
