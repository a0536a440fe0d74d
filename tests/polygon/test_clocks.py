"""A clock that is wrong is noticed by the provider's answers, and said once."""

from __future__ import annotations

from email.utils import formatdate
from time import time

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from leanfeed.events import ClockDiffers, Event, RequestAnswered, listening
from leanfeed.values import Gap
from leanfeed_polygon.clocks import seconds_ahead
from tests import build
from tests.polygon.conftest import Connect
from tests.polygon_server import Fault, PolygonServer, Reply, Seen, synthetic

_DAYS = build.sessions("2023-01-03", "2023-12-29")
_GAP = Gap(build.series(), _DAYS)
_MARKET = {("SPY", "minute"): synthetic(_DAYS, density=0.01)}
_NOW = 1_700_000_000.0


def dated(date: str, **others: str) -> Fault:
    def fault(_seen: Seen, honest: Reply) -> Reply:
        return evolve(honest, headers={**honest.headers, "Date": date, **others})

    return fault


def told(connect: Connect, fault: Fault) -> list[ClockDiffers]:
    """What is said of the clocks while several requests are answered."""
    heard: list[Event] = []
    with PolygonServer(_MARKET, faults=[fault]) as server, listening(heard.append):
        assert len(list(connect(server).fetch([_GAP]))) == len(_DAYS)
    assert sum(isinstance(event, RequestAnswered) for event in heard) == 5
    return [event for event in heard if isinstance(event, ClockDiffers)]


@pytest.mark.parametrize("shift", [-7200, -400, 400, 7200])
def test_clocks_that_differ_are_told_once(connect: Connect, shift: int) -> None:
    (event,) = told(connect, dated(formatdate(time() + shift, usegmt=True)))
    assert event.source == "polygon"
    assert event.seconds == pytest.approx(-shift, abs=10)


@pytest.mark.parametrize(
    "date",
    ["", "soon", "Wed, 32 Foo 2024 25:61:61 GMT", "9" * 400, "Wed, 17 Nov 9999 09:00:00 GMT",
     "Thu, 01 Jan 1970 00:00:00 GMT", "2024-01-02T09:30:00Z", "Fri, 31 Dec 9999 23:59:59 -2359",
     "Mon, 01 Jan 0001 00:00:00 +2359"],
)  # fmt: skip
def test_dates_that_are_none_or_absurd_say_nothing(connect: Connect, date: str) -> None:
    assert told(connect, dated(date)) == []


def test_clocks_that_agree_are_not_worth_a_word(connect: Connect) -> None:
    assert told(connect, lambda _, honest: honest) == []
    assert told(connect, dated(formatdate(time() - 200, usegmt=True))) == []


def test_an_answer_that_a_cache_has_kept_is_as_old_as_it_says(connect: Connect) -> None:
    kept = formatdate(time() - 4000, usegmt=True)
    assert told(connect, dated(kept, Age="4000")) == []
    assert len(told(connect, dated(kept, Age="-1"))) == 1


def test_failures_say_nothing_of_the_clock(connect: Connect) -> None:
    """They may be a proxy's."""
    wrong = formatdate(time() + 7200, usegmt=True)

    def only_failures(seen: Seen, honest: Reply) -> Reply:
        return Reply(502, b"", {"Date": wrong}) if seen.number % 2 else honest

    heard: list[Event] = []
    with PolygonServer(_MARKET, faults=[only_failures]) as server, listening(heard.append):
        list(connect(server, in_flight=1, retries=9).fetch([_GAP]))
    assert not any(isinstance(event, ClockDiffers) for event in heard)


@given(
    ahead=st.integers(-40_000, 40_000),
    under_way=st.floats(0, 1000),
    share=st.floats(0, 1),
)
def test_time_under_way_is_no_difference(ahead: int, under_way: float, share: float) -> None:
    date = formatdate(_NOW - ahead, usegmt=True)
    sent = _NOW - share * under_way
    found = seconds_ahead(date, "", sent=sent, came=sent + under_way)
    assert abs(found) <= abs(ahead)
    assert found == 0 or (found > 0) == (ahead > 0)
    if abs(ahead) > 300 + under_way + 1:
        assert found == pytest.approx(ahead, abs=under_way + 1.001)
    if abs(ahead) < 300:
        assert found == 0
