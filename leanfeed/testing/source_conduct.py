"""Rules for how a source behaves: secrets, interruption, threads."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from time import monotonic

import pytest

from leanfeed.interfaces import DataSource
from leanfeed.stopping import Stop, stoppable
from leanfeed.testing.leaking import Ears, pickled, texts_of, texts_of_error
from leanfeed.testing.side_by_side import in_turns, together
from leanfeed.testing.source_questions import SourceQuestions, answer, content
from leanfeed.values import Gap

__all__ = ["SourceConduct"]


class SourceConduct(SourceQuestions):
    """Rules S23 to S26."""

    def test_s23_secrets_are_nowhere(self) -> None:
        """S23. No secret is in a repr, a message, a delivery, a log, an event or a pickle."""
        secrets = [secret for secret in self.secrets() if secret]
        assert secrets, "secrets() is empty: say with which secrets the sources were made."
        gaps = self.gaps()
        with Ears() as ears:
            source = self.source()
            said = answer(source, gaps)
            texts = {**texts_of(source, gaps), "a delivery": repr(said.items)}
            texts |= texts_of_error(said.error)
            for failing in (self.failing_sources, self.malformed_sources):
                with contextlib.suppress(pytest.skip.Exception):
                    for other in failing():
                        texts |= texts_of_error(answer(other, gaps).error)
        texts |= ears.texts
        pickle = pickled(source)
        for secret in secrets:
            where = [place for place, text in texts.items() if secret in text]
            assert not where, f"A secret is in {', '.join(where)}."
            assert secret.encode() not in pickle, "A secret is in the pickle of the source."

    def test_s24_abandoned_fetch_leaves_the_next_alone(self) -> None:
        """S24. A fetch that is abandoned, begun or not, changes nothing for the next one."""
        gaps = self.gaps()
        part = [Gap(gap.series, gap.sessions[-1:]) for gap in gaps]
        expected = answer(self.source(), part)
        source = self.source()
        for taken in (0, 1):
            left = iter(source.fetch(gaps))
            for _ in range(taken):
                next(left, None)
            close = getattr(left, "close", lambda: None)
            started = monotonic()
            close()
            took = monotonic() - started
            assert took < self.patience, f"Closing what fetch() returned took {took:.1f} s."
            said = answer(source, part)
            assert said == expected, "After a fetch that was abandoned, the next one differs."

    def test_s25_ends_when_the_run_is_stopped(self) -> None:
        """S25. A fetch that waits for its provider ends within seconds when the run is stopped."""
        for source in self.hanging_sources():
            self._stop_waiting(source)

    def test_s26_two_at_once(self) -> None:
        """S26. Fetches of one source in several threads do not disturb each other."""
        gaps = self.gaps()
        asked: list[Sequence[Gap]] = [gaps, list(reversed(gaps))]
        asked += [[Gap(gap.series, gap.sessions[first:][:1]) for gap in gaps] for first in (0, -1)]
        expected = [content(answer(self.source(), one).items, one) for one in asked]
        for way in (in_turns, together):
            source = self.source()
            for one, right, said in zip(asked, expected, way(source, asked), strict=True):
                assert said.error is None, f"Beside other fetches it raised {said.error!r}."
                assert content(said.items, one) == right, "Beside other fetches it differs."

    def _stop_waiting(self, source: DataSource) -> None:
        stop = Stop()
        said: list[object] = []

        def fetch() -> None:
            with stoppable(stop):
                said.extend(answer(source, self.gaps()).items)

        thread = threading.Thread(target=fetch, daemon=True)
        thread.start()
        thread.join(0.1)
        assert thread.is_alive(), "It did not wait: hanging_sources() has to yield one that does."
        stop()
        thread.join(self.patience)
        assert not thread.is_alive(), (
            f"It still waits {self.patience:g} s after the run was stopped: end the wait in a "
            "callback given to leanfeed.on_stop."
        )
        assert not said, "It delivered what its provider never answered."
