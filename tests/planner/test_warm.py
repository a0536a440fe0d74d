"""A folder that lacks nothing: planned at once, and no change among its files goes unseen."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest

from leanfeed import Hours, Request, Resolution, Symbol, Written
from leanfeed.default_plugins import judging
from leanfeed.default_plugins.calendar_planner import CalendarPlanner
from leanfeed.lean import paths
from leanfeed.ledger import Ledger
from tests import build
from tests.planner.folder import NOW, Folder, texts

SOME_DAYS = ["2024-01-02", "2024-01-08", "2024-01-12"]
NO_CTIME = pytest.mark.skipif(os.name == "nt", reason="Windows does not say when a file changed")
YEAR = build.sessions("2023-01-03", "2023-12-29")


def cut(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.truncate(60)


def cut_unseen(file: Path) -> None:
    stat = file.stat()
    cut(file)
    os.utime(file, ns=(0, stat.st_mtime_ns))


def change_unseen(file: Path) -> None:
    """Other bytes in place: the size and the modification time stay."""
    stat = file.stat()
    with file.open("r+b") as stream:
        stream.write(b"\0" * stat.st_size)
    os.utime(file, ns=(0, stat.st_mtime_ns))


def replace_unseen(file: Path) -> None:
    """Another file under its name: the size and the modification time stay."""
    stat = file.stat()
    new = file.with_name("new")
    new.write_bytes(b"\0" * stat.st_size)
    os.utime(new, ns=(0, stat.st_mtime_ns))
    new.replace(file)


def touch(file: Path) -> None:
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 1))


def rewrite(file: Path) -> None:
    stat = file.stat()
    with file.open("r+b") as stream:
        stream.write(b"\0" * stat.st_size)
    os.utime(file, ns=(0, stat.st_mtime_ns + 1))


@pytest.mark.parametrize("day", SOME_DAYS)
@pytest.mark.parametrize(
    "change",
    [
        Path.unlink,
        cut,
        cut_unseen,
        touch,
        rewrite,
        pytest.param(change_unseen, marks=NO_CTIME),
        pytest.param(replace_unseen, marks=NO_CTIME),
    ],
)
def test_every_change_is_noticed(
    tmp_path: Path, opened: list[str], change: Callable[[Path], None], day: str
) -> None:
    folder = Folder(tmp_path)
    folder.store()
    assert folder.plan().present == folder.sessions
    assert opened == []
    file = folder.file(day)
    change(file)
    planned = folder.plan()
    assert opened == ([] if change is Path.unlink else [file.name])
    assert texts(planned.missing) == ([] if change is touch else [day])


def test_a_file_that_appears_is_noticed(tmp_path: Path, opened: list[str]) -> None:
    folder = Folder(tmp_path)
    folder.store(*(str(session) for session in folder.sessions[:-1]))
    assert folder.plan().missing == folder.sessions[-1:]
    kept, last = folder.file(str(folder.sessions[0])), folder.file(str(folder.sessions[-1]))
    last.write_bytes(kept.read_bytes())
    assert folder.plan().present == folder.sessions
    assert opened == [last.name]


def test_sessions_that_are_all_well_are_not_looked_at_one_by_one(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.store()
    monkeypatch.setattr(judging, "OnDisk", None)
    assert folder.plan().present == folder.sessions
    assert folder.plan(hours=Hours.REGULAR).present == folder.sessions
    part = Folder(folder.path, folder.resolution, "2024-01-04", "2024-01-09")
    assert part.plan().present == part.sessions


def test_complete_folder_needs_nothing_heavy(tmp_path: Path) -> None:
    for resolution in ("minute", "daily"):
        Folder(tmp_path, resolution).store()
    code = (
        "import leanfeed, sys\n"
        "report = leanfeed.ensure('SPY', resolution='minute,daily', start='2024-01-02',"
        " end='2024-01-12', data_folder=sys.argv[1])\n"
        "assert report.cache_hits == 18, report\n"
        "print(*sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True
    )
    assert {"numpy", "urllib3", "filelock"}.isdisjoint(run.stdout.split())


def fill(folder: Path, tickers: int) -> Request:
    """A year of minutes for many symbols, all known to the ledger."""
    symbols = tuple(Symbol(f"T{number:03d}") for number in range(tickers))
    with Ledger(folder) as ledger:
        for symbol in symbols:
            series = build.series(symbol.ticker)
            (folder / paths.series_folder(series)).mkdir(parents=True)
            for session in YEAR:
                path = paths.zip_path(series, session.date)
                with zipfile.ZipFile(folder / path, "w") as archive:
                    archive.writestr("a.csv", "0,1,1,1,1,1")
                written = Written(series, session, "memory", rows=1, path=str(path))
                ledger.record(written, hours=Hours.EXTENDED, at=NOW)
    return Request(symbols, (Resolution.MINUTE,), YEAR[0].date, YEAR[-1].date, asked_at=NOW)


def list_names(folder: Path) -> None:
    for ticker in sorted((folder / "equity/usa/minute").iterdir()):
        with os.scandir(ticker) as listing:
            for file in listing:
                file.name  # noqa: B018


def seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


@pytest.mark.slow
def test_planning_a_warm_folder_costs_little_more_than_listing_it(tmp_path: Path) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    request, twice = fill(few, 40), fill(many, 80)
    planner = CalendarPlanner()
    assert planner.plan(twice, many).present == 80 * len(YEAR)
    rounds = [
        (
            seconds(lambda: planner.plan(request, few)),
            seconds(lambda: planner.plan(twice, many)),
            seconds(lambda: list_names(many)),
        )
        for _ in range(15)
    ]
    half, whole, listing = map(min, zip(*rounds, strict=True))
    assert whole < 8 * listing
    assert whole < 2.6 * half
