"""The whole road, with sources that answer from memory."""

from __future__ import annotations

import _thread
import multiprocessing
import os
import stat
import sys
import threading
import time
import zipfile
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

import leanfeed
from leanfeed import (
    CancelledError,
    ConfigurationError,
    InvalidRequestError,
    Report,
    UnavailableError,
    WriteError,
)
from leanfeed.events import (
    Event,
    FileDamaged,
    RunFinished,
    RunStarted,
    SessionStored,
    Waiting,
    announce,
)
from leanfeed.lean import zips
from leanfeed.lean.zips import zip_bytes
from leanfeed.ledger import Ledger
from tests import build
from tests.build import MemorySource

RESOLUTIONS = ("second", "minute", "hour", "daily")


def ensure(folder: Path, source: Any, symbols: Any = "SPY", **more: Any) -> Report:
    asked = {"resolution": "minute", "start": "2024-01-02", "end": "2024-01-05"} | more
    sources = source if isinstance(source, list) else [source]
    return leanfeed.ensure(symbols, data_folder=folder, sources=sources, **asked)


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".leanfeed" not in path.parts
    }


def rows(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        return archive.read(name).decode().split("\n")


def test_first_run_writes_and_second_run_asks_nobody(tmp_path: Path) -> None:
    first = ensure(tmp_path, MemorySource(), ["SPY", "brk.b"], resolution=RESOLUTIONS)
    assert first.complete
    assert first.written_sessions == 2 * 4 * 4
    before = files(tmp_path)
    assert set(before) == {
        *(f"equity/usa/{r}/{t}.zip" for r in ("hour", "daily") for t in ("spy", "brk.b")),
        *(
            f"equity/usa/{r}/{t}/202401{day}_trade.zip"
            for r in ("second", "minute")
            for t in ("spy", "brk.b")
            for day in ("02", "03", "04", "05")
        ),
    }
    idle = MemorySource()
    second = ensure(tmp_path, idle, ["SPY", "BRK.B"], resolution=RESOLUTIONS)
    assert second.complete
    assert (idle.asked, second.cache_hits, second.bytes_written) == ([], 32, 0)
    assert files(tmp_path) == before


def test_only_the_deleted_session_is_asked_for(tmp_path: Path) -> None:
    ensure(tmp_path, MemorySource())
    before = files(tmp_path)
    (tmp_path / "equity/usa/minute/spy/20240104_trade.zip").unlink()
    source = MemorySource()
    assert ensure(tmp_path, source).complete
    assert source.asked_sessions == ["2024-01-04"]
    after = files(tmp_path)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"equity/usa/minute/spy/20240104_trade.zip"}
    assert {n: content for n, (content, _) in after.items()} == {
        n: content for n, (content, _) in before.items()
    }


@pytest.mark.parametrize("resolution", ["hour", "daily"])
def test_shared_file_grows_and_keeps_every_row(tmp_path: Path, resolution: str) -> None:
    path = tmp_path / f"equity/usa/{resolution}/spy.zip"
    ensure(tmp_path, MemorySource(), resolution=resolution, start="2024-01-04")
    old = rows(path)
    source = MemorySource(price=200)
    report = ensure(tmp_path, source, resolution=resolution, end="2024-01-08")
    assert source.asked_sessions == ["2024-01-02", "2024-01-03", "2024-01-08"]
    assert report.complete
    new = rows(path)
    assert [row for row in new if row in old] == old
    assert new == sorted(new)
    assert len(new) == len(old) // 2 * 5


def test_session_without_trades_is_remembered_and_leaves_no_file(tmp_path: Path) -> None:
    empty = MemorySource(empty=frozenset({"2024-01-03"}))
    report = ensure(tmp_path, empty, resolution=["minute", "daily"])
    assert report.complete
    assert [[str(s) for s in line.no_trades] for line in report.series] == [["2024-01-03"]] * 2
    assert not (tmp_path / "equity/usa/minute/spy/20240103_trade.zip").exists()
    idle = MemorySource()
    again = ensure(tmp_path, idle, resolution=["minute", "daily"])
    assert (idle.asked, again.complete) == ([], True)


def test_ledger_is_only_an_accelerator(tmp_path: Path) -> None:
    ensure(tmp_path, MemorySource(empty=frozenset({"2024-01-03"})))
    (tmp_path / ".leanfeed/ledger.sqlite").unlink()
    source = MemorySource(empty=frozenset({"2024-01-03"}))
    assert ensure(tmp_path, source).complete
    assert source.asked_sessions == ["2024-01-03"]


def test_half_day_and_holiday(tmp_path: Path) -> None:
    source = MemorySource()
    report = ensure(tmp_path, source, start="2024-11-25", end="2024-11-29")
    assert source.asked_sessions == ["2024-11-25", "2024-11-26", "2024-11-27", "2024-11-29"]
    assert report.complete


def test_end_defaults_to_the_last_complete_session(tmp_path: Path) -> None:
    report = ensure(tmp_path, MemorySource(), start="2026-01-02", end=None, resolution="daily")
    assert report.complete
    last = report.series[0].written[-1]
    assert report.window[1] == last.date
    planned = leanfeed.plan("SPY", resolution="daily", start="2026-01-02", data_folder=tmp_path)
    assert planned.missing == planned.unsettled == 0


def test_warmup_extends_the_window_backwards(tmp_path: Path) -> None:
    source = MemorySource()
    report = ensure(tmp_path, source, warmup=3)
    assert source.asked_sessions[:4] == ["2023-12-27", "2023-12-28", "2023-12-29", "2024-01-02"]
    assert [str(day) for day in report.window] == ["2024-01-02", "2024-01-05"]
    assert [str(day) for day in report.extended_window] == ["2023-12-27", "2024-01-05"]


def test_regular_hours_leave_out_the_rest_and_extended_hours_come_later(tmp_path: Path) -> None:
    (session,) = build.sessions("2024-01-02", "2024-01-02")
    line = build.series()
    early = build.bars(session, count=60)
    early = leanfeed.Bars(early.time - 30 * 60_000, *early.columns[1:])
    day = {"start": "2024-01-02", "end": "2024-01-02"}
    given = {(line, session): early}
    path = tmp_path / "equity/usa/minute/spy/20240102_trade.zip"
    assert ensure(tmp_path, MemorySource(given=given), session="regular", **day).complete
    assert len(rows(path)) == 30
    idle = MemorySource()
    assert ensure(tmp_path, idle, session="regular", **day).complete
    assert idle.asked == []
    assert ensure(tmp_path, MemorySource(given=given), **day).written_sessions == 1
    assert len(rows(path)) == 60


def test_source_that_fails_leaves_the_rest_missing_with_the_reason(tmp_path: Path) -> None:
    report = ensure(tmp_path, MemorySource(fails_after=2, error=UnavailableError("it is down")))
    assert (report.written_sessions, report.missing_sessions) == (2, 2)
    assert set(report.series[0].missing.values()) == {
        "MemorySource: it cannot be reached, or fails"
    }
    assert "it is down" in str(report)
    assert report.failures[0].error == "UnavailableError"
    assert ensure(tmp_path, MemorySource()).written_sessions == 2


def test_failure_of_one_source_is_made_good_by_the_next(tmp_path: Path) -> None:
    class Second(MemorySource):
        pass

    report = ensure(tmp_path, [MemorySource(fails_after=1), Second()], resolution="daily")
    assert report.complete
    assert report.by_source == {"MemorySource": 1, "Second": 3}


def test_ctrl_c_keeps_what_has_come(tmp_path: Path) -> None:
    class Interrupted(MemorySource):
        def fetch(self, gaps: Any) -> Any:
            stopped = threading.Event()
            with leanfeed.on_stop(stopped.set):
                yield from islice(super().fetch(gaps), 2)
                time.sleep(0.3)
                _thread.interrupt_main()
                assert stopped.wait(10)

    heard: list[Event] = []
    with pytest.raises(KeyboardInterrupt):
        ensure(tmp_path, Interrupted(), resolution="daily", progress=heard.append)
    assert len(rows(tmp_path / "equity/usa/daily/spy.zip")) == 2
    assert isinstance(heard[-1], RunFinished)
    assert heard[-1].report.written_sessions == 2


def test_cancelled_run_ends_and_keeps_what_has_come(tmp_path: Path) -> None:
    class Endless(MemorySource):
        def fetch(self, gaps: Any) -> Any:
            stopped = threading.Event()
            with leanfeed.on_stop(stopped.set):
                yield from islice(super().fetch(gaps), 2)
                assert stopped.wait(10)

    cancel = threading.Event()

    def progress(event: Event) -> None:
        if isinstance(event, SessionStored):
            cancel.set()

    started = time.monotonic()
    with pytest.raises(CancelledError, match="still missing: run again") as stopped:
        ensure(tmp_path, Endless(), progress=progress, cancel=cancel)
    report = stopped.value.report
    assert isinstance(report, leanfeed.Report)
    there = len(list((tmp_path / "equity/usa/minute").rglob("*.zip")))
    assert report.stored_sessions == there > 0
    stored = f"{there} session{'s' if there > 1 else ''} stored"
    assert f"{stored}, {report.missing_sessions} sessions still" in str(stopped.value)
    assert time.monotonic() - started < 3
    assert (tmp_path / "equity/usa/minute/spy/20240102_trade.zip").exists()


def test_source_that_hangs_is_given_up_and_the_next_one_asked(tmp_path: Path) -> None:
    class Hanging(MemorySource):
        def fetch(self, gaps: Any) -> Any:
            yield from islice(super().fetch(gaps), 2)
            with leanfeed.on_stop(released.set):
                released.wait(10)

    released = threading.Event()
    (tmp_path / "leanfeed.toml").write_text("silence_limit = 0.3\n", encoding="utf-8")
    report = ensure(tmp_path, [Hanging(), MemorySource()], config=tmp_path / "leanfeed.toml")
    assert report.complete
    assert report.by_source == {"Hanging": 2, "MemorySource": 2}
    assert "silence_limit" in report.failures[0].message
    assert released.is_set()
    assert [fallback.source for fallback in report.fallbacks] == ["MemorySource"]


def test_source_that_announces_is_alive(tmp_path: Path) -> None:
    class Slow(MemorySource):
        def fetch(self, gaps: Any) -> Any:
            for _ in range(5):
                time.sleep(0.15)
                announce(Waiting("Slow", 0.15))
            yield from super().fetch(gaps)

    (tmp_path / "leanfeed.toml").write_text("silence_limit = 0.3\n", encoding="utf-8")
    assert ensure(tmp_path, Slow(), config=tmp_path / "leanfeed.toml").complete


@pytest.mark.parametrize("resolution", ["minute", "daily"])
def test_damaged_file_is_named_fetched_again_and_kept(tmp_path: Path, resolution: str) -> None:
    ensure(tmp_path, MemorySource(), resolution=resolution)
    name = "minute/spy/20240103_trade.zip" if resolution == "minute" else "daily/spy.zip"
    path = tmp_path / "equity/usa" / name
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    heard: list[Event] = []
    report = ensure(tmp_path, MemorySource(), resolution=resolution, progress=heard.append)
    assert report.complete
    assert path.read_bytes() == whole
    (kept,) = report.series[0].kept_aside.items()
    assert kept[0] == f"equity/usa/{name}"
    assert (tmp_path / kept[1]).read_bytes() == whole[:-30]
    assert [e.path for e in heard if isinstance(e, FileDamaged)] == [kept[0]]


def test_damaged_file_stays_when_nobody_can_replace_it(tmp_path: Path) -> None:
    path = tmp_path / "equity/usa/minute/spy/20240103_trade.zip"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no zip")
    report = ensure(tmp_path, MemorySource(fails_after=0))
    assert report.series[0].damaged == ("equity/usa/minute/spy/20240103_trade.zip",)
    assert "20240103_trade.zip is damaged, and nobody could replace it" in str(report)
    told = str(ensure(tmp_path, MemorySource(), dry_run=True))
    assert "20240103_trade.zip is damaged, and would be replaced" in told
    assert path.read_bytes() == b"no zip"


def test_events_begin_with_the_plan_and_end_with_the_report(tmp_path: Path) -> None:
    heard: list[Event] = []
    report = ensure(tmp_path, MemorySource(), progress=heard.append)
    assert isinstance(heard[0], RunStarted)
    assert heard[0].plan.missing == 4
    assert heard[-1] == RunFinished(report)


def test_dry_run_asks_nobody_and_writes_nothing(tmp_path: Path) -> None:
    source = MemorySource()
    report = ensure(tmp_path / "data", source, dry_run=True)
    assert (source.asked, report.missing_sessions) == ([], 4)
    assert not (tmp_path / "data").exists()


BAD = [
    ({"resolution": "tick"}, InvalidRequestError, "resolution"),
    ({"end": "2024-01-01"}, InvalidRequestError, "before the start"),
    ({"start": "2999-01-01", "end": None}, InvalidRequestError, "future"),
    ({"end": "2999-01-01"}, InvalidRequestError, "future"),
    ({"symbols": "../../etc"}, InvalidRequestError, "not a ticker"),
    ({"symbols": []}, InvalidRequestError, "at least one"),
    ({"symbols": ["AMpB", "AMPB"]}, InvalidRequestError, "AMpB and AMPB"),
    ({"source": "polgon"}, ConfigurationError, "did you mean 'polygon'"),
    ({"session": "night"}, ConfigurationError, "session"),
    ({"start": "1980-01-02", "end": "1980-01-05"}, InvalidRequestError, "1990-01-01"),
]


@pytest.mark.parametrize(("change", "error", "words"), BAD)
def test_bad_input_is_one_sentence_and_an_untouched_folder(
    tmp_path: Path, change: dict[str, Any], error: type[Exception], words: str
) -> None:
    asked = {"source": MemorySource(), "symbols": "SPY"} | change
    with pytest.raises(error, match=words):
        ensure(tmp_path / "data", **asked)
    assert not (tmp_path / "data").exists()


def test_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(ConfigurationError, match="is a file"):
        ensure(tmp_path / "data", MemorySource())


def test_folder_that_cannot_be_written_is_found_out_before_the_first_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    source = MemorySource()
    with pytest.raises(WriteError, match="not writable"):
        ensure(tmp_path, source)
    assert source.asked == []


def test_full_disk_is_a_write_error_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files_flushed = count(1)

    def fsync(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode) and next(files_flushed) > 1:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(WriteError, match="No space left"):
        ensure(tmp_path, MemorySource())
    (only,) = files(tmp_path)
    assert only.startswith("equity/usa/minute/spy/2024010")
    assert only.endswith("_trade.zip")


def test_plan_says_what_ensure_will_do(tmp_path: Path) -> None:
    ensure(tmp_path, MemorySource(), end="2024-01-03")
    asked = {"resolution": "minute", "start": "2024-01-02", "end": "2024-01-05"}
    sources = [MemorySource()]
    planned = leanfeed.plan("SPY", data_folder=tmp_path, sources=sources, **asked)
    assert [str(s) for s in planned.gaps[0].sessions] == ["2024-01-04", "2024-01-05"]
    assert planned.estimates == {"MemorySource": None}
    assert "2 missing (2024-01-04 … 2024-01-05)" in str(planned)
    assert sources[0].asked == []


def fill(folder: Path, months: str) -> None:
    first, last = months.split("-")
    window = {"start": f"2024-{first}-02", "end": f"2024-{last}-28"}
    ensure(folder, MemorySource(), resolution="daily", **window)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("worker", [threading.Thread, multiprocessing.get_context("fork").Process])
def test_two_at_once_lose_no_row(
    tmp_path: Path, worker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "zip_bytes", lambda *a: (time.sleep(0.3), zip_bytes(*a))[1])
    workers = [
        worker(target=fill, args=(tmp_path, months)) for months in ("01-03", "04-06", "07-09")
    ]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    dates = [row[:8] for row in rows(tmp_path / "equity/usa/daily/spy.zip")]
    assert dates == sorted(dates)
    asked = [build.sessions(f"2024-{a}-02", f"2024-{b}-28") for a, b in
             (("01", "03"), ("04", "06"), ("07", "09"))]  # fmt: skip
    assert dates == [f"{session.date:%Y%m%d}" for part in asked for session in part]


BAD_ROWS = ["date,o,h,l,c,v", "20231229 00:00,1,2,1,2,5 ", "", "20231229 00:00,1,2,1,2"]


@pytest.mark.parametrize("bad", BAD_ROWS)
def test_row_that_lean_would_misread_is_thrown_out_and_the_others_are_kept(
    tmp_path: Path, bad: str
) -> None:
    path = tmp_path / "equity/usa/daily/spy.zip"
    path.parent.mkdir(parents=True)
    good = ["20231227 00:00,1,2,1,2,5", "20231228 00:00,1,2,1,2,5"]
    path.write_bytes(zip_bytes("spy.csv", "\n".join([good[0], bad, good[1]]).encode()))
    first = ensure(tmp_path, MemorySource(), resolution="daily")
    assert first.series[0].kept_aside
    assert rows(path)[:2] == good
    assert len(rows(path)) == 6
    idle = MemorySource()
    assert ensure(tmp_path, idle, resolution="daily").complete
    assert idle.asked == []


def test_minute_file_with_garbage_for_text_is_fetched_again(tmp_path: Path) -> None:
    path = tmp_path / "equity/usa/minute/spy/20240103_trade.zip"
    path.parent.mkdir(parents=True)
    path.write_bytes(zip_bytes("20240103_spy_minute_trade.csv", b"hello world"))
    report = ensure(tmp_path, MemorySource())
    assert (report.written_sessions, list(report.series[0].kept_aside)) == (
        4,
        ["equity/usa/minute/spy/20240103_trade.zip"],
    )


@pytest.mark.parametrize("resolution", ["minute", "daily"])
def test_damaged_file_makes_room_when_there_was_no_trading(tmp_path: Path, resolution: str) -> None:
    name = "minute/spy/20240103_trade.zip" if resolution == "minute" else "daily/spy.zip"
    path = tmp_path / "equity/usa" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"<html>")
    day = {"start": "2024-01-03", "end": "2024-01-03"}
    empty = MemorySource(empty=frozenset({"2024-01-03"}))
    report = ensure(tmp_path, empty, resolution=resolution, **day)
    assert report.complete
    assert not path.exists()
    assert [(tmp_path / kept).read_bytes() for kept in report.series[0].kept_aside.values()] == [
        b"<html>"
    ]


@pytest.mark.parametrize("resolution", ["minute", "daily"])
def test_file_that_the_system_refuses_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resolution: str
) -> None:
    ensure(tmp_path, MemorySource(), resolution=resolution)
    (tmp_path / ".leanfeed/ledger.sqlite").unlink()
    before = files(tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "spy.zip")

    source = MemorySource()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", refuse)
        with pytest.raises(ConfigurationError, match="Permission denied"):
            ensure(tmp_path, source, resolution=resolution)
    assert source.asked == []
    assert files(tmp_path) == before


def test_other_spelling_is_refused_in_a_later_call_too(tmp_path: Path) -> None:
    ensure(tmp_path, MemorySource(), "AMPB")
    with pytest.raises(InvalidRequestError, match="holds AMPB"):
        ensure(tmp_path, MemorySource(), "AMpB")


@pytest.mark.parametrize(
    ("column", "value"), [("volume", 1e20), ("volume", 1e-30), ("high", 1e15), ("low", 1e-12)]
)
def test_number_that_lean_cannot_hold_costs_its_source_only(
    tmp_path: Path, column: str, value: float
) -> None:
    (day,) = build.sessions("2024-01-03", "2024-01-03")
    bars = build.bars(day)
    names = ("open", "high", "low", "close", "volume")
    columns = [getattr(bars, name).copy() for name in names]
    columns[names.index(column)][2] = value
    given = {(build.series(), day): leanfeed.Bars(bars.time, *columns)}

    class Second(MemorySource):
        pass

    report = ensure(tmp_path, [MemorySource(given=given), Second()])
    assert report.complete
    assert report.by_source == {"MemorySource": 1, "Second": 3}
    assert "SPY minute 2024-01-03" in report.failures[0].message


@pytest.mark.parametrize("answer", [None, "yes", 1])
def test_plugin_that_answers_nonsense_ends_its_own_run(tmp_path: Path, answer: Any) -> None:
    class Odd(MemorySource):
        def supports(self, series: Any) -> Any:
            return answer

    class Leaver(MemorySource):
        def fetch(self, gaps: Any) -> Any:
            sys.exit(3)

    report = ensure(tmp_path, [Odd(), Leaver(), MemorySource()])
    assert report.complete
    assert [failure.source for failure in report.failures] == ["Odd", "Leaver"]
    planned = leanfeed.plan(
        "SPY", resolution="minute", start="2024-01-02", sources=[Odd()], data_folder=tmp_path
    )
    assert planned.estimates == {"Odd": None}


def test_error_of_the_callers_progress_is_the_callers(tmp_path: Path) -> None:
    def progress(event: Event) -> None:
        if isinstance(event, SessionStored):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ensure(tmp_path, MemorySource(), end="2026-06-30", progress=progress)
    written = list(files(tmp_path))
    assert written[0] == "equity/usa/minute/spy/20240102_trade.zip"
    assert len(written) < 500, "what was under way is finished, and no more"


@pytest.mark.parametrize("folder", ["equity", "equity/usa/minute/spy"])
def test_file_in_place_of_a_folder_is_one_sentence(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a file")
    with pytest.raises(leanfeed.LeanfeedError, match="Not a directory"):
        ensure(tmp_path, MemorySource())


@pytest.mark.parametrize("folder", ["", "  ", "a\0b", "x" * 300])
def test_folder_that_cannot_be_is_one_sentence(folder: str) -> None:
    with pytest.raises(ConfigurationError):
        ensure(folder, MemorySource())  # type: ignore[arg-type]


def test_shared_files_are_merged_on_the_way_in_a_long_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leanfeed.default_plugins.zip_files._MERGE_EVERY", 0.0)
    seen: list[int] = []

    class Slow(MemorySource):
        def fetch(self, gaps: Any) -> Any:
            for number, delivery in enumerate(super().fetch(gaps)):
                path = tmp_path / "equity/usa/daily/spy.zip"
                patience = time.monotonic() + 5
                while number and time.monotonic() < patience and len(seen) < number:
                    time.sleep(0.01)
                    if path.exists() and len(rows(path)) == number:
                        seen.append(number)
                yield delivery

    assert ensure(tmp_path, Slow(), resolution="daily").complete
    assert seen == [1, 2, 3]


def test_day_without_trades_between_full_ones_is_suspicious(tmp_path: Path) -> None:
    given = {
        (build.series(), session): build.bars(session, count=390)
        for session in build.sessions("2024-01-02", "2024-01-05")
    }
    source = MemorySource(empty=frozenset({"2024-01-04"}), given=given)
    given.pop((build.series(), build.sessions("2024-01-04", "2024-01-04")[0]))
    report = ensure(tmp_path, source)
    assert report.complete
    assert [str(session) for session in report.series[0].suspicious] == ["2024-01-04"]
    assert "no trades on 2024-01-04 between full sessions is suspicious" in str(report)
    again = leanfeed.plan(
        "SPY", resolution="minute", start="2024-01-02", end="2024-01-05", data_folder=tmp_path
    )
    assert [str(session) for session in again.series[0].suspicious] == ["2024-01-04"]
    assert again.to_dict()["series"][0]["suspicious"] == ["2024-01-04"]


def test_files_that_were_opened_once_are_not_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure(tmp_path, MemorySource())
    Ledger(tmp_path).path.unlink()
    assert ensure(tmp_path, MemorySource()).cache_hits == 4
    monkeypatch.setattr(zips, "entries", None)
    monkeypatch.setattr(zips, "entry_text", None)
    assert ensure(tmp_path, MemorySource()).cache_hits == 4


def test_ledger_says_why_a_source_was_asked(tmp_path: Path) -> None:
    class Second(MemorySource):
        pass

    ensure(tmp_path, [MemorySource(lacks=frozenset({"2024-01-04"})), Second()])
    with Ledger(tmp_path) as ledger:
        entries = ledger.entries(build.series())
    notes = {str(date): (entry.source, entry.note) for date, entry in entries.items()}
    assert notes["2024-01-03"] == ("MemorySource", "")
    assert notes["2024-01-04"] == ("Second", "MemorySource: no answer for it")


def test_source_that_reuses_its_arrays_changes_nothing_that_was_checked(tmp_path: Path) -> None:
    class Reusing(MemorySource):
        def fetch(self, gaps: Any) -> Any:
            for delivery in super().fetch(gaps):
                yield delivery
                delivery.bars.close[:] = 1.0

    assert ensure(tmp_path, Reusing()).complete
    for session in build.sessions("2024-01-02", "2024-01-05"):
        path = tmp_path / f"equity/usa/minute/spy/{session.date:%Y%m%d}_trade.zip"
        assert leanfeed.lean.read_file(path) == build.bars(session)
