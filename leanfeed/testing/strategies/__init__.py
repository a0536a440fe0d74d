"""Hypothesis strategies for LEAN's data: numbers, sessions, bars, and the text of files."""

from __future__ import annotations

from leanfeed.testing.strategies.answers import deliveries
from leanfeed.testing.strategies.chains import chains, contracts
from leanfeed.testing.strategies.columns import bars, quote_bars, session_bars
from leanfeed.testing.strategies.days import dates, gaps, series, sessions, us_sessions
from leanfeed.testing.strategies.numbers import nasty_prices, nasty_volumes, prices, volumes
from leanfeed.testing.strategies.texts import DAMAGES, LeanText, damaged_texts, lean_texts

__all__ = [
    "DAMAGES",
    "LeanText",
    "bars",
    "chains",
    "contracts",
    "damaged_texts",
    "dates",
    "deliveries",
    "gaps",
    "lean_texts",
    "nasty_prices",
    "nasty_volumes",
    "prices",
    "quote_bars",
    "series",
    "session_bars",
    "sessions",
    "us_sessions",
    "volumes",
]
