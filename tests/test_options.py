"""Contracts and the bars of a chain."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest
from attrs import evolve

from leanfeed import (
    Bars,
    ChainBars,
    ContractError,
    Delivery,
    Gap,
    InvalidRequestError,
    OptionContract,
    OptionRight,
    OptionStyle,
    QuoteBars,
    Resolution,
    SecurityType,
    Series,
    Symbol,
)
from leanfeed.contract import checked
from leanfeed.lean.market_hours import market_hours

EXPIRY = dt.date(2024, 1, 19)


def call(strike: object) -> OptionContract:
    return OptionContract(EXPIRY, "call", strike)


def bars(*times: int) -> Bars:
    ones = np.ones(len(times))
    return Bars(times, ones, ones, ones, ones, ones)


@pytest.mark.parametrize("strike", ["192.5", 192.5, Decimal("192.50"), np.float64(192.5)])
def test_a_strike_in_any_spelling_is_one_contract(strike: object) -> None:
    assert {call(strike): 1}[call("192.500")] == 1
    assert str(call(strike)) == "2024-01-19 call 192.5"


@pytest.mark.parametrize("strike", [0, -1, "nan", "inf", "x" * 99, "", None, 10**13, "1e-11"])
def test_what_is_no_strike_is_refused(strike: object) -> None:
    with pytest.raises(InvalidRequestError, match="not a strike") as caught:
        call(strike)
    assert len(str(caught.value)) < 100


def test_an_expiry_is_a_date() -> None:
    with pytest.raises(InvalidRequestError, match="not an expiry"):
        OptionContract(dt.datetime(2024, 1, 19), "call", 1)


def test_contracts_are_in_order_of_expiry_right_and_strike() -> None:
    put = OptionContract(EXPIRY, OptionRight.PUT, 9)
    later = OptionContract(dt.date(2024, 2, 16), "call", 1, OptionStyle.EUROPEAN)
    assert sorted([later, put, call(10), call(9)]) == [call(9), call(10), put, later]


def test_a_chain_gives_the_bars_of_each_contract() -> None:
    chain = ChainBars.joined([(call(10), bars(1, 2)), (call(20), bars()), (call(5), bars(2))])
    assert chain.contracts == (call(10), call(5))
    assert chain.counts == (2, 1)
    assert len(chain) == 3
    assert dict(chain) == {call(10): bars(1, 2), call(5): bars(2)}
    assert chain.of(call(5)) == bars(2)
    assert not len(chain.of(call(20)))
    assert chain.copied() == chain
    assert repr(chain) == "ChainBars(3 bars of 2 contracts)"


def test_a_chain_may_be_empty() -> None:
    assert ChainBars.joined([]) == ChainBars.empty()
    assert list(ChainBars.empty()) == []


OPTION = Series(Symbol("AAPL", SecurityType.OPTION), Resolution.MINUTE)
(SESSION,) = market_hours(OPTION.symbol).sessions(dt.date(2024, 1, 17), dt.date(2024, 1, 17))
OPEN = SESSION.regular[0][0]
MINUTE = 60_000


def delivered(chain: object, resolution: Resolution = Resolution.MINUTE) -> str:
    """What is wrong with a chain; empty when nothing is."""
    series = evolve(OPTION, resolution=resolution)
    delivery = Delivery(series, SESSION, chain)  # type: ignore[arg-type]
    try:
        (passed,) = checked([delivery], [Gap(series, (SESSION,))])
    except ContractError as error:
        return str(error)
    assert passed == delivery
    assert passed.bars is not delivery.bars
    return ""


def of(*parts: tuple[OptionContract, Bars]) -> ChainBars:
    return ChainBars.joined(parts)


ONE, TWO = bars(OPEN, OPEN + MINUTE), bars(OPEN)


@pytest.mark.parametrize(
    "chain",
    [
        ChainBars.empty(),
        of((call(10), ONE), (call(5), TWO)),
        of((call(10), bars(SESSION.regular[0][1] + 14 * MINUTE))),
        of((OptionContract(SESSION.date, "put", 1), TWO)),
    ],
    ids=["no trades", "two contracts", "after the close", "expires on the day"],
)
def test_a_chain_that_keeps_the_contract(chain: ChainBars) -> None:
    assert delivered(chain) == ""


@pytest.mark.parametrize(
    ("chain", "problem"),
    [
        (ONE, "bars are Bars, not ChainBars"),
        (of((OptionContract(dt.date(2024, 1, 16), "put", 1), TWO)), "has expired"),
        (of((OptionContract(EXPIRY, "put", 1, OptionStyle.EUROPEAN), TWO)), "is european"),
        (of((call(10), TWO), (call("10.0"), TWO)), "comes twice"),
        (ChainBars([call(10)], [2], TWO), "do not add up"),
        (ChainBars([call(10), call(5)], [1], TWO), "do not add up"),
        (ChainBars([call(10), call(5)], [0, 1], TWO), "has no bars"),
        (ChainBars(["AAPL"], [1], TWO), "no OptionContract"),
        (ChainBars([call(10)], [1], QuoteBars.empty()), "of the chain are QuoteBars"),
        (of((call(10), bars(OPEN + MINUTE, OPEN))), "does not come after"),
        (of((call(10), bars(OPEN, OPEN)), (call(5), TWO)), "does not come after"),
        (of((call(10), bars(OPEN + 1))), "does not start on the grid"),
        (of((call(5), ONE), (call(10), bars(OPEN - MINUTE))), "lies outside the session"),
        (of((call(10), bars(SESSION.regular[0][1] + 15 * MINUTE))), "lies outside"),
        (of((call(10), evolve(TWO, high=[0.5]))), "high below"),
    ],
)
def test_a_chain_that_breaks_the_contract(chain: object, problem: str) -> None:
    assert problem in delivered(chain)


def test_a_daily_chain_has_one_bar_of_each_contract() -> None:
    midnight = SESSION.day[0]
    daily = of((call(10), bars(midnight)), (call(5), bars(midnight)))
    assert delivered(daily, Resolution.DAILY) == ""
    twice = of((call(10), bars(midnight, midnight)))
    assert "does not come after" in delivered(twice, Resolution.DAILY)
