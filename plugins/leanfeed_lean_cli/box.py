"""The private folder in which one call of the Lean CLI works, and what becomes of it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePath

from attrs import frozen

from leanfeed.errors import UnavailableError
from leanfeed.processes import Process
from leanfeed.secret import Secret
from leanfeed_lean_cli.engine import remove_containers
from leanfeed_lean_cli.leftovers import interrupt_leftovers

__all__ = ["Box", "opened", "sweep"]

_PREFIX = "leanfeed-lean-cli-"
#: Seconds after which a folder is swept whose owner is not known to be dead. No call lasts as long.
_OLD = 86_400
#: LEAN does not start without them. They are copied, because the container may write to them.
_DATABASES = (
    "market-hours/market-hours-database.json",
    "symbol-properties/symbol-properties-database.csv",
)
#: LEAN's map files stay out: the planner has asked for the ticker of each date already, and
#: without them LEAN keeps what it downloads under the ticker that it was asked for.
_MAP_FILES = "equity/usa/map_files"


@frozen
class Box:
    """A folder that only this user may enter; the Lean CLI works in it and stages its files."""

    folder: Path

    @property
    def lean_json(self) -> Path:
        """The private ``lean.json``, which holds the key."""
        return self.folder / "lean.json"

    @property
    def staging(self) -> Path:
        """The data folder of the Lean CLI."""
        return self.folder / "data"

    @property
    def temporary(self) -> Path:
        """Where the CLI puts its own temporary folders, which hold the key as well."""
        return self.folder / "tmp"

    def furnish(self, settings: Mapping[str, str | Secret], *, data_folder: Path | None) -> None:
        """Write ``lean.json`` and give the staging folder what LEAN needs.

        Args:
            settings: what ``lean.json`` says, but for the data folder.
            data_folder: has LEAN's two databases; else the Lean CLI downloads both itself.

        Raises:
            OSError: the system refuses.
        """
        for folder in (self.staging / _MAP_FILES, self.folder / "storage"):
            folder.mkdir(parents=True)
        values = {**settings, "data-folder": str(self.staging)}
        if data_folder is not None and all((data_folder / d).is_file() for d in _DATABASES):
            for database in _DATABASES:
                (self.staging / database).parent.mkdir()
                shutil.copyfile(data_folder / database, self.staging / database)
            # Far in the future: the CLI leaves the databases as they are.
            values["file-database-last-update"] = "01/01/2099 00:00:00"
        descriptor = os.open(self.lean_json, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            # A secret is spelt out here and nowhere else: tracebacks may show variables.
            json.dump(values, file, indent=4, default=Secret.reveal)

    def forget_secrets(self) -> None:
        """Remove what holds the key; what was staged stays.

        Raises:
            OSError: the system refuses.
        """
        self.lean_json.unlink(missing_ok=True)
        shutil.rmtree(self.temporary, ignore_errors=True)

    def make_room(self, folders: Iterable[PurePath]) -> None:
        """Make folders below the staging folder as this user.

        The container writes as root; files in a folder of this user's can still be removed.

        Raises:
            OSError: the system refuses.
        """
        for folder in folders:
            (self.staging / folder).mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def opened(parent: Path | None, tell: Callable[[str], None]) -> Iterator[Box]:
    """Make a box, and remove it when the ``with`` block ends, however it ends.

    Raises:
        UnavailableError: it cannot be made.
    """
    parent = parent or Path(tempfile.gettempdir())
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = tempfile.mkdtemp(prefix=f"{_PREFIX}{Process.this()}-", dir=parent)
    except OSError as error:
        raise UnavailableError(
            f"No private folder can be made in {parent} ({error.strerror}): name another place in "
            "the setting `staging_folder`."
        ) from None
    try:
        box = Box(Path(folder).resolve())
        box.temporary.mkdir()
        yield box
    finally:
        _remove(Path(folder), tell)


def sweep(parent: Path | None, tell: Callable[[str], None]) -> None:
    """Remove the boxes of processes that were killed: provably dead ones, or a day old.

    What still works in one is ended, containers as well.
    """
    for folder in (parent or Path(tempfile.gettempdir())).glob(f"{_PREFIX}*"):
        owner = Process.parse(folder.name.removeprefix(_PREFIX).rpartition("-")[0])
        with contextlib.suppress(OSError):
            if owner is None or owner.is_alive or not _is_own(folder):
                continue
            if owner.is_dead or time.time() - folder.stat().st_mtime > _OLD:
                interrupt_leftovers(folder.resolve())
                remove_containers(Box(folder.resolve()).staging)
                _remove(folder, tell)


def _is_own(folder: Path) -> bool:
    """A folder of this user's and not a link; temporary folders are shared with others."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    return os.name == "nt" or folder.stat().st_uid == os.getuid()


def _remove(folder: Path, tell: Callable[[str], None]) -> None:
    """Remove a box, the file with the key first; what the system refuses is told and stays."""
    with contextlib.suppress(OSError):
        Box(folder).forget_secrets()
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        tell(
            f"{folder} could not be removed whole: the container left files there that belong to "
            "another user. Remove it with their rights."
        )
