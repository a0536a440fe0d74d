"""Where one source fetches whole days of a market, the cheaper one of two goes first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from attrs import define
from hypothesis import given, strategies as st

import leanfeed
from leanfeed import Estimate, Gap, Plan, UnavailableError
from leanfeed.chain import NamedSource, SourceChain
from leanfeed.choices import choices
from leanfeed.events import SourceStarted, listening
from leanfeed.values import Choice
from tests import build

WEEK = build.sessions("2024-01-02", "2024-01-05")
FIRST, *OTHERS = WEEK
#: Of one symbol all days, of many symbols the first day only.
MIXED = [
    Gap(build.series("SPY"), WEEK),
    *(Gap(build.series(f"A{n}"), (FIRST,)) for n in range(99)),
]


@define
class ByRange(build.MemorySource):
    """Costs as much as there are sessions."""

    seconds: float = 0.0

    def estimate(self, gaps: Sequence[Gap]) -> Estimate:
        count = sum(len(gap.sessions) for gap in gaps)
        return Estimate(count, self.seconds * count, 20_000 * count)


@define
class ByDay(build.MemorySource):
    """Costs as much as there are days."""

    is_bulk: bool = True

    def estimate(self, gaps: Sequence[Gap]) -> Estimate:
        days = len({session for gap in gaps for session in gap.sessions})
        return Estimate(days, 0.0, 25_000_000 * days)


def named(**sources: build.MemorySource) -> list[NamedSource]:
    return [NamedSource(name, source) for name, source in sources.items()]


def ask(one: NamedSource, gaps: Sequence[Gap]) -> Estimate | None:
    estimate: Callable[[Sequence[Gap]], Estimate] | None = getattr(one.source, "estimate", None)
    return estimate(gaps) if estimate else None


def chosen(sources: Sequence[NamedSource], gaps: Sequence[Gap]) -> list[Choice]:
    return list(choices(sources, gaps, ask))


def chain(gaps: Sequence[Gap], **sources: build.MemorySource) -> SourceChain:
    ready = named(**sources)
    return SourceChain(ready, choices=chosen(ready, gaps))


@pytest.mark.parametrize("names", [("rest", "files"), ("files", "rest")])
def test_each_day_goes_where_it_is_cheaper(names: tuple[str, str]) -> None:
    sources = {"rest": ByRange(), "files": ByDay()}
    tried = chain(MIXED, **{name: sources[name] for name in names})
    delivered = [(d.source, d.session) for d in tried.fetch(MIXED)]
    assert {source for source, session in delivered if session is FIRST} == {"files"}
    assert {source for source, session in delivered if session is not FIRST} == {"rest"}
    assert len(delivered) == 99 + len(WEEK)


def test_choice_says_what_both_cost() -> None:
    files, rest = chosen(named(rest=ByRange(), files=ByDay()), MIXED)
    assert (files.source, files.rather_than, files.dates) == ("files", "rest", (FIRST.date,))
    assert (files.cost.requests, files.other_cost.requests) == (1, 100)
    assert (files.cost.bytes, files.other_cost.bytes) == (25_000_000, 2_000_000)
    assert (rest.source, rest.rather_than) == ("rest", "files")
    assert rest.dates == tuple(session.date for session in OTHERS)
    assert (rest.cost.requests, rest.other_cost.requests) == (3, 3)


def test_slow_rate_limit_counts() -> None:
    one = [Gap(build.series("SPY"), (FIRST,))]
    assert [c.source for c in chosen(named(rest=ByRange(), files=ByDay()), one)] == ["rest"]
    slow = ByRange(seconds=12.0)
    assert [c.source for c in chosen(named(rest=slow, files=ByDay()), one)] == ["files"]


def test_what_the_cheaper_one_lacks_is_asked_of_the_other() -> None:
    files, rest = ByDay(lacks=frozenset({str(FIRST)})), ByRange()
    tried = chain(MIXED, rest=rest, files=files)
    assert {d.source for d in tried.fetch(MIXED)} == {"rest"}
    assert files.asked_sessions.count(str(FIRST)) == 100


def test_one_that_failed_is_not_asked_again() -> None:
    files, rest = ByDay(error=UnavailableError("down"), fails_after=3), ByRange()
    rest.lacks = frozenset({str(OTHERS[0])})
    tried = chain(MIXED, rest=rest, files=files)
    assert len(list(tried.fetch(MIXED))) == 99 + len(WEEK) - 1
    assert [failure.source for failure in tried.failures] == ["files"]
    assert set(files.asked_sessions) == {str(FIRST)}
    assert "files" in tried.reasons[MIXED[0].series, OTHERS[0]]


def test_first_turn_is_no_fallback() -> None:
    heard: list[tuple[str, str]] = []

    def hear(event: object) -> None:
        if isinstance(event, SourceStarted):
            heard.append((event.source, event.reason))

    with listening(hear):
        assert list(chain(MIXED, rest=ByRange(), files=ByDay()).fetch(MIXED))
    assert heard == [("files", ""), ("rest", "")]


def test_order_stays_where_nobody_can_tell_or_nothing_is_bulk() -> None:
    assert not chosen(named(rest=build.MemorySource(), files=ByDay()), MIXED)
    assert not chosen(named(rest=ByRange(), other=ByRange()), MIXED)
    assert not chosen(named(files=ByDay()), MIXED)


def test_source_between_them_keeps_its_place() -> None:
    sources = {"rest": ByRange(lacks=frozenset({str(FIRST)})), "third": build.MemorySource()}
    tried = chain(MIXED, **sources, files=ByDay(lacks=frozenset({str(FIRST)})))
    delivered = [(d.source, d.session) for d in tried.fetch(MIXED)]
    assert {source for source, session in delivered if session is FIRST} == {"third"}


@given(
    order=st.permutations(["rest", "files", "third"]),
    lacks=st.tuples(*[st.sets(st.sampled_from([str(s) for s in WEEK]))] * 3),
    wanted=st.lists(st.sets(st.sampled_from(WEEK), min_size=1), min_size=1, max_size=40),
)
def test_nobody_is_asked_twice_and_whatever_anybody_has_is_delivered(
    order: list[str], lacks: tuple[set[str], ...], wanted: list[set[leanfeed.Session]]
) -> None:
    gaps = [
        Gap(build.series(f"A{n}"), tuple(sorted(sessions, key=lambda s: s.date)))
        for n, sessions in enumerate(wanted)
    ]
    made = {"rest": ByRange(), "files": ByDay(), "third": build.MemorySource()}
    for source, without in zip(made.values(), lacks, strict=True):
        source.lacks = frozenset(without)
    delivered = [
        (d.series, d.session) for d in chain(gaps, **{n: made[n] for n in order}).fetch(gaps)
    ]
    nowhere = frozenset.intersection(*(source.lacks for source in made.values()))
    everything = [(gap.series, session) for gap in gaps for session in gap.sessions]
    assert len(set(delivered)) == len(delivered)
    assert set(delivered) == {pair for pair in everything if str(pair[1]) not in nowhere}
    for source in made.values():
        pairs = [(gap.series, session) for gap in source.asked for session in gap.sessions]
        assert len(set(pairs)) == len(pairs)


def test_plan_says_why_and_keeps_it(tmp_path: Path) -> None:
    symbols = [f"A{n}" for n in range(40)]
    planned = leanfeed.plan(
        symbols,
        resolution="minute",
        start="2024-01-02",
        end="2024-01-03",
        data_folder=tmp_path,
        sources=[ByRange(), ByDay()],
    )
    assert (
        "  ByDay first for 2 days of minute bars (2024-01-02 … 2024-01-03): 2 requests, about "
        "50.0 MB to be fetched, rather than 80 requests, about 1.6 MB to be fetched with ByRange"
    ) in str(planned)
    assert Plan.from_json(planned.to_json()) == planned


def test_run_keeps_to_the_choice(tmp_path: Path) -> None:
    rest, files = ByRange(), ByDay()
    report = leanfeed.ensure(
        [f"A{n}" for n in range(40)],
        resolution="minute",
        start="2024-01-02",
        end="2024-01-02",
        data_folder=tmp_path,
        sources=[rest, files],
    )
    assert report.complete
    assert not rest.asked
    assert len(files.asked) == 40
