"""Rules for what a source answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, strategies as st

from leanfeed.contract import Asked, Breach, problems
from leanfeed.testing.checking import property_settings
from leanfeed.testing.source_questions import SourceQuestions, answer, content
from leanfeed.testing.watching import acts_of, watched
from leanfeed.values import Gap, Series, Session

__all__ = ["SourceAnswers"]


class SourceAnswers(SourceQuestions):
    """Rules S1 to S22. What a valid answer is says :mod:`leanfeed.contract`, as in every run."""

    def test_s1_making_it_does_no_io(self) -> None:
        """S1. Making a source opens no file and no connection, and starts no process."""
        with watched() as acts:
            source = self.source()
        own = acts_of(acts, type(source))
        assert not own, f"Making it touched the outside: {own[0]}. Do that in fetch()."

    def test_s2_supports_says_yes_or_no(self) -> None:
        """S2. `supports` returns True or False, and True for each series that is fetched."""
        source = self.source()
        for gap in self.gaps():
            said: object = source.supports(gap.series)
            assert isinstance(said, bool), f"supports() returned {said!r}, not True or False."
            assert said, f"supports() said no for {gap.series}, which gaps() asks for."

    def test_s3_supports_does_no_io(self) -> None:
        """S3. `supports` opens no file and no connection, and starts no process."""
        source = self.source()
        for gap in self.gaps():
            with watched() as acts:
                source.supports(gap.series)
            assert not acts, f"supports() touched the outside: {acts[0]}. Do that in fetch()."

    def test_s4_yields_deliveries(self) -> None:
        """S4. What `fetch` yields are deliveries; their request ids are plain text."""
        self._no_breach(Breach.NO_DELIVERY)

    def test_s5_answers_for_what_it_has(self) -> None:
        """S5. It answers for every session that it has, and raises nothing."""
        gaps, said = self.gaps(), self.whole()
        assert any(gap.sessions for gap in gaps), "gaps() asks for no session: ask for some."
        if said.error is not None:
            raise AssertionError(f"fetch() raised {said.error!r}.") from said.error
        found = content(said.items, gaps)
        lacking = [
            f"{g.series} {s}" for g in gaps for s in g.sessions if (g.series, s) not in found
        ]
        assert not lacking, f"It did not deliver {', '.join(lacking)}."

    def test_s6_only_what_was_asked(self) -> None:
        """S6. It delivers no session that was not asked for, also where they are single ones."""
        for gaps in _with_holes(self.gaps()):
            self._no_breach(Breach.NOT_ASKED, gaps)

    def test_s7_each_session_once(self) -> None:
        """S7. It delivers no session twice."""
        self._no_breach(Breach.TWICE)

    def test_s8_oldest_first(self) -> None:
        """S8. It delivers the sessions of a series oldest first."""
        self._no_breach(Breach.ORDER)

    def test_s9_sessions_are_whole(self) -> None:
        """S9. It delivers a session whole, to the last bar that the provider has of it."""
        for delivery in self.whole().deliveries:
            if not any(problems(delivery)):
                truth = self.bars(delivery.series, delivery.session)
                assert delivery.bars == truth, (
                    f"{delivery.series} {delivery.session}: it delivered {delivery.bars!r}, and "
                    f"bars() says {truth!r}."
                )

    def test_s10_columns_fit(self) -> None:
        """S10. Bars are `Bars`, `QuoteBars` or `ChainBars`, as asked; columns fit together."""
        self._no_fault(Breach.COLUMNS)

    def test_s11_bars_on_the_grid(self) -> None:
        """S11. Bars ascend, none twice, and start on the grid of the resolution."""
        self._no_fault(Breach.GRID)

    def test_s12_bars_in_the_session(self) -> None:
        """S12. Bars start inside the session; a daily bar starts at its midnight."""
        self._no_fault(Breach.HOURS)

    def test_s13_numbers_are_finite(self) -> None:
        """S13. Prices are finite, none too large or too fine for LEAN, for equities positive."""
        self._no_fault(Breach.NUMBERS)

    def test_s14_low_and_high_enclose(self) -> None:
        """S14. No price of a bar is below its low or above its high."""
        self._no_fault(Breach.RANGE)

    def test_s15_volume_is_not_negative(self) -> None:
        """S15. Volume is zero or more, and finite."""
        self._no_fault(Breach.VOLUME)

    def test_s16_no_trading_is_affirmed(self) -> None:
        """S16. Where the provider affirms that there was no trading, it delivers no bars."""
        gaps = self.gaps_without_trades()
        said = answer(self.source(), gaps)
        found = content(said.items, gaps)
        for gap in gaps:
            for session in gap.sessions:
                bars = found.get((gap.series, session))
                assert bars is not None, f"{gap.series} {session} was not delivered."
                assert not len(bars), f"{gap.series} {session} had no trading, and got {bars!r}."

    def test_s17_what_it_does_not_know_is_left_out(self) -> None:
        """S17. Of what the provider does not know it delivers nothing, not even no bars."""
        gaps = self.unknown_gaps()
        found = content(answer(self.source(), gaps).items, gaps)
        assert not found, f"Nobody knows {next(iter(found))}, and it was delivered."

    def test_s18_failure_raises(self) -> None:
        """S18. A provider that fails is a `SourceError`, never a session without trades."""
        for source in self.failing_sources():
            self.must_raise(source, what="The provider failed")

    def test_s19_malformed_answer_raises(self) -> None:
        """S19. A malformed answer is a `SourceError`, and no part of it is delivered."""
        for source in self.malformed_sources():
            self.must_raise(source, what="The answer was malformed")

    def test_s20_malformed_later_page_raises(self) -> None:
        """S20. So is one that is malformed on a later page; sessions before it may stand."""
        for source in self.malformed_later_sources():
            self.must_raise(source, what="A later page was malformed")

    def test_s21_part_is_as_the_whole(self) -> None:
        """S21. Each session has the same bars, whatever else is asked for in the same call."""
        gaps = list(self.gaps())
        pairs = [(gap.series, session) for gap in gaps for session in gap.sessions]
        whole = content(self.whole().items, gaps)

        @property_settings(self.examples)
        @given(order=st.permutations(gaps), chosen=st.sets(st.sampled_from(pairs), min_size=1))
        def check(order: list[Gap], chosen: set[tuple[Series, Session]]) -> None:
            parts = [
                Gap(g.series, tuple(s for s in g.sessions if (g.series, s) in chosen))
                for g in order
            ]
            asked = [part for part in parts if part.sessions]
            said = answer(self.source(), asked)
            assert said.error is None, f"It raised {said.error!r} when asked for {asked}."
            found = content(said.items, asked)
            for key in chosen:
                assert found.get(key) == whole.get(key), (
                    f"Asked for {', '.join(map(str, asked))}, it delivered other bars of "
                    f"{key} than asked for all."
                )

        check()

    def test_s22_asked_for_nothing(self) -> None:
        """S22. Asked for nothing it delivers nothing, and raises nothing."""
        said = answer(self.source(), [])
        assert said.error is None, f"It raised {said.error!r}."
        assert not said.items, f"It delivered {said.items[0]!r}."

    def _no_breach(self, breach: Breach, gaps: Sequence[Gap] | None = None) -> None:
        """The deliveries as such keep to the contract."""
        gaps = self.gaps() if gaps is None else gaps
        asked = Asked(gaps)
        for item in answer(self.source(), gaps).items:
            problem = asked.problem_with(item)
            if problem and problem[0] is breach:
                pytest.fail(problem[1])

    def _no_fault(self, breach: Breach) -> None:
        """The bars of each delivery keep to the contract."""
        for delivery in self.whole().deliveries:
            for found, words in problems(delivery):
                if found is breach:
                    pytest.fail(f"{delivery.series} {delivery.session}: {words}.")


def _with_holes(gaps: Sequence[Gap]) -> Iterator[list[Gap]]:
    for step, first in ((1, 0), (2, 0), (2, 1), (10**6, 0)):
        parts = [Gap(gap.series, gap.sessions[first::step]) for gap in gaps]
        yield [part for part in parts if part.sessions]
