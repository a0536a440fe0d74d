"""What the system says of many files: the kernel's answer is Python's, or none."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from leanfeed import kernel
from leanfeed.default_plugins import stamps
from leanfeed.default_plugins.stamps import Place, Stamps, stamps_of
from leanfeed.kernel import files
from tests.kernel.conftest import BothRoads

NAMES = ("20240102_trade.zip", "absent.zip", "20240103_trade.zip", "ünïcode.zip")


@pytest.fixture(autouse=True)
def _always_by_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    if not kernel.is_there() or os.name == "nt":
        pytest.skip("no kernel asks the system here")
    monkeypatch.setattr(stamps, "_MANY", 0)


def filled(folder: Path, *, size: int = 3) -> Place:
    folder.mkdir()
    for number, name in enumerate(NAMES):
        if not name.startswith("absent"):
            (folder / name).write_bytes(b"x" * (size + number))
    os.utime(folder / NAMES[0], ns=(0, 1_700_000_000_123_456_789))
    os.utime(folder / NAMES[2], ns=(0, 4_000_000_000_987_654_321))  # later than it was changed
    return Place(str(folder), NAMES)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_both_roads_say_the_same(tmp_path: Path, count: int, both_roads: BothRoads) -> None:
    places = [filled(tmp_path / f"f{number}", size=number) for number in range(count)]
    places += [Place(str(tmp_path / "nowhere"), NAMES[:2]), Place(str(tmp_path), ())]
    (tmp_path / "link").symlink_to("f0", target_is_directory=True)
    places.append(Place(str(tmp_path / "link"), (NAMES[2],)))
    by_kernel, by_python = both_roads(lambda: stamps_of(places)())
    assert by_kernel == by_python
    assert isinstance(by_kernel, list)
    found: Stamps
    for number, found in enumerate(by_kernel[:count]):
        assert [stamp.size if stamp else None for stamp in found] == [
            number, None, number + 2, number + 3,
        ]  # fmt: skip


def test_links_are_followed(tmp_path: Path, both_roads: BothRoads) -> None:
    place = filled(tmp_path / "folder")
    (tmp_path / "folder" / "link").symlink_to(NAMES[0])
    (tmp_path / "folder" / "to nowhere").symlink_to("nothing")
    names = (NAMES[0], "link", "to nowhere")
    by_kernel, by_python = both_roads(lambda: [*stamps_of([Place(place.folder, names)])()[0]])
    assert by_kernel == by_python
    assert isinstance(by_kernel, list)
    assert by_kernel[0] == by_kernel[1]
    assert by_kernel[2] is None


@pytest.mark.parametrize("what", ["a file", "a loop"])
def test_what_the_system_refuses_is_an_error_of_python(
    tmp_path: Path, what: str, both_roads: BothRoads
) -> None:
    sound = filled(tmp_path / "sound")
    odd = tmp_path / "odd"
    if what == "a file":
        odd.write_bytes(b"")
    else:
        odd.mkdir()
        (odd / NAMES[0]).symlink_to(NAMES[0])
    by_kernel, by_python = both_roads(lambda: stamps_of([sound, Place(str(odd), NAMES)])())
    assert by_kernel == by_python
    assert isinstance(by_kernel, tuple)
    assert issubclass(by_kernel[0], OSError)
    assert str(odd) in by_kernel[1]


def test_where_no_thread_can_be_started_python_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [filled(tmp_path / name) for name in ("one", "two")]
    expected = stamps_of(places)()
    monkeypatch.setattr(files, "_processors", lambda: 2)
    assert files.look([(tmp_path.as_posix(), b"one\0", 1)] * 2)() is not None

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert files.look([(tmp_path.as_posix(), b"one\0", 1)] * 2)() is None
    assert stamps_of(places)() == expected


def test_nothing_is_asked_of_nobody() -> None:
    assert stamps_of([])() == []


def test_what_nobody_waits_for_harms_nobody(tmp_path: Path) -> None:
    places = [filled(tmp_path / f"f{number}") for number in range(50)]
    expected = stamps_of(places)()
    for _ in range(200):
        stamps_of(places)
    assert stamps_of(places)() == expected
