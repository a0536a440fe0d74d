"""Several fetches of one source at the same time, each in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence

from attrs import define, field

from leanfeed.interfaces import DataSource
from leanfeed.testing.source_questions import Answer
from leanfeed.values import Delivery, Gap

__all__ = ["in_turns", "together"]

#: Seconds that one may take for its turn before the others go on: it may wait for them.
_TURN = 2.0
#: Seconds until a fetch is given up.
_LONGEST = 60.0


@define
class _Fetch:
    source: DataSource
    gaps: Sequence[Gap]
    may_step: Callable[[], object]
    stepped: Callable[[], object]
    items: list[object] = field(factory=list)
    error: Exception | None = None
    is_over: bool = False

    def run(self) -> None:
        """Take one delivery after the other, each when it may."""
        try:
            self.may_step()
            for item in self._items():
                self.items.append(item)
                self.stepped()
                self.may_step()
        except Exception as error:  # a stranger's source may raise anything
            self.error = error
        finally:
            self.is_over = True
            self.stepped()

    def _items(self) -> Iterator[Delivery]:
        return iter(self.source.fetch(self.gaps))


def together(source: DataSource, asked: Sequence[Sequence[Gap]]) -> list[Answer]:
    """All begin at the same moment, and run freely."""
    barrier = threading.Barrier(len(asked))
    fetches = [_Fetch(source, gaps, _once(barrier.wait), lambda: None) for gaps in asked]
    return _answers(fetches, _started(fetches))


def in_turns(source: DataSource, asked: Sequence[Sequence[Gap]]) -> list[Answer]:
    """One takes a delivery, then the next one does, and so on."""
    turns = [threading.Semaphore(0) for _ in asked]
    done = [threading.Semaphore(0) for _ in asked]
    fetches = [
        _Fetch(source, gaps, turn.acquire, over.release)
        for gaps, turn, over in zip(asked, turns, done, strict=True)
    ]
    threads = _started(fetches)
    while not all(fetch.is_over for fetch in fetches):
        for fetch, turn, over in zip(fetches, turns, done, strict=True):
            if not fetch.is_over:
                turn.release()
                over.acquire(timeout=_TURN)
    return _answers(fetches, threads)


def _once(wait: Callable[[], object]) -> Callable[[], None]:
    first = iter((wait,))

    def call() -> None:
        for one in first:
            one()

    return call


def _started(fetches: Iterable[_Fetch]) -> list[threading.Thread]:
    threads = [threading.Thread(target=fetch.run, daemon=True) for fetch in fetches]
    for thread in threads:
        thread.start()
    return threads


def _answers(fetches: Iterable[_Fetch], threads: Iterable[threading.Thread]) -> list[Answer]:
    for thread in threads:
        thread.join(_LONGEST)
        assert not thread.is_alive(), f"A fetch beside others did not end in {_LONGEST:g} s."
    return [Answer(fetch.items, fetch.error) for fetch in fetches]
