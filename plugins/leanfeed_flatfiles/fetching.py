"""One object brought to this machine, whatever happens to the connection or to this process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from time import monotonic

from attrs import define, frozen

from leanfeed.errors import ContractError, WriteError
from leanfeed.events import SourceSaid, announce
from leanfeed_flatfiles.landing import Landing
from leanfeed_flatfiles.patience import Patience
from leanfeed_flatfiles.refusals import TRANSIENT, BrokenError, NoRangesError
from leanfeed_flatfiles.settings import NAME
from leanfeed_flatfiles.store import RemoteObject, Store

__all__ = ["Brought", "Fetching"]

#: Seconds between words about a file that takes long, and between looks at a lock.
_SAY_EVERY, _LOOK_EVERY = 20.0, 0.1
#: Files of locks for each kind of object: those of neighbouring days never meet.
_LOCKS = 64
#: An object whose bytes do not fit its description is fetched once more.
_VERSIONS_OF_BYTES = 2


@frozen
class Brought:
    """An object that lies whole on this machine."""

    landing: Landing
    path: Path
    #: Bytes that came for it now; the rest was there already.
    came: int


@define(eq=False)
class Fetching:
    """Brings objects of a bucket into a folder, and goes on where a try, or a process, ended."""

    store: Store
    folder: Path
    patience: Patience
    #: Give them the names under which they are kept.
    keep: bool = False

    async def bring(self, wanted: RemoteObject, *, shard: int) -> Brought:
        """Bring one object, unless it is there already. Processes take turns at the same one.

        Args:
            wanted: the object, as the bucket describes it.
            shard: a number that objects of neighbouring days do not share.

        Raises:
            ChangedError: the object is another one by now.
            SourceError: the server refuses, or cannot be reached any more.
            WriteError: the disk refused.
        """
        landing = Landing(self.folder, wanted)
        with _writing(landing.part):
            self.folder.mkdir(parents=True, exist_ok=True)
            async with self._alone(landing, shard) as followed:
                if followed is not None:
                    if await asyncio.to_thread(landing.is_sound, followed):
                        return Brought(landing, followed, 0)
                    followed.unlink(missing_ok=True)
                path = await asyncio.to_thread(landing.taken, keep=self.keep)
                if path is not None:
                    return Brought(landing, path, 0)
                landing.clear_others()
                came = await self._complete(landing)
                return Brought(landing, landing.settle(keep=self.keep), came)

    async def _complete(self, landing: Landing) -> int:
        came = 0
        for _ in range(_VERSIONS_OF_BYTES):
            came += await self._fill(landing)
            if await asyncio.to_thread(landing.is_sound, landing.part):
                return came
            landing.part.unlink()
        raise ContractError(
            f"{landing.wanted.key} came with other bytes than its checksum says, twice: ask again "
            "later, or another source."
        )

    async def _fill(self, landing: Landing) -> int:
        """Add what is missing at the end of the part; how many bytes came."""
        failed, first = 0, _size(landing.part)
        with landing.part.open("ab", buffering=0) as file:
            while (offset := _size(landing.part)) < landing.wanted.size:
                try:
                    await self._read(landing, offset, file.write, is_retry=failed > 0)
                    if _size(landing.part) == offset:
                        raise BrokenError(f"{self.store.endpoint} sent nothing: run again later.")
                except TRANSIENT as error:
                    if isinstance(error, NoRangesError):
                        file.truncate(0)
                    failed = 1 if _size(landing.part) > offset else failed + 1
                    await self.patience.wait(failed, error)
        return _size(landing.part) - first

    async def _read(
        self,
        landing: Landing,
        offset: int,
        write: Callable[[memoryview], object],
        *,
        is_retry: bool,
    ) -> None:
        said = monotonic()
        size = landing.wanted.size
        async with contextlib.aclosing(
            self.store.read(landing.wanted, offset, is_retry=is_retry)
        ) as chunks:
            async for chunk in chunks:
                write(chunk)
                offset += len(chunk)
                if monotonic() - said > _SAY_EVERY:
                    said = monotonic()
                    _say(f"{landing.wanted.key}: {offset / 1e6:.1f} of {size / 1e6:.1f} MB")

    @contextlib.asynccontextmanager
    async def _alone(self, landing: Landing, shard: int) -> AsyncIterator[Path | None]:
        """While nobody else fetches the same object; a lock that does not work costs bytes.

        Yields a name for what somebody else was fetching meanwhile.
        """
        from filelock import FileLock, Timeout

        key = landing.wanted.key
        name = f"{'-'.join(key.split('/')[:2])}.{shard % _LOCKS}.lock"
        lock = FileLock(self.folder / name, timeout=0, thread_local=False)
        followed, said = None, monotonic()
        while True:
            try:
                lock.acquire()
                break
            except Timeout:
                if not self.keep:
                    followed = followed or landing.follow()
                await asyncio.sleep(_LOOK_EVERY)
            except (OSError, NotImplementedError):  # not every file system has locks
                break
            if monotonic() - said > _SAY_EVERY:
                said = monotonic()
                _say(f"{key}: another process is fetching it")
        try:
            yield followed
        finally:
            lock.release()


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WriteError(
            f"{error.filename or path} cannot be written: {error.strerror or error}. Mend that, or "
            "set cache_folder in [source.flatfiles] to another folder, and run again."
        ) from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _say(text: str) -> None:
    announce(SourceSaid(NAME, text))
