"""The strategies draw what they say: valid where they say valid, and nasty often enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings, strategies as st

from leanfeed import (
    DamagedFileError,
    Delivery,
    Gap,
    SecurityType,
    Session,
    TickType,
)
from leanfeed.contract import checked
from leanfeed.lean import parse_bars, zip_path
from leanfeed.testing import strategies
from leanfeed.testing.strategies import DAMAGES, LeanText, damaged_texts, lean_texts
from tests import build

ANY = strategies.series(
    security_types=(
        SecurityType.EQUITY,
        SecurityType.CRYPTO,
        SecurityType.FOREX,
        SecurityType.INDEX,
    ),
    tick_types=tuple(TickType),
)


def day_of(text: LeanText) -> dt.date:
    return text.session.date


@settings(max_examples=50)
@given(strategies.deliveries(of=ANY))
def test_deliveries_keep_the_contract(delivery: Delivery) -> None:
    gap = Gap(delivery.series, (delivery.session,))
    assert len(list(checked([delivery], [gap]))) == 1
    zip_path(delivery.series, delivery.session.date)


@settings(max_examples=30)
@given(strategies.gaps())
def test_gaps_are_in_order_and_of_the_calendar(gap: Gap) -> None:
    dates = [session.date for session in gap.sessions]
    assert dates == sorted(set(dates))
    assert all(date.weekday() < 5 for date in dates)


@settings(max_examples=50)
@given(lean_texts(of=ANY))
def test_right_texts_are_read_as_what_they_stand_for(text: LeanText) -> None:
    assert parse_bars(text.text, text.series, text.session.time_zone, day=day_of(text)) == text.bars


@settings(max_examples=8)
@given(st.data())
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_texts_are_refused(damage: str, data: st.DataObject) -> None:
    text = data.draw(damaged_texts(damages=(damage,)))
    assert text.damage == damage
    with pytest.raises(DamagedFileError):
        parse_bars(text.text, text.series, text.session.time_zone, day=day_of(text))


def is_half_day(session: Session) -> bool:
    return session.regular[0][1] - session.regular[0][0] < 4 * 3_600_000


def changes_clocks(session: Session) -> bool:
    return session.day[1] - session.day[0] != 86_400_000


def is_split(made: tuple[Session, Any]) -> bool:
    _, bars = made
    return any(a > 6 * b for a, b in pairwise(bars.close.tolist()))


SESSION_BARS = strategies.session_bars(build.series(), max_size=6)


@pytest.mark.parametrize(
    ("strategy", "is_nasty"),
    [
        (strategies.nasty_prices(), lambda price: price == 1e-8),
        (strategies.nasty_prices(), lambda price: len(repr(price).replace(".", "")) >= 15),
        (strategies.nasty_prices(), lambda price: int(price * 10_000) != round(price * 10_000)),
        (strategies.nasty_volumes(), lambda volume: volume == 0),
        (strategies.nasty_volumes(), lambda volume: 0 < volume < 1e-6),
        (strategies.nasty_volumes(), lambda volume: volume > 2**32),
        (strategies.sessions(), changes_clocks),
        (strategies.sessions(), is_half_day),
        (strategies.us_sessions(), lambda days: any(map(is_half_day, days))),
        (SESSION_BARS, is_split),
    ],
)
def test_nasty_ones_are_found_at_once(
    strategy: st.SearchStrategy[Any], is_nasty: Callable[[Any], bool]
) -> None:
    once = settings(max_examples=300, database=None, phases=(Phase.generate,))
    find(strategy, is_nasty, settings=once)
