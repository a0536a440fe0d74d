"""One question at a time: its turn, the tries, the pauses between them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from math import inf
from threading import BoundedSemaphore, Event, Lock
from time import monotonic
from typing import TypeVar

from attrs import define, field
from urllib3 import Retry

from leanfeed.errors import RateLimitedError, SourceError, UnavailableError
from leanfeed.events import ClockDiffers, Waiting, announce
from leanfeed_polygon.budget import FREE, Budget, Start
from leanfeed_polygon.line import Line, Reply
from leanfeed_polygon.refusals import Quote, UnreachableError, quoting, refusal
from leanfeed_polygon.retries import Refusals, spend, wait_before
from leanfeed_polygon.settings import MAX_IN_FLIGHT
from leanfeed_polygon.wires import StoppedError

__all__ = ["Client"]

T = TypeVar("T")

#: A question is not asked again after so many seconds of tries and pauses; waits for the budget do
#: not count.
_PATIENCE = 75.0
#: Waits shorter than this, in seconds, are not worth a word.
_LONG_WAIT = 1.0


@cache
def _in_flight(_process: int) -> BoundedSemaphore:
    """The only state of the module: all runs in the threads of a process share five places.

    A process that was forked has its own: nobody would free the places that were taken before.
    """
    return BoundedSemaphore(MAX_IN_FLIGHT)


@define(eq=False)
class Client:
    """Asks one host, from any number of threads, at most five at a time in the process.

    The key travels in the `Authorization` header and nowhere else.
    """

    base_url: str
    api_key: str = field(repr=False)
    #: The source's name in what is announced.
    name: str
    #: Shared with everybody who asks with the same key.
    budget: Budget
    #: Seconds that one try may take, from the look-up of the name to the end of the body.
    deadline: float
    #: Tries of one request after the first.
    retries: int
    #: Seconds before the second retry; it doubles with each further one.
    pause: float
    #: Seconds that all requests together may take; 0: no limit.
    time_limit: float = 0.0
    #: See :class:`~leanfeed_polygon.line.Line`.
    ca_file: str = ""
    proxy: str = ""
    #: Makes the provider's text fit for a message.
    quote: Quote = field(init=False, repr=False)
    _line: Line = field(init=False, repr=False)
    _stop: Event = field(factory=Event, init=False, repr=False)
    _started: float = field(factory=monotonic, init=False, repr=False)
    #: Counts answers whose rate was not refused.
    _welcomed: int = field(default=0, init=False, repr=False)
    #: When the newest of them came; one more than the free plan allows in its window.
    _welcomes: deque[float] = field(init=False, repr=False)
    #: When the wait ends that was told last, by what it is for.
    _told: dict[str, float] = field(factory=dict, init=False, repr=False)
    _told_lock: Lock = field(factory=Lock, init=False, repr=False)
    #: Taken for good by who tells that the clocks differ.
    _clock_word: Lock = field(factory=Lock, init=False, repr=False)

    @_welcomes.default
    def _make_welcomes(self) -> deque[float]:
        return deque(maxlen=FREE.requests + 1)

    @quote.default
    def _make_quote(self) -> Quote:
        return quoting(self.api_key)

    @_line.default
    def _make_line(self) -> Line:
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Authorization": f"Bearer {self.api_key}",
            "User-Agent": "leanfeed",
        }
        return Line(
            self.base_url,
            self.name,
            self.quote,
            headers,
            size=MAX_IN_FLIGHT,
            ca_file=self.ca_file,
            proxy=self.proxy,
        )

    def get(self, target: str, read: Callable[[bytes], T]) -> T:
        """What `read` makes of the body at `target`, a path with its query.

        A refused rate, a failing server, a lost connection, a body that is cut short and an
        :class:`UnavailableError` from `read` are tried again, after growing waits. A refused rate
        makes everybody wait who shares the budget; when it is refused again, and what was welcome
        so far fits the free plan of Polygon, the budget learns that plan's pace.

        Raises:
            RateLimitedError: the provider still refuses the rate, or the time limit is spent.
            UnreachableError: the way to the provider is closed; tried once.
            UnavailableError: there is still no whole answer after all tries.
            StoppedError: :meth:`stop` was called.
            SourceError: the provider refuses; tried once.
        """
        retry = Retry(total=self.retries, backoff_factor=self.pause, backoff_jitter=self.pause)
        refusals = Refusals()
        spent = 0.0
        while True:
            retry_after = ""
            start = self._await_turn()
            started = monotonic()
            try:
                reply = self._exchange(target, start, is_retry=bool(retry.history))
                if reply.status != 429:
                    self._welcomed += 1
                    self._welcomes.append(monotonic())
                if reply.status == 200:
                    answer = read(reply.body)
                    self._tell_clock(reply.seconds_ahead)
                    return answer
                retry_after = reply.retry_after
                raise refusal(
                    reply.status, reply.body, request_id=reply.request_id, quote=self.quote
                )
            except UnreachableError:
                raise
            except (UnavailableError, RateLimitedError) as error:
                self._check_stop()
                retry = spend(retry, error)
                wait = wait_before(retry, retry_after)
                spent += monotonic() - started + wait
                if spent > _PATIENCE:
                    raise
                if isinstance(error, UnavailableError):
                    self._sleep(wait, f"another try ({len(retry.history)} of {self.retries})")
                    continue
                if refusals.have_taught:
                    raise  # at the pace of the free plan: so the pace is not what is wrong
                if refusals.are_telling(self._welcomed) and self._looks_free:
                    self.budget.learn(FREE)
                    refusals.have_taught = True
                self.budget.pause(max(wait, self.pause))

    def stop(self) -> None:
        """End what is under way, from any thread and at once: every :meth:`get` fails."""
        self._stop.set()
        self._line.cut()

    def close(self) -> None:
        """Stop, and give back what is held."""
        self.stop()
        self._line.close()
        self.budget.close()

    @contextmanager
    def _slot(self) -> Iterator[None]:
        places = _in_flight(os.getpid())
        while not places.acquire(timeout=0.1):
            self._check_stop()
        try:
            yield
        finally:
            places.release()

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise StoppedError from None

    @property
    def _looks_free(self) -> bool:
        """Some requests were welcome in the last minute, but no more than the free plan allows."""
        since = monotonic() - FREE.seconds
        return 0 < sum(at > since for at in list(self._welcomes)) <= FREE.requests

    @property
    def _time_left(self) -> float:
        if not self.time_limit:
            return inf
        return self.time_limit - (monotonic() - self._started)

    def _sleep(self, seconds: float, awaited: str) -> None:
        """Wait for something; ends at once when :meth:`stop` is called.

        Raises:
            RateLimitedError: the time limit does not allow the wait.
        """
        if seconds >= self._time_left:
            raise RateLimitedError(
                f"The time limit of {self.time_limit:g} s is spent. Run again to go on, or raise "
                "time_limit."
            )
        if seconds >= _LONG_WAIT and self._is_news(monotonic() + seconds, awaited):
            announce(Waiting(self.name, seconds, awaited))
        self._stop.wait(seconds)
        self._check_stop()

    def _is_news(self, end: float, awaited: str) -> bool:
        """Whether no other connection has told of the same wait."""
        with self._told_lock:
            told = self._told.get(awaited, 0.0)
            self._told[awaited] = end
        return abs(end - told) >= _LONG_WAIT

    def _await_turn(self) -> Start:
        """Wait until the budget allows another request."""
        awaited = "the free tier" if self.budget.rate == FREE else "its rate limit"
        while True:
            start = self.budget.reserve()
            try:
                self._sleep(start.wait, awaited)
            except SourceError:
                self.budget.release(start)
                raise
            if not start.wait or not self.budget.pause_left():
                return start
            self.budget.release(start)  # somebody was refused meanwhile: queue again

    def _exchange(self, target: str, start: Start, *, is_retry: bool) -> Reply:
        try:
            with self._slot():
                deadline = min(self.deadline, self._time_left)
                return self._line.exchange(target, deadline=deadline, is_retry=is_retry)
        except StoppedError:
            self.budget.release(start)  # nothing was sent
            raise

    def _tell_clock(self, seconds_ahead: float) -> None:
        if seconds_ahead and self._clock_word.acquire(blocking=False):
            announce(ClockDiffers(self.name, seconds_ahead))
