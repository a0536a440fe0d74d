"""Whatever a disk refuses, loses or changes: several new files are put as one alone would be."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from leanfeed import kernel
from tests.kernel.failing_disk import CHANGED, ENDED, FILES, SHORT, Outcome, build, outcomes

NAMES = list(FILES)
ROADS = ("on", "off")
Check = Callable[[Sequence[Outcome]], None]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What stands before the C library."""
    library = build(tmp_path_factory.mktemp("disk"))
    if library is None or not kernel.is_there():
        pytest.skip("needs Linux, a compiler and the kernel")
    return library


@pytest.fixture
def check(record_property: Callable[[str, object], None]) -> Check:
    """What holds for every failure."""

    def look(made: Sequence[Outcome]) -> None:
        for one in made:
            look_at(one)
        record_property("points", len(made))
        record_property("faults", len(made))

    return look


def look_at(one: Outcome) -> None:
    """Nothing is torn or left over, only the first files are there, and the rest can follow."""
    assert one.torn == []
    assert one.leftovers == [] or one.after[0].startswith("FAILED unlink")
    assert one.names == NAMES[: len(one.names)], "only the first ones are there"
    assert one.stamped <= len(one.names)
    assert one.error or one.stamped == len(NAMES)
    assert one.later == ""


def target_of(call: str) -> str:
    """The name of the file that a call concerns, temporary or not."""
    folder, _, name = call.split()[-1].rpartition("/")
    return f"{folder}/{name.removeprefix('.')[:6]}"


@pytest.mark.parametrize("durability", ["full", "fast"])
@pytest.mark.parametrize(
    ("kind", "name"), [("create", "EACCES"), ("create", "EROFS"), ("write", "ENOSPC"),
                       ("write", "EFBIG"), ("read", "EIO"), ("rename", "EACCES")],
)  # fmt: skip
@pytest.mark.parametrize("road", ROADS)
def test_what_is_refused_ends_it_there(
    disk: Path, check: Check, tmp_path: Path, road: str, kind: str, name: str, durability: str
) -> None:
    code = getattr(errno, name)
    made = outcomes(disk, tmp_path, kind, code, durability=durability, kernel=road)
    check(made)
    assert len(made) >= len(NAMES)
    met = []
    for one in made:
        if not one.error:  # the largest file is read in pieces, and its end may be asked for twice
            continue
        met.append(target := target_of(one.after[0]))
        assert one.number == code
        assert target in one.error
        assert one.names == NAMES[: NAMES.index(target)]
        assert one.stamped == len(one.names)
    assert [*dict.fromkeys(met)] == NAMES


@pytest.mark.parametrize("fault", [CHANGED, ENDED], ids=["changed", "cut"])
@pytest.mark.parametrize("road", ROADS)
def test_a_disk_that_gives_back_other_bytes(
    disk: Path, check: Check, tmp_path: Path, road: str, fault: int
) -> None:
    made = outcomes(disk, tmp_path, "read", fault, durability="full", kernel=road)
    check(made)
    met = []
    for one in made:
        target = target_of(one.after[0])
        if not one.error:
            continue  # it was the question whether there is more
        met.append(target)
        folder, name = target.split("/")
        assert (
            f"{folder} does not keep what is written to it: {name} came back changed" in one.error
        )
        assert one.names == NAMES[: NAMES.index(target)]
    assert [*dict.fromkeys(met)] == NAMES


@pytest.mark.parametrize(
    ("kind", "fault"),
    [("write", SHORT), ("read", SHORT), ("create", errno.EINTR), ("write", errno.EINTR),
     ("read", errno.EINTR), ("fsync", errno.EINTR), ("fsync", errno.EINVAL),
     ("fsync", errno.EOPNOTSUPP), ("fsync", errno.ENOSYS)],
)  # fmt: skip
@pytest.mark.parametrize("road", ROADS)
def test_what_is_no_failure(
    disk: Path, check: Check, tmp_path: Path, road: str, kind: str, fault: int
) -> None:
    made = outcomes(disk, tmp_path, kind, fault, durability="full", kernel=road)
    check(made)
    assert len(made) >= len(NAMES)
    assert {(one.error, one.stamped) for one in made} == {("", len(NAMES))}


@pytest.mark.parametrize("road", ROADS)
def test_a_flush_that_failed_is_not_tried_again(
    disk: Path, check: Check, tmp_path: Path, road: str
) -> None:
    """What it concerns gets no name after it, and what comes behind it neither."""
    made = outcomes(disk, tmp_path, "fsync", errno.EIO, durability="full", kernel=road)
    check(made)
    met = set()
    for one in made:
        assert one.number == errno.EIO
        failed = one.after[0].removeprefix("FAILED ")
        assert failed not in one.after[1:]
        if failed in ("fsync a", "fsync b"):
            continue  # of the folder: the file has its name by then
        target = target_of(failed)
        met.add(target)
        assert target in one.error
        at = NAMES.index(target)
        assert one.names == NAMES[:at]
        assert one.stamped == at
        assert not [call for call in one.after if call.startswith("fsync") and ".tmp" in call]
        assert {*one.after} >= {f"unlink {failed.split()[1]}"}
    assert met == {*NAMES}


@pytest.mark.parametrize("road", ROADS)
def test_a_folder_that_cannot_be_flushed_confirms_nothing(
    disk: Path, check: Check, tmp_path: Path, road: str
) -> None:
    made = outcomes(disk, tmp_path, "open", errno.EIO, durability="full", kernel=road)
    check(made)
    assert {one.number for one in made} == {errno.EIO}
    for one in made:
        assert one.after == [one.after[0]]
        assert one.stamped < len(one.names)
        assert {name[0] for name in one.names[one.stamped :]} >= {one.after[0][-1]}


@pytest.mark.parametrize("road", ROADS)
def test_an_error_of_closing_is_an_error(
    disk: Path, check: Check, tmp_path: Path, road: str
) -> None:
    """Network file systems say only then that they could not write."""
    made = outcomes(disk, tmp_path, "close", errno.EIO, durability="full", kernel=road)
    check(made)
    files = [one for one in made if ".tmp" in one.after[0]]
    assert len(files) == len(NAMES)
    for at, one in enumerate(files):
        assert (one.number, one.stamped, one.names) == (errno.EIO, at, NAMES[:at])
        assert NAMES[at] in one.error
