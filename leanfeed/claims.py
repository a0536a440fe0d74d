"""Which series a run is fetching, so that runs at the same time do not fetch the same twice.

A run that fetches holds, with a lock of the operating system, one file in ``.leanfeed/runs``; a
second file beside it says which series it has claimed. The system frees the lock when its holder
ends, however it ends, and a claim whose lock is free counts for nothing. On a file system whose
locks do not work, or lie, runs may fetch the same twice: that costs requests, never data.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

from attrs import define, frozen

from leanfeed import events
from leanfeed.ledger import FOLDER
from leanfeed.values import Series

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["Claim", "Claims", "clear_away", "generation"]

#: Seconds between announcements of one wait, and between two looks at whether it is over.
_ANNOUNCE_EVERY, _LOOK_EVERY = 10.0, 0.2
#: Seconds to wait for those who are just writing down their claims.
_MUTEX_LIMIT = 30.0


def generation(data_folder: Path) -> str:
    """A text that becomes another one whenever a run has begun or ended to fetch."""
    try:
        text = (_folder(data_folder) / "generation").read_text(encoding="ascii")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError):
        text = ""
    return text or _new_generation()  # just being written: like no other


@frozen
class Claim:
    """The series that nobody else fetches while the claim is held."""

    series: frozenset[Series]
    #: What :func:`generation` gave just before.
    generation: str = ""
    #: Who has held all of them for too long, for a message; empty when all is well.
    busy: str = ""


@define
class Claims:
    """The claims of one run on series of one data folder."""

    data_folder: Path
    #: Seconds to wait for others.
    limit: float

    @contextlib.contextmanager
    def claim(
        self, series: Iterable[Series], *, is_over: Callable[[], bool] = lambda: False
    ) -> Iterator[Claim]:
        """Hold those of the series that are free; when none is, wait until one becomes so.

        The claim is on nothing when `is_over` ended the wait, or when it lasted too long.
        """
        wanted = frozenset(series)
        with contextlib.ExitStack() as held:
            try:
                claim = self._wait(wanted, held, is_over)
            except (OSError, NotImplementedError) as error:
                import logging  # late: most runs log nothing

                logger = logging.getLogger("leanfeed")
                logger.info("Locks do not work in %s:", self.data_folder, exc_info=error)
                claim = Claim(wanted)
            yield claim

    def _wait(
        self, wanted: frozenset[Series], held: contextlib.ExitStack, is_over: Callable[[], bool]
    ) -> Claim:
        started = announced = monotonic()
        while True:
            before, taken = self._take(wanted, held)
            free = wanted - taken.keys()
            waited = monotonic() - started
            if free or is_over():
                return Claim(free, before)
            if waited >= self.limit:
                return Claim(frozenset(), before, next(iter(taken.values())))
            if announced == started or monotonic() - announced >= _ANNOUNCE_EVERY:
                announced = monotonic()
                events.announce(events.RunWaiting(tuple(sorted(wanted)), waited))
            sleep(_LOOK_EVERY)

    def _take(
        self, wanted: frozenset[Series], held: contextlib.ExitStack
    ) -> tuple[str, dict[Series, str]]:
        """Claim what is free; return the generation before that, and who has what is taken."""
        folder = _folder(self.data_folder)
        folder.mkdir(parents=True, exist_ok=True)
        with _mutex(folder):
            taken = _claimed(folder, wanted)
            before = generation(self.data_folder)  # those who ended have begun a new one
            if free := wanted - taken.keys():
                _hold(folder, free, held)
        return before, taken


def clear_away(data_folder: Path) -> None:
    """Remove a data folder in which nothing was stored, unless another run is working in it."""
    folder = _folder(data_folder)
    with contextlib.suppress(OSError, NotImplementedError), _mutex(folder) as mutex:
        own = {folder / "generation", Path(mutex.lock_file)}
        if {path for path in data_folder.rglob("*") if path.is_file()} != own:
            return
        for path in own:
            path.unlink()
        for empty in (*folder.parent.iterdir(), folder.parent, data_folder):
            empty.rmdir()


def _folder(data_folder: Path) -> Path:
    return data_folder / FOLDER / "runs"


def _mutex(folder: Path) -> BaseFileLock:
    return _lock(folder / "mutex.lock", _MUTEX_LIMIT)


def _lock(path: Path, seconds: float) -> BaseFileLock:
    from filelock import FileLock

    return FileLock(path, timeout=seconds, thread_local=False)


def _claimed(folder: Path, wanted: frozenset[Series]) -> dict[Series, str]:
    """Which of the series other runs have claimed; what dead ones left is removed."""
    from filelock import Timeout

    taken: dict[Series, str] = {}
    written = [*folder.glob("*.json")]
    names = {_name(one): one for one in wanted} if written else {}
    for path in written:
        lock = _lock(path.with_suffix(".lock"), 0)
        try:
            # Windows removes nothing that somebody has open, be it to look at it as we do.
            with lock, contextlib.suppress(PermissionError):
                path.unlink(missing_ok=True)
            with contextlib.suppress(PermissionError):
                Path(lock.lock_file).unlink(missing_ok=True)
        except Timeout:
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                claim = json.loads(path.read_text(encoding="utf-8"))
                taken |= {names[name]: claim["by"] for name in claim["series"] if name in names}
    return taken


def _hold(folder: Path, series: Iterable[Series], held: contextlib.ExitStack) -> None:
    """Write a claim down and lock it until `held` is closed."""
    import socket  # late: many runs have nothing to claim

    path = folder / f"{os.urandom(8).hex()}.json"
    lock = _lock(path.with_suffix(".lock"), 0)

    def release() -> None:
        # In this order: a claim whose lock is free may be removed by anybody.
        with contextlib.suppress(OSError):
            _renew(folder)
        with contextlib.suppress(OSError):  # else the system frees it when the process ends
            lock.release()
        for left in (path, Path(lock.lock_file)):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)

    lock.acquire()
    held.callback(release)
    by = f"process {os.getpid()} on {socket.gethostname()}"
    path.write_text(json.dumps({"by": by, "series": [_name(one) for one in series]}), "utf-8")
    _renew(folder)


def _name(series: Series) -> str:
    symbol = series.symbol
    kind = (symbol.security_type, symbol.market, series.resolution)
    return "/".join((*kind, symbol.file_ticker, series.tick_type))


def _renew(folder: Path) -> None:
    (folder / "generation").write_text(_new_generation(), encoding="ascii")


def _new_generation() -> str:
    return os.urandom(8).hex()
