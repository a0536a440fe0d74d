"""The data folder: whether bars can be stored in it, and what it already knows."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from leanfeed.clock import now
from leanfeed.doctor.check import Check
from leanfeed.errors import LeanfeedError
from leanfeed.lean.hours_database import PLACE
from leanfeed.lean.market_hours import market_hours
from leanfeed.ledger import Ledger
from leanfeed.values import Symbol
from leanfeed.wording import size

__all__ = ["look_at"]

#: Bytes. Less than this a run of any length will fill.
_LITTLE_SPACE = 100_000_000
#: From the data folder down to that of a ticker: equity/usa/minute/spy.
_DEPTH = 4
#: Days before the end of the calendar from which on it is told.
_SOON = 90
#: File systems whose locks may not hold between machines.
_REMOTE = ("nfs", "cifs", "smb", "9p", "lustre", "gpfs", "ceph", "afs", "fuse")
_MOUNTS = Path("/proc/self/mounts")


def look_at(folder: Path) -> Iterator[Check]:
    """The folder itself, the calendar and the ledger. Reads only, and writes nothing."""
    yield from _folder(folder)
    yield _about("calendar", lambda: _calendar(folder))
    yield _ledger(folder)


def _about(topic: str, look: Callable[[], tuple[bool, str]]) -> Check:
    try:
        return Check("leanfeed", topic, *look())
    except (LeanfeedError, OSError) as error:
        return Check("leanfeed", topic, False, str(error))


def _folder(folder: Path) -> Iterator[Check]:
    yield _about("data folder", lambda: _access(folder))
    if folder.is_dir():
        yield _about("permissions", lambda: _below(folder))
    yield _about("free space", lambda: _space(folder))


def _access(folder: Path) -> tuple[bool, str]:
    shown = folder.absolute()
    nearest = _nearest(folder)
    if not nearest.is_dir():
        return False, f"{nearest} is a file: name a folder."
    if not os.access(nearest, os.R_OK | os.X_OK):
        return False, f"{nearest} is not readable: check its permissions."
    if not os.access(nearest, os.W_OK):
        return False, f"{nearest} is not writable: check its permissions."
    return True, f"{shown}" if nearest == shown else f"{shown} is made when it is needed"


def _below(folder: Path) -> tuple[bool, str]:
    """Whether LEAN's folders of bars let files be made in them; Docker leaves some that do not."""
    there = list(_folders(folder, _DEPTH))
    closed = [path for path in there if not os.access(path, os.W_OK | os.X_OK)]
    if not closed:
        return True, f"files can be made in all {len(there)} folders looked at"
    others = f" and {len(closed) - 1} more" if len(closed) > 1 else ""
    return False, f"no file can be made in {closed[0]}{others}: change its owner or permissions."


def _folders(folder: Path, depth: int) -> Iterator[Path]:
    with contextlib.suppress(OSError), os.scandir(folder) as listing:
        for entry in listing:
            if entry.is_dir():
                yield Path(entry.path)
                if depth > 1:
                    yield from _folders(Path(entry.path), depth - 1)


def _space(folder: Path) -> tuple[bool, str]:
    nearest = _nearest(folder)
    free = shutil.disk_usage(nearest).free
    kind = _file_system(nearest)
    text = f"{size(free)}{f' on {kind}' if kind else ''}"
    if free < _LITTLE_SPACE:
        return False, f"{text} is little: make room, or choose another data folder."
    if kind.startswith(_REMOTE):
        text += "; runs on several machines may fetch the same twice, if its locks do not hold"
    return True, text


def _nearest(folder: Path) -> Path:
    """The folder, or what exists of the way to it."""
    absolute = folder.absolute()
    return next(path for path in (absolute, *absolute.parents) if os.path.lexists(path))


def _file_system(path: Path) -> str:
    """Its type, as ``ext4``; empty where the system does not tell."""
    kinds: dict[Path, str] = {}
    with contextlib.suppress(OSError):
        for line in _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines():
            _, place, kind, *_ = line.split(" ")
            unescaped = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), place)
            kinds[Path(unescaped)] = kind
    real = path.resolve()
    return next((kinds[p] for p in (real, *real.parents) if p in kinds), "")


def _calendar(folder: Path) -> tuple[bool, str]:
    hours = market_hours(Symbol("SPY"), folder)
    if hours.horizon is None:
        return True, f"{hours.origin}, without holidays"
    first, last = hours.horizon
    known = f"{hours.origin} knows the trading days of US equities from {first} to {last}"
    left = (last - now().date()).days
    advice = f"put a newer one of LEAN's at {PLACE} in the data folder"
    if left < 0:
        return False, f"{known}: {advice}."
    return True, f"{known}; only {left} days are left: {advice}" if left < _SOON else known


def _ledger(folder: Path) -> Check:
    """The ledger saves requests; no run needs it."""
    path = Ledger(folder).path
    if not path.exists():
        return Check("leanfeed", "ledger", True, "none yet", is_needed=False)
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        verdict = str(error)
    if verdict == "ok":
        return Check("leanfeed", "ledger", True, str(path), is_needed=False)
    advice = f"{path} is damaged ({verdict}): delete it, the files are the truth."
    return Check("leanfeed", "ledger", False, advice, is_needed=False)
