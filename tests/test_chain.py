"""The chain asks in order, distrusts everyone and never raises a source's error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from attrs import evolve

from leanfeed import (
    Bars,
    ContractError,
    Delivery,
    Gap,
    QuoteBars,
    RateLimitedError,
    Series,
    SourceError,
    UnavailableError,
    WriteError,
)
from leanfeed.chain import NamedSource, SourceChain
from leanfeed.contract import checked
from leanfeed.events import Event, SourceFailed, SourceFinished, SourceStarted, listening
from tests import build

WEEK = build.sessions("2024-01-02", "2024-01-05")
MINUTE = build.series()
GAP = Gap(MINUTE, WEEK)


def chain(**sources: build.MemorySource) -> SourceChain:
    return SourceChain([NamedSource(name, source) for name, source in sources.items()])


def test_only_what_is_still_missing_goes_to_the_next_source() -> None:
    first = build.MemorySource(lacks=frozenset({"2024-01-03"}), empty=frozenset({"2024-01-04"}))
    second = build.MemorySource()
    given = {str(d.session): d.source for d in chain(first=first, second=second).fetch([GAP])}
    assert second.asked_sessions == ["2024-01-03"]
    assert given.pop("2024-01-03") == "second"
    assert set(given.values()) == {"first"}
    assert len(given) == 3


@pytest.mark.parametrize("error", [UnavailableError("down"), RuntimeError("bug"), KeyError("x")])
def test_failure_keeps_what_came_before_and_goes_on(error: Exception) -> None:
    first, second = build.MemorySource(fails_after=2, error=error), build.MemorySource()
    tried = chain(first=first, second=second)
    assert [d.source for d in tried.fetch([GAP])] == ["first"] * 2 + ["second"] * 2
    assert [f.source for f in tried.failures] == ["first"]


def test_two_sources_of_one_name_are_two() -> None:
    first, second = build.MemorySource(fails_after=0), build.MemorySource()
    tried = SourceChain([NamedSource("same", first), NamedSource("same", second)])
    assert len(list(tried.fetch([GAP]))) == len(WEEK)


def test_failure_of_the_last_source_is_the_reason() -> None:
    tried = chain(only=build.MemorySource(fails_after=1, error=RateLimitedError("budget spent")))
    assert len(list(tried.fetch([GAP]))) == 1
    assert tried.reasons[MINUTE, WEEK[3]] == "only: the rate limit or the time limit is spent"
    assert tried.failures[0].error == "RateLimitedError"


def test_reason_when_nobody_has_it_and_when_nobody_supports_it() -> None:
    tried = chain(
        only=build.MemorySource(lacks=frozenset({"2024-01-05"}), only=frozenset({"minute"}))
    )
    daily = Gap(build.series(resolution="daily"), WEEK)
    assert len(list(tried.fetch([GAP, daily]))) == 3
    assert "no answer" in tried.reasons[MINUTE, WEEK[3]]
    assert (daily.series, WEEK[0]) not in tried.reasons


def test_source_that_supports_nothing_is_not_asked() -> None:
    bystander = build.MemorySource(only=frozenset())
    assert len(list(chain(bystander=bystander, other=build.MemorySource()).fetch([GAP]))) == 4
    assert bystander.asked == []


def test_error_of_another_kind_is_not_hidden() -> None:
    with pytest.raises(WriteError):
        list(chain(only=build.MemorySource(fails_after=0, error=WriteError("full"))).fetch([GAP]))


def test_fallback_is_announced_with_its_reason() -> None:
    heard: list[Event] = []
    first = build.MemorySource(fails_after=2, error=UnavailableError("down"))
    with listening(heard.append):
        list(chain(first=first, second=build.MemorySource()).fetch([GAP]))
    assert [event for event in heard if not isinstance(event, SourceFinished)] == [
        SourceStarted("first", 4),
        SourceFailed("first", "UnavailableError", "down"),
        SourceStarted("second", 2, "first: down"),
    ]
    finished = [event.sessions for event in heard if isinstance(event, SourceFinished)]
    assert finished == [2, 2]


GOOD = Delivery(MINUTE, WEEK[1], build.bars(WEEK[1]))


def with_bars(change: Callable[[Bars], Bars]) -> Delivery:
    return evolve(GOOD, bars=change(build.bars(WEEK[1])))


def moved(milliseconds: int) -> Delivery:
    return with_bars(lambda b: evolve(b, time=b.time + milliseconds))


BROKEN = {
    "not asked": Delivery(build.series("AAPL"), WEEK[1], build.bars(WEEK[1])),
    "of another day": evolve(GOOD, session=build.sessions("2024-02-01", "2024-02-01")[0]),
    "wrong day's bars": evolve(GOOD, bars=build.bars(WEEK[2])),
    "off the grid": moved(1),
    "before pre-market": moved(-6 * 3_600_000),
    "after post-market": moved(11 * 3_600_000),
    "descending": with_bars(lambda b: b.rows(slice(None, None, -1))),
    "twice the same minute": with_bars(lambda b: b.rows(np.array([0, 0, 1]))),
    "not a number": with_bars(lambda b: evolve(b, close=b.close * np.nan)),
    "infinite volume": with_bars(lambda b: evolve(b, volume=b.volume * np.inf)),
    "high below the close": with_bars(lambda b: evolve(b, high=b.low)),
    "low above the open": with_bars(lambda b: evolve(b, low=b.high)),
    "negative volume": with_bars(lambda b: evolve(b, volume=-b.volume)),
    "price of zero": with_bars(lambda b: evolve(b, open=b.open * 0, low=b.low * 0)),
    "columns of two lengths": with_bars(lambda b: evolve(b, volume=b.volume[1:])),
    "quotes for trades": evolve(GOOD, bars=QuoteBars.empty()),
    "no delivery at all": "bars",
}


@pytest.mark.parametrize("delivery", BROKEN.values(), ids=BROKEN.keys())
def test_answer_that_breaks_the_contract_is_not_passed_on(delivery: Delivery) -> None:
    passed = []
    with pytest.raises(ContractError) as caught:
        passed += checked(iter([delivery]), [GAP])
    assert passed == []
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "deliveries",
    [[GOOD, GOOD], [GOOD, Delivery(MINUTE, WEEK[0], build.bars(WEEK[0]))]],
    ids=["twice", "backwards"],
)
def test_order_and_repetition_are_checked(deliveries: list[Delivery]) -> None:
    answers = checked(iter(deliveries), [GAP])
    assert next(answers) == GOOD
    with pytest.raises(ContractError):
        next(answers)


@pytest.mark.parametrize("resolution", ["second", "minute", "hour", "daily"])
def test_good_answers_pass(resolution: str) -> None:
    line = build.series(resolution=resolution)
    answers = [Delivery(line, session, build.bars(session, resolution)) for session in WEEK]
    answers[2] = evolve(answers[2], bars=Bars.empty())
    assert list(checked(iter(answers), [Gap(line, WEEK)])) == answers


def test_daily_bar_stamped_otherwise_is_refused() -> None:
    line = build.series(resolution="daily")
    noon = evolve(build.bars(WEEK[0], "daily"), time=[WEEK[0].day[0] + 43_200_000])
    with pytest.raises(ContractError, match="outside the session"):
        list(checked(iter([Delivery(line, WEEK[0], noon)]), [Gap(line, WEEK)]))


def test_source_that_breaks_the_contract_is_named_and_left() -> None:
    class Liar(build.MemorySource):
        def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
            yield GOOD
            yield moved(1)

    tried = SourceChain([NamedSource("liar", Liar()), NamedSource("next", build.MemorySource())])
    assert [d.source for d in tried.fetch([GAP])] == ["liar", "next", "next", "next"]
    assert tried.failures[0].error == "ContractError"


def test_source_whose_supports_fails_is_named_and_left() -> None:
    class Broken(build.MemorySource):
        def supports(self, series: Series) -> bool:
            raise SourceError("no")

    tried = SourceChain(
        [NamedSource("broken", Broken()), NamedSource("next", build.MemorySource())]
    )
    assert len(list(tried.fetch([GAP]))) == 4
    assert [f.source for f in tried.failures] == ["broken"]
