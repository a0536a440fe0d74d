"""Numbers: the decimal that the provider sent, as LEAN spells it."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import assume, example, given, strategies as st

from leanfeed.bars import Bars
from leanfeed.errors import ContractError
from leanfeed.lean.lines import format_bars, number_text
from leanfeed.values import Resolution, SecurityType, Series, Symbol

SPY = Symbol("SPY")
BTCUSD = Symbol("BTCUSD", SecurityType.CRYPTO, "coinbase")


@pytest.mark.parametrize(
    ("value", "scale", "expected"),
    [
        (12.34567, 10_000, "123456.7"),
        (287.534923, 10_000, "2875349.23"),
        (1.00005, 10_000, "10000.5"),
        (0.57, 10_000, "5700"),
        (1e-5, 1, "0.00001"),
        (1e-8, 1, "0.00000001"),
        (1e2, 1, "100"),
        (1.10, 1, "1.1"),
        (-0.0, 1, "0"),
        (-37.63, 1, "-37.63"),
        (1e17, 1, "100000000000000000"),
        (123456789012345680.0, 1, "123456789012345680"),
        (31.115892870000003, 1, "31.115892870000003"),
    ],
)
def test_number_text(value: float, scale: int, expected: str) -> None:
    assert number_text(value, scale=scale) == expected


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e18, 5e-324])
def test_what_lean_cannot_read_is_not_a_number(value: float) -> None:
    with pytest.raises(ContractError, match="not a number that LEAN can read"):
        number_text(value)


@st.composite
def decimals(draw: st.DrawFn) -> Decimal:
    """At most 15 significant digits: what a float64 carries."""
    digits = draw(st.integers(0, 10**15 - 1))
    return Decimal(digits).scaleb(draw(st.integers(-20, 0)))


@given(st.lists(decimals(), min_size=1, max_size=10), st.sampled_from([SPY, BTCUSD]))
@example([Decimal("1E-5"), Decimal("0.00009999999999999")], BTCUSD)
@example([Decimal("999999999999999"), Decimal("99999999999999.9")], BTCUSD)
@example([Decimal("99999999999999"), Decimal("99999999999.9999")], SPY)
def test_prices_equal_decimal_arithmetic(prices: list[Decimal], symbol: Symbol) -> None:
    scale = 10_000 if symbol is SPY else 1
    assume(max(prices) * scale < 10**18)
    time = np.arange(len(prices)) * 60_000
    column = [float(price) for price in prices]
    bars = Bars(time, column, column, column, column, column)

    text = format_bars(bars, Series(symbol, Resolution.MINUTE), "UTC")

    for row, price in zip(text.decode().split("\n"), prices, strict=True):
        _, *cells, volume = row.split(",")
        for cell, number in [*((cell, price * scale) for cell in cells), (volume, price)]:
            assert Decimal(cell) == number
            assert cell == (format(number.normalize(), "f") if number else "0")


def test_the_callers_decimal_context_does_not_round() -> None:
    with localcontext(prec=2):
        assert number_text(12.34567, scale=10_000) == "123456.7"
