"""In which order several new files are written, flushed and named, and what is left of a kill."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from leanfeed import kernel
from leanfeed.default_plugins import zip_files
from tests.storage.build_zips import delivery, files, temporaries, write
from tests.torture.system_calls import IS_POSSIBLE, Call, watched

pytestmark = [
    pytest.mark.skipif(not IS_POSSIBLE, reason="the numbers of system calls are known of Linux"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]
ROADS = ("on", "off")


@pytest.fixture(params=ROADS)
def road(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With the kernel, and without it."""
    if not kernel.is_there():
        pytest.skip("there is no compiled kernel here")
    monkeypatch.setenv("LEANFEED_KERNEL", request.param)
    return str(request.param)


def store(folder: Path, numbers: Sequence[int], durability: str = "full") -> None:
    write(folder, *(delivery(number) for number in numbers), durability=durability)


def seen(folder: Path, count: int, durability: str) -> list[Call]:
    """The calls by which so many sessions are stored beside another one."""
    store(folder, [20])
    calls, code = watched(lambda: store(folder, range(count), durability), folder)
    assert code == 0
    return calls


@pytest.mark.parametrize("count", [4, 16, 20])
def test_full_flushes_a_file_before_its_name_and_its_folder_after_it(
    tmp_path: Path, road: str, count: int
) -> None:
    calls = seen(tmp_path, count, "full")
    at: dict[tuple[str, str], int] = {}
    named: dict[str, int] = {}
    for number, call in enumerate(calls):
        if call.name.startswith("rename"):
            temporary, target = call.paths
            assert at["write", temporary] < at["fsync", temporary] < number
            named[target] = number
        else:
            at[call.name, call.paths[0]] = number
    assert len(named) == count
    for target, number in named.items():
        assert at["fsync", str(Path(target).parent)] > number


@pytest.mark.parametrize("count", [4, 20])
def test_fast_flushes_nothing(tmp_path: Path, road: str, count: int) -> None:
    calls = Counter(call.name for call in seen(tmp_path, count, "fast"))
    assert "fsync" not in calls
    assert "fdatasync" not in calls
    assert calls["rename"] == count


def test_new_folders_are_flushed_into_theirs_before_anything_has_its_name(
    tmp_path: Path, road: str
) -> None:
    calls, code = watched(lambda: store(tmp_path / "data", range(6)), tmp_path)
    assert code == 0
    first = next(n for n, call in enumerate(calls) if call.name.startswith("rename"))
    flushed = [call.paths[0] for call in calls[:first] if call.name == "fsync"]
    for call in calls[:first]:
        if call.name == "mkdir":
            assert str(Path(call.paths[0]).parent) in flushed
    assert str(tmp_path / "data/equity/usa/minute") in flushed


@pytest.mark.parametrize("durability", ["full", "fast"])
def test_each_further_session_costs_the_same_few_calls(
    tmp_path: Path, road: str, durability: str
) -> None:
    """Beside those that only read, which tests/storage/test_costs.py counts."""
    few, many = (
        Counter(call.name for call in seen(tmp_path / f"{n}", n, durability)) for n in (8, 16)
    )
    many.subtract(few)
    each = {"openat": 1, "write": 1, "rename": 1}
    if durability == "full":  # the folder once for all of them, where they are put together
        each["fsync"] = 1 if road == "on" else 2
    assert {name: count / 8 for name, count in many.items() if count} == each


@pytest.mark.slow
def test_killed_at_each_call_that_writes(
    tmp_path: Path, road: str, record_property: Callable[[str, object], None]
) -> None:
    """Of a writer that stores eighteen sessions together, and two more."""
    wanted = [*range(18), 19]

    def run(folder: Path) -> None:
        write(folder, *(delivery(number, count=300) for number in wanted))

    counted = tmp_path / "counted"
    calls, code = watched(lambda: run(counted), counted)
    assert code == 0
    expected = files(counted)
    assert len(expected) == len(wanted)
    left = partly = 0
    for number in range(1, len(calls) + 1):
        folder = tmp_path / f"{number}"
        _, code = watched(lambda folder=folder: run(folder), folder, kill_at=number)  # type: ignore[misc]
        assert code < 0
        there = {name: data for name, data in files(folder).items() if name.endswith(".zip")}
        assert there.items() <= expected.items()
        assert len(temporaries(folder)) <= zip_files.TOGETHER
        left += bool(temporaries(folder))
        partly += 0 < len(there) < len(wanted)
        run(folder)
        assert files(folder) == expected
        assert temporaries(folder) == []
        shutil.rmtree(folder)
    assert left
    assert partly
    record_property("points", len(calls))
    record_property("faults", len(calls))
