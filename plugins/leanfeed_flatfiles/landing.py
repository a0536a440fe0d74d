"""Where flat files lie on this machine: half fetched, whole, kept, and in use."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from attrs import field, frozen

from leanfeed.processes import Process
from leanfeed_flatfiles.store import RemoteObject

__all__ = ["Landing", "sweep"]

#: What nobody has touched for so long is not gone on with, in seconds.
_OLD = 3 * 24 * 3600
_OURS = re.compile(r".+\.[0-9a-f]{16}\.(?:part|whole)|\..+\.(?P<user>[^.]+\.[^.]+\.[^.]+)\.use")


@frozen
class Landing:
    """The files on this machine that belong to one object as it is now.

    What is being fetched has a name made of the ETag: bytes of two versions of an object never
    meet in one file.
    """

    folder: Path
    wanted: RemoteObject
    #: The name of it that nobody else knows.
    _own: Path = field(init=False)

    @_own.default
    def _new_name(self) -> Path:
        return self.folder / f".{self._name}.{secrets.token_hex(4)}.{Process.this()}.use"

    @property
    def kept(self) -> Path:
        """Where it is kept, as ``aws s3 sync`` would keep it; nothing of ours removes it."""
        return self.folder / self.wanted.key

    @property
    def part(self) -> Path:
        """What has come of it."""
        return self._beside("part")

    @property
    def whole(self) -> Path:
        """All of it, until nobody needs it any more."""
        return self._beside("whole")

    def taken(self, *, keep: bool) -> Path | None:
        """A file that holds all of it already, for the caller alone unless it is kept."""
        if self._is_it(self.kept):
            return self.kept
        if not self._is_it(self.whole):
            return None
        try:
            return self._keep(self.whole) if keep else self.borrow(self.whole)
        except FileNotFoundError:  # whoever else was reading it has removed it
            return None

    def settle(self, *, keep: bool) -> Path:
        """What is to be done when the last byte has come: as :meth:`taken`."""
        if keep:
            return self._keep(self.part)
        # Its own name comes first: the other one anybody may remove who has read the same file.
        borrowed = self.borrow(self.part)
        self.part.replace(self.whole)
        return borrowed

    def follow(self) -> Path | None:
        """A name for what another process is fetching, which stays when it has removed its own."""
        try:
            self._own.hardlink_to(self.part)
        except OSError:  # not every file system can, or there is nothing yet
            return None
        return self._own

    def is_sound(self, path: Path) -> bool:
        """Whether a file has the size of the object, and its checksum as far as that is known."""
        try:
            if path.stat().st_size != self.wanted.size:
                return False
            if not self.wanted.md5:
                return True
            with path.open("rb") as file:
                return hashlib.file_digest(file, _md5).hexdigest() == self.wanted.md5
        except OSError:
            return False

    def clear_others(self) -> None:
        """Remove what was fetched of other versions of the object."""
        own = {self.part.name, self.whole.name}
        for path, _ in _ours(self.folder):
            if path.name.startswith(f"{self._name}.") and path.name not in own:
                _remove(path)

    def borrow(self, path: Path) -> Path:
        """A name for a whole file that nobody else removes."""
        try:
            self._own.hardlink_to(path)
        except FileNotFoundError:
            raise
        except OSError:  # not every file system can
            shutil.copyfile(path, self._own)
        return self._own

    def give_back(self, borrowed: Path) -> None:
        """Remove a borrowed file, and what it was borrowed of; others have names of their own."""
        self.leave(borrowed)
        _remove(self.whole)

    def leave(self, borrowed: Path) -> None:
        """Remove a borrowed file that nobody has read; what it was borrowed of waits."""
        if borrowed != self.kept:
            _remove(borrowed)

    def _is_it(self, path: Path) -> bool:
        if not self.is_sound(path):
            return False
        # Without a checksum it is known by its time, which nothing but its content has set.
        stamp = int(self.wanted.last_modified.timestamp())
        return path == self.whole or bool(self.wanted.md5) or int(path.stat().st_mtime) == stamp

    def _keep(self, path: Path) -> Path:
        """Give it the name under which it is kept, and the object's own time."""
        stamp = self.wanted.last_modified.timestamp()
        os.utime(path, (stamp, stamp))
        self.kept.parent.mkdir(parents=True, exist_ok=True)
        return path.replace(self.kept)

    def _beside(self, ending: str) -> Path:
        version = hashlib.sha256(f"{self.wanted.etag} {self.wanted.size}".encode()).hexdigest()
        return self.folder / f"{self._name}.{version[:16]}.{ending}"

    @property
    def _name(self) -> str:
        prefix, kind, _, _, name = self.wanted.key.split("/")
        return f"{prefix}-{kind}-{name}"


def sweep(folder: Path) -> None:
    """Remove what was left behind for days, or by a process that is dead and was reading it."""
    for path, match in _ours(folder):
        with contextlib.suppress(OSError):
            user = Process.parse(match["user"] or "")
            is_old = time.time() - path.stat().st_mtime > _OLD
            if is_old or (user is not None and user.is_dead):
                path.unlink()


def _ours(folder: Path) -> Iterator[tuple[Path, re.Match[str]]]:
    with contextlib.suppress(OSError):
        for path in tuple(folder.iterdir()):
            if match := _OURS.fullmatch(path.name):
                yield path, match


def _md5() -> hashlib._Hash:
    """Against damage on the way, also on systems that forbid it against attackers."""
    return hashlib.md5(usedforsecurity=False)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):  # swept one day
        path.unlink(missing_ok=True)
