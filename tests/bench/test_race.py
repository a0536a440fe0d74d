"""Nobody is timed whose files differ."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.contestants.job import Job
from benchmarks.contestants.lean_files import lines_by_day, write_day
from benchmarks.field import FIELD, FULL, Contestant, Stable
from benchmarks.jobs import JOBS, SPANS, WARM_UP
from benchmarks.market import sessions, walk
from benchmarks.plan import FORMS
from benchmarks.provider import ROOT, Provider
from benchmarks.race import Race
from benchmarks.same import DifferentFilesError, check_same, files
from leanfeed.lean.zips import entries, zip_bytes

WORK = WARM_UP["minute"]
DAY = "equity/usa/minute/s000/20240603_trade.zip"


def by_hand(folder: Path) -> Path:
    """What a careful script makes of the day."""
    span = SPANS["minute"]
    (session,) = sessions(WORK.start, WORK.end)
    bars = walk("S000", "minute", span.start, span.end).between(*session.day)
    job = Job("", ("S000",), "minute", WORK.start, WORK.end, str(folder))
    rows = zip(*(column.tolist() for column in bars.columns), strict=True)
    day = lines_by_day(rows)["20240603"]
    write_day(job, "S000", "20240603", "\n".join(day))
    return folder


def changed(folder: Path, copy: Path) -> Path:
    """The same with one volume that is another."""
    shutil.copytree(folder, copy)
    ((name, text),) = entries(copy / DAY).items()
    first, _, rest = text.partition(b"\n")
    stamp, *prices, volume = first.split(b",")
    row = b",".join([stamp, *prices, b"%d" % (int(volume) + 1)])
    (copy / DAY).write_bytes(zip_bytes(name, row + b"\n" + rest))
    return copy


@pytest.fixture
def race(tmp_path: Path) -> Iterator[Race]:
    (tmp_path / "home").mkdir()
    with Provider() as provider:
        yield Race(provider, Stable(sys.executable, tmp_path / "home"), tmp_path, lambda _: None)


def test_leanfeed_writes_what_a_careful_script_writes(race: Race, tmp_path: Path) -> None:
    with race.compared(WORK, (FULL,)) as reference:
        check_same(by_hand(tmp_path / "script"), reference, count=1)
        (lap,) = race.laps(WORK, (FULL,), reference=reference, repeats=1, again=1)[FULL.name]
    facts = lap.to_dict()
    assert facts["requests"] == 1
    assert 0 < facts["wall"] < facts["process"]
    assert facts["peak_mb"] > 20
    assert len(facts["again"]) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"home", "script"}


def test_a_contestant_that_fails_ends_the_race(race: Race, tmp_path: Path) -> None:
    nobody = Contestant("nobody", "with_leanfeed", "nobody", {"durability": "none"})
    with pytest.raises(RuntimeError, match="nobody failed"):
        race.stable.run(nobody, WORK, url=race.provider.url, folder=tmp_path / "data")


def test_one_row_that_differs_is_named(tmp_path: Path) -> None:
    one = by_hand(tmp_path / "one")
    with pytest.raises(DifferentFilesError, match=r"one and other differ in 1 files, equity/"):
        check_same(one, changed(one, tmp_path / "other"), count=1)


def test_a_file_too_few_is_named(tmp_path: Path) -> None:
    one = by_hand(tmp_path / "one")
    (tmp_path / "none").mkdir()
    with pytest.raises(DifferentFilesError, match=r"Only one of one and none wrote equity/"):
        check_same(one, tmp_path / "none", count=1)
    with pytest.raises(DifferentFilesError, match="1 files, 252 were to be written"):
        check_same(one, one, count=252)


def test_another_name_of_the_entry_is_a_difference(tmp_path: Path) -> None:
    one = by_hand(tmp_path / "one")
    shutil.copytree(one, tmp_path / "other")
    ((_, text),) = entries(one / DAY).items()
    (tmp_path / "other" / DAY).write_bytes(zip_bytes("another.csv", text))
    assert list(files(one)) == list(files(tmp_path / "other"))
    with pytest.raises(DifferentFilesError):
        check_same(one, tmp_path / "other", count=1)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_names_what_there_is(form: str) -> None:
    for job, heats in FORMS[form].heats.items():
        assert job in JOBS
        for heat in heats:
            assert set(heat.contestants) <= set(FIELD)
            assert heat.contestants[0] is FULL  # whose files are the measure


def test_every_contestant_has_its_module_and_its_own_name() -> None:
    assert len({contestant.name for contestant in FIELD}) == len(FIELD)
    for contestant in FIELD:
        assert (ROOT / f"benchmarks/contestants/{contestant.module}.py").exists()
