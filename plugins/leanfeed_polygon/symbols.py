"""Polygon's spelling of symbols, in one place."""

from __future__ import annotations

from urllib.parse import quote

from leanfeed.values import SecurityType, Symbol

__all__ = ["PREFIXES", "path_part", "provider_ticker"]

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


def path_part(ticker: str) -> str:
    """Polygon's ticker as one part of a URL path; the colon after a prefix stays."""
    return quote(ticker, safe=":")
