"""A folder that lacks nothing: planned at once, and no change among its files goes unseen."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import Any

import pytest
from attrs import evolve

from leanfeed import Hours, Request, Resolution, Symbol, Written, kernel
from leanfeed.default_plugins import judging, places, stamps
from leanfeed.default_plugins.calendar_planner import CalendarPlanner
from leanfeed.lean import paths
from leanfeed.ledger import Ledger, ledger
from leanfeed.ledger.storage import open_to_read
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


@pytest.fixture(params=["kernel", "python"])
def road(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks the system about files."""
    if request.param == "kernel" and not kernel.is_there():
        pytest.skip("there is no compiled kernel here")
    monkeypatch.setattr(stamps, "_MANY", 0 if request.param == "kernel" else sys.maxsize)


@pytest.mark.usefixtures("road")
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


@pytest.mark.usefixtures("road")
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
    monkeypatch.setitem(sys.modules, "leanfeed.default_plugins.cases", None)
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
    heavy = {"numpy", "urllib3", "filelock", "importlib.metadata", "hashlib", "socket", "tempfile"}
    heavy |= {"logging", "msgspec", "queue", "zlib"}
    unused = {
        "background", "chain", "default_plugins.cases", "default_plugins.safe_files",
        "events.on_the_way", "filling", "html", "ledger.ingested", "observe", "tally",
    }  # fmt: skip
    unused = {f"leanfeed.{name}" for name in unused}
    assert not (heavy | unused) & {*run.stdout.split()}


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


def calls(request: Request, folder: Path) -> int:
    """How many functions, of Python and built in, planning a complete folder calls."""
    count = 0

    def hear(_frame: FrameType, event: str, _function: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(hear)
    try:
        planned = CalendarPlanner().plan(request, folder)
    finally:
        sys.setprofile(None)
    assert not planned.missing
    return count


def test_the_cost_of_a_warm_folder_is_that_of_its_series_not_of_its_sessions(
    tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not kernel.is_there():
        pytest.skip("without the kernel the system is asked file by file")
    monkeypatch.setattr(stamps, "_MANY", 0)
    year = fill(tmp_path, 12)
    quarter = evolve(year, end=YEAR[len(YEAR) // 4 - 1].date)
    half = evolve(year, symbols=year.symbols[:6])
    calls(year, tmp_path)  # what is imported late is there
    whole, less, fewer = (calls(asked, tmp_path) for asked in (year, quarter, half))
    of_series = (whole - fewer) / 6
    # The window of a market is made once, session by session: twelve series share it.
    of_session = (whole - less) / (len(YEAR) - len(YEAR) // 4)
    assert opened == []
    assert of_series < 140
    assert of_session < 40


@pytest.mark.usefixtures("road")
@pytest.mark.parametrize("at_a_time", [1, len(YEAR), 2 * len(YEAR), 10**9])
def test_many_series_are_looked_at_part_by_part_and_each_change_is_noticed(
    tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch, at_a_time: int
) -> None:
    monkeypatch.setattr(judging, "_AT_A_TIME", at_a_time)
    request = fill(tmp_path, 5)
    for number, session in ((0, YEAR[0]), (2, YEAR[7]), (4, YEAR[-1])):
        series = build.series(request.symbols[number].ticker)
        (tmp_path / paths.zip_path(series, session.date)).unlink()
    planned = CalendarPlanner().plan(request, tmp_path)
    assert [(s.series.symbol.ticker, texts(s.missing)) for s in planned.series] == [
        ("T000", [str(YEAR[0])]), ("T001", []), ("T002", [str(YEAR[7])]), ("T003", []),
        ("T004", [str(YEAR[-1])]),
    ]  # fmt: skip
    assert opened == []


def test_the_system_looks_for_a_part_while_the_one_before_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "_AT_A_TIME", 1)
    request, told = fill(tmp_path, 3), list[str]()

    def begin(*asked: Any) -> Callable[[], list[stamps.Stamps]]:
        answer = places.stamps(*asked)
        told.append("begun")

        def wait() -> list[stamps.Stamps]:
            told.append("answered")
            return answer()

        return wait

    monkeypatch.setattr(judging, "stamps", begin)
    assert not CalendarPlanner().plan(request, tmp_path).missing
    assert told == ["begun", "begun", "answered", "begun", "answered", "answered"]


def test_the_first_look_opens_each_file_once_and_costs_the_same_for_each(
    tmp_path: Path, opened: list[str]
) -> None:
    year = fill(tmp_path, 1)
    Ledger(tmp_path).path.unlink()
    ends = (YEAR[50].date, YEAR[100].date, YEAR[200].date)
    calls(year, tmp_path)  # what is imported late is there
    assert len(opened) == len(set(opened)) == len(YEAR)
    few, more, most = (calls(evolve(year, end=end), tmp_path) for end in ends)
    assert (most - more) / 100 == pytest.approx((more - few) / 50, rel=0.1)


def test_one_query_reads_what_is_known_of_many_series(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = fill(tmp_path, 12)
    queries: list[str] = []

    def connect(path: Path) -> sqlite3.Connection | None:
        connection = open_to_read(path)
        if connection is not None:
            connection.set_trace_callback(queries.append)
        return connection

    monkeypatch.setattr(ledger, "open_to_read", connect)
    assert not CalendarPlanner().plan(request, tmp_path).missing
    assert len(queries) == 1


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
