"""Contracts and the bars of a chain."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest

from leanfeed import Bars, ChainBars, InvalidRequestError, OptionContract, OptionRight, OptionStyle

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
