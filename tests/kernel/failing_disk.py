"""Files are put on a disk that fails, in a process before whose C library ``disk.c`` stands."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from leanfeed.default_plugins.durability import Durability
from leanfeed.default_plugins.put_together import put_together
from leanfeed.errors import WriteError

__all__ = ["CHANGED", "ENDED", "FILES", "SHORT", "Outcome", "build", "outcomes"]

CHANGED, SHORT, ENDED = 0, -1, -2
ROOT = Path(__file__).parents[2]
#: Two folders, more files than are taken together, contents of more than a piece.
FILES = {
    f"{'ab'[number > 11]}/{number:02}.zip": bytes([65 + number]) * (70_000 if number == 3 else 99)
    for number in range(18)
}


@frozen
class Outcome:
    """What became of files when one call failed."""

    #: How many stamps there were.
    stamped: int
    #: What was raised, in words; its number, if it has one.
    error: str
    number: int | None
    #: Every call, up to the end.
    calls: list[str]
    #: What is there under its name, in order, and what is left under others.
    names: list[str]
    leftovers: list[str]
    #: Files that hold anything but their content.
    torn: list[str]
    #: What was raised when the rest was put by a disk that works.
    later: str

    @property
    def after(self) -> list[str]:
        """The calls from the one that failed on."""
        at = next((n for n, call in enumerate(self.calls) if call.startswith("FAILED")), None)
        return [] if at is None else self.calls[at:]


def build(folder: Path) -> Path | None:
    """The library to be preloaded; None where it cannot be made."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler or sys.platform != "linux":
        return None
    library = folder / "disk.so"
    source = Path(__file__).with_name("disk.c")
    command = [compiler, "-shared", "-fPIC", "-O1", str(source), "-o", str(library), "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return library


def outcomes(
    library: Path, folder: Path, kind: str, fault: int, *, durability: str, kernel: str
) -> list[Outcome]:
    """Let each call of a kind fail in turn."""
    paths = os.pathsep.join([str(ROOT), *sys.path])
    changes = {"LD_PRELOAD": str(library), "PYTHONPATH": paths, "LEANFEED_KERNEL": kernel}
    command = [sys.executable, "-m", __name__, str(folder), kind, str(fault), durability]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **changes}, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return [Outcome(**one) for one in json.loads(done.stdout)]


def _tries(disk: Any, folder: Path, kind: str, fault: int, durability: str) -> Iterator[Outcome]:
    for number in range(1, 1000):
        place = folder / f"{kind} {fault} {number}"
        for name in FILES:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
        disk.disk_fails(os.fsencode(place), kind.encode(), number, fault)
        made = _try(disk, place, Durability(durability))
        if not made.after:
            return
        yield made
        shutil.rmtree(place)


def _try(disk: Any, place: Path, durability: Durability) -> Outcome:
    stamped, words, code = 0, "", None
    files = [(str(place / name), content) for name, content in FILES.items()]
    try:
        for _ in put_together(files, durability):
            stamped += 1
    except (WriteError, OSError) as error:
        words, code = str(error).replace(f"{place}/", ""), getattr(error, "errno", None)
    calls = disk.disk_calls().decode().replace(f"{place}/", "").splitlines()
    disk.disk_fails(os.fsencode(place), b"", 0, 0)
    found = sorted(path for path in place.rglob("*") if path.is_file())
    names = [path.relative_to(place).as_posix() for path in found if path.suffix == ".zip"]
    torn = [name for name in names if (place / name).read_bytes() != FILES[name]]
    rest = [file for file in files if not Path(file[0]).exists()]
    later = ""
    try:
        assert len([*put_together(rest, durability)]) == len(rest)
    except Exception as error:
        later = repr(error)
    return Outcome(
        stamped=stamped,
        error=words,
        number=code,
        calls=calls,
        names=names,
        leftovers=[path.name for path in found if path.suffix != ".zip"],
        torn=torn,
        later=later,
    )


def main(folder: str, kind: str, fault: str, durability: str) -> None:
    """What :func:`outcomes` returns, as JSON."""
    disk = ctypes.CDLL(None)
    disk.disk_fails.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_long, ctypes.c_int]
    disk.disk_calls.restype = ctypes.c_char_p
    made = [asdict(one) for one in _tries(disk, Path(folder), kind, int(fault), durability)]
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main(*sys.argv[1:])
