"""Several new files, with the kernel and without it: the same files, stamps and errors."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from leanfeed.default_plugins import put_together as together
from leanfeed.default_plugins.durability import Durability
from leanfeed.default_plugins.put_together import put_together
from leanfeed.errors import WriteError
from leanfeed.stamps import Stamp
from tests.kernel.conftest import BothRoads

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the kernel puts no files there")

#: Contents of nothing, of one byte, with zeros, and around what is read at a time.
CONTENTS = [b"", b"x", b"PK\0\0", *(b"\1" * (65536 + n) for n in (-1, 0, 1)), b"\2" * 200_000]


def some(count: int, folders: int = 3) -> dict[str, bytes]:
    """Names below a folder, a few to each, and contents."""
    return {
        f"f{number * folders // count}/deep/{number:02}.zip": CONTENTS[number % len(CONTENTS)]
        for number in range(count)
    }


@pytest.fixture(params=["full", "fast"])
def durability(request: pytest.FixtureRequest) -> Durability:
    return Durability(request.param)


@pytest.fixture
def both(both_roads: BothRoads, tmp_path: Path, durability: Durability) -> Callable[..., object]:
    """Put files on both roads, each in a folder of its own that `prepare` has filled."""

    def put(files: dict[str, bytes], prepare: Callable[[Path], object] = Path.mkdir) -> object:
        roads = iter(("kernel", "python"))

        def work() -> object:
            folder = tmp_path / next(roads)
            prepare(folder)
            return outcome(folder, files, durability)

        fast, slow = both_roads(work)
        assert fast == slow
        shutil.rmtree(tmp_path / "kernel")
        shutil.rmtree(tmp_path / "python")
        return fast

    return put


def outcome(
    folder: Path, files: dict[str, bytes], durability: Durability
) -> tuple[int, str, dict[str, object]]:
    """How many stamps there were, how it failed, and what stands there then."""
    stamps: list[Stamp] = []
    error = ""
    new = [(str(folder / name), content) for name, content in files.items()]
    try:
        stamps.extend(put_together(new, durability))  # as far as it comes
    except (WriteError, OSError) as failed:
        error = f"{type(failed).__name__}: {failed}".replace(str(folder), "")
    for name, stamp in zip(files, stamps, strict=False):
        assert stamp == Stamp.of((folder / name).stat())
    return len(stamps), error, standing(folder)


def standing(folder: Path) -> dict[str, object]:
    """Everything below a folder, temporary files too: where it leads, or its mode and content."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = path.readlink()
        else:
            found[name] = status.st_mode, path.read_bytes() if path.is_file() else b""
    return found


@pytest.mark.parametrize("count", [0, 1, 2, 15, 16, 17, 33, 70])
def test_any_number_of_files_and_folders(both: Callable[..., object], count: int) -> None:
    files = some(count) if count else {}
    stamped, error, there = both(files)  # type: ignore[misc]
    assert (stamped, error) == (count, "")
    contents = {name: what[1] for name, what in there.items() if stat.S_ISREG(what[0])}
    assert contents == files


def test_modes_come_from_the_umask(both: Callable[..., object]) -> None:
    before = os.umask(0o027)
    try:
        _, _, there = both({"a.zip": b"x"})  # type: ignore[misc]
    finally:
        os.umask(before)
    assert stat.S_IMODE(there["a.zip"][0]) == 0o640


OBSTACLES: dict[str, Callable[[Path], object]] = {
    "a file": lambda path: path.write_bytes(b"old"),
    "an empty file": lambda path: path.write_bytes(b""),
    "a folder": Path.mkdir,
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
    "a link to a file": lambda path: path.symlink_to(__file__),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a pipe": os.mkfifo,
}


@pytest.mark.parametrize("at", [0, 3, 15, 16, 19])
@pytest.mark.parametrize("what", OBSTACLES)
def test_what_stands_in_the_way_ends_it(both: Callable[..., object], what: str, at: int) -> None:
    """And stays as it is; the files before are there, those after are not."""
    files = some(20)
    name = [*files][at]

    def prepare(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True)
        OBSTACLES[what](folder / name)

    stamped, error, there = both(files, prepare)  # type: ignore[misc]
    assert (stamped, error) == (at, "")
    zips = [found for found in there if found.endswith(".zip")]
    assert zips == [*files][: at + 1]
    assert not [found for found in there if found.endswith(".tmp")]


def test_a_name_that_comes_twice_is_in_its_own_way(both_roads: BothRoads, tmp_path: Path) -> None:
    def work() -> object:
        shutil.rmtree(tmp_path / "a", ignore_errors=True)
        target = str(tmp_path / "a/a.zip")
        stamps = [*put_together([(target, b"1"), (target, b"2"), (f"{target}2", b"3")])]
        return len(stamps), standing(tmp_path)

    fast, slow = both_roads(work)
    assert fast == slow
    assert fast[0] == 1  # type: ignore[index]
    assert (tmp_path / "a/a.zip").read_bytes() == b"1"


@pytest.mark.parametrize("what", ["a file", "a link to nowhere", "a link to itself"])
def test_what_stands_where_a_folder_belongs(both: Callable[..., object], what: str) -> None:
    def prepare(folder: Path) -> None:
        folder.mkdir()
        OBSTACLES[what](folder / "f1")

    stamped, error, there = both(some(6), prepare)  # type: ignore[misc]
    assert stamped == 2
    assert "'/f1" in error
    found = [name for name in there if name.endswith((".zip", ".tmp"))]
    assert found == ["f0/deep/00.zip", "f0/deep/01.zip"]


@pytest.mark.parametrize("becomes", ["nothing", "a file"])
def test_a_folder_that_goes_meanwhile(
    both: Callable[..., object], monkeypatch: pytest.MonkeyPatch, becomes: str
) -> None:
    """One that is gone is made again; nothing is written where something else is now."""
    real, taken = together.make_folders, []

    def take(folders: Sequence[str], durability: Durability) -> None:
        known = [*folders]
        real(known, durability)
        for folder in known:
            road = folder.partition("/f")[0]
            if folder.endswith("f1/deep") and road not in taken:
                taken.append(road)
                Path(folder).rmdir()
                if becomes == "a file":
                    Path(folder).write_bytes(b"")

    monkeypatch.setattr(together, "make_folders", take)
    files = some(6)
    stamped, error, there = both(files)  # type: ignore[misc]
    assert len(taken) == 2
    if becomes == "nothing":
        assert (stamped, error) == (6, "")
    else:
        assert stamped == 2
        assert error.startswith("NotADirectoryError: ")
        assert "f1/deep/02.zip" in error
    assert not [name for name in there if name.endswith(".tmp")]


LIMITED = """
import resource, signal, sys
from leanfeed.default_plugins.put_together import put_together
files = [(f"{sys.argv[1]}/{n}.zip", b"x" * (99 if n != 3 else 9999)) for n in range(6)]
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
done = 0
try:
    for _ in put_together(files):
        done += 1
except OSError as error:
    print(done, error.errno, error.filename.rpartition("/")[2])
"""


@pytest.mark.parametrize("road", ["on", "off"])
def test_a_file_that_may_not_be_so_large(tmp_path: Path, road: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)],
        capture_output=True,
        text=True,
        env={**os.environ, "LEANFEED_KERNEL": road, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.stdout.split() == ["3", str(errno.EFBIG), "3.zip"], done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.zip", "1.zip", "2.zip"]


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A disk of its own for each road, with options of mount."""
    mounted = []

    def mount(name: str, options: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        if os.geteuid() or subprocess.run(command, capture_output=True).returncode:
            pytest.skip("only root may mount a disk")
        mounted.append(folder)
        return folder

    yield mount  # type: ignore[misc]
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("trouble", ["full", "no inodes", "read-only"])
def test_a_disk_that_takes_no_more(
    both_roads: BothRoads, tiny_disk: Callable[..., Path], trouble: str
) -> None:
    options = {"full": "size=200k", "no inodes": "nr_inodes=12", "read-only": "size=200k"}[trouble]
    roads = iter(("kernel", "python"))

    def work() -> object:
        folder = tiny_disk(next(roads), options)
        if trouble == "read-only":
            subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        files = {f"{number:02}.zip": b"x" * 15_000 for number in range(20)}
        return outcome(folder, files, Durability.FULL)

    fast, slow = both_roads(work)
    assert isinstance(fast, tuple)
    # Sixteen at a time need more room than one does.
    stamped, error, there = fast
    number = errno.EROFS if trouble == "read-only" else errno.ENOSPC
    assert error == f"OSError: [Errno {number}] {os.strerror(number)}: '/{stamped:02}.zip'"
    assert slow == fast
    assert [*there] == [f"{n:02}.zip" for n in range(stamped)]
    assert (trouble == "read-only") == (stamped == 0)


@pytest.mark.parametrize("left", [40, 12, 2])
def test_few_descriptors_are_enough(both_roads: BothRoads, tmp_path: Path, left: int) -> None:
    """Where not so many files may be open at a time, it is one; and none stays open."""
    before = open_descriptors()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    roads = iter(("kernel", "python"))

    def work() -> object:
        folder = tmp_path / next(roads)
        files = {f"{number:02}.zip": b"x" for number in range(60)}
        return outcome(folder, files, Durability.FAST)

    resource.setrlimit(resource.RLIMIT_NOFILE, (before + left, hard))
    try:
        fast, slow = both_roads(work)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert fast == slow
    assert fast[:2] == (60, "")  # type: ignore[index]
    assert open_descriptors() == before


def open_descriptors() -> int:
    """How many this process has; 0 where the system does not tell."""
    listing = Path("/proc/self/fd")
    return len([*listing.iterdir()]) if listing.is_dir() else 0
