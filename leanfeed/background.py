"""A plugin at work in a thread of its own, so that one that hangs ends nothing but itself."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextvars import copy_context
from time import monotonic
from typing import Generic, TypeVar

from attrs import define, field, frozen

from leanfeed.errors import ContractError, UnavailableError
from leanfeed.events import Event, listening
from leanfeed.stopping import Stop, stoppable

__all__ = ["Inbox", "in_background", "within"]

Item = TypeVar("Item")

#: Items that wait to be handed over, at most, and what they weigh together before the last of them;
#: as many may have been, and wait for who takes them.
_AHEAD, _HEAVY = 64, 20_000
#: Seconds between looks at whether the run is over.
_LOOK_EVERY = 0.1
#: Seconds that a plugin has to clean up when nobody waits for it any more.
_GRACE = 3.5


@frozen
class _Raised:
    """How a plugin ended; None: well."""

    error: BaseException | None


class Inbox(Generic[Item]):
    """What a plugin has made and nobody has taken yet: one puts, one takes.

    Everything that waits is handed over together, because each handing over wakes a thread.

    Args:
        weigh: how much of the memory an item takes, in bars or whatever it is made of.
    """

    def __init__(self, weigh: Callable[[Item], int] = lambda item: 0) -> None:
        self._weigh = weigh
        self._weight = 0
        self._made: deque[Item | _Raised] = deque()
        self._handed_over: deque[Item | _Raised] = deque()
        self._changed = threading.Condition()

    @property
    def is_empty(self) -> bool:
        """Whether who takes the next item has to wait for it."""
        return not (self._handed_over or self._made)

    def put(self, item: Item | _Raised, *, timeout: float) -> bool:
        """Add one item; False when there was no room for it for so many seconds."""
        with self._changed:
            if not self._changed.wait_for(self._has_room, timeout):
                return False
            self._made.append(item)
            self._weight += 0 if isinstance(item, _Raised) else self._weigh(item)
            self._changed.notify()
            return True

    def take(self, *, timeout: float) -> Item | _Raised:
        """The next item.

        Raises:
            TimeoutError: none came for so many seconds.
        """
        if not self._handed_over:
            with self._changed:
                if not self._changed.wait_for(lambda: self._made, timeout):
                    raise TimeoutError
                self._made, self._handed_over = self._handed_over, self._made
                self._weight = 0
                self._changed.notify()
        return self._handed_over.popleft()

    def _has_room(self) -> bool:
        return len(self._made) < _AHEAD and self._weight < _HEAVY


@define(eq=False)
class _Worker(Generic[Item]):
    """The thread's side."""

    make: Callable[[], Iterable[Item]]
    inbox: Inbox[Item]
    stop: Stop = field(factory=Stop)
    #: The last sign of life, on the monotonic clock.
    alive_at: float = field(factory=monotonic)

    def run(self) -> None:
        ended = _Raised(None)
        try:
            with stoppable(self.stop), listening(self._hear):
                for item in self.make():
                    if not self._put(item):
                        break
        except BaseException as error:  # it is raised where somebody can handle it
            ended = _Raised(error)
        self._put(ended)

    def _hear(self, _event: Event) -> None:
        self.alive_at = monotonic()

    def _put(self, item: Item | _Raised) -> bool:
        """Hand over one item; False when nobody waits for it any more."""
        while not self.stop.is_set:
            if self.inbox.put(item, timeout=_LOOK_EVERY):
                self.alive_at = monotonic()
                return True
        return False


def in_background(
    make: Callable[[], Iterable[Item]],
    *,
    silence_limit: float,
    is_over: Callable[[], bool] = lambda: False,
    inbox: Inbox[Item] | None = None,
) -> Iterator[Item]:
    """Yield what ``make()`` yields, made in a thread with the caller's context, a little ahead.

    It goes through `inbox`, which tells whether anything is ready. Ends early when `is_over` says
    so. Whoever closes it, or is interrupted, stops the thread as :func:`leanfeed.on_stop` says, and
    leaves it behind when it has not ended four seconds later.

    Raises:
        UnavailableError: it neither yielded nor announced anything for `silence_limit` seconds.
        Exception: whatever ``make()`` raised.
    """
    worker = _Worker(make, Inbox() if inbox is None else inbox)
    thread = threading.Thread(
        target=copy_context().run, args=(worker.run,), name="leanfeed-source", daemon=True
    )
    thread.start()
    try:
        while not is_over():
            try:
                item = worker.inbox.take(timeout=_LOOK_EVERY)
            except TimeoutError:
                if monotonic() - worker.alive_at > silence_limit:
                    raise UnavailableError(
                        f"Nothing was heard of it for {silence_limit:g} s. If that is usual, raise "
                        "silence_limit."
                    ) from None
                continue
            if isinstance(item, _Raised):
                if item.error is not None:
                    raise _harmless(item.error)
                return
            if is_over():
                return
            yield item
    finally:
        worker.stop()
        thread.join(_GRACE)


def within(seconds: float, ask: Callable[[], Item]) -> Item:
    """What `ask` returns, unless that takes too long.

    Raises:
        UnavailableError: it took longer.
        Exception: whatever it raised.
    """
    answers = in_background(lambda: iter((ask(),)), silence_limit=seconds)
    (answer,) = answers
    return answer


def _harmless(error: BaseException) -> Exception | SystemExit:
    """An interrupt that a plugin raised in its own thread is not the user's Ctrl-C."""
    if isinstance(error, Exception | SystemExit):
        return error
    return ContractError(f"It raised {type(error).__name__}.")
