"""Repairing: what was condemned is fetched again, and nothing else."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

import leanfeed
from leanfeed.audits.audit import audit
from leanfeed.audits.repair import repair
from leanfeed.errors import CancelledError
from leanfeed.lean.zips import entry_text
from leanfeed.values import Series, TickType
from tests.audit.files import (
    DAILY,
    DATES,
    DAY,
    HOUR,
    MINUTE,
    MINUTE_ENTRY,
    MINUTE_PATH,
    put,
    put_bytes,
    put_sound,
    text_of,
    zipped,
)
from tests.build import MemorySource

DAILY_PATH = "equity/usa/daily/spy.zip"
SOUND = text_of()
ROWS = SOUND.split(b"\n")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".leanfeed" not in path.parts
    }


def kept(folder: Path) -> list[bytes]:
    aside = (folder / ".leanfeed/quarantine").rglob("*")
    return [path.read_bytes() for path in aside if path.is_file()]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="unreadable"),
        pytest.param(zipped((MINUTE_ENTRY, b"")), id="empty"),
        pytest.param(zipped((MINUTE_ENTRY, SOUND + b"\n1,2")), id="bad line"),
        pytest.param(zipped((MINUTE_ENTRY, SOUND), ("b.csv", SOUND)), id="two entries"),
        pytest.param(zipped(("20240104_spy_minute_trade.csv", SOUND)), id="wrong entry"),
        pytest.param(zipped((MINUTE_ENTRY, b"\n".join([*ROWS, ROWS[-1]]))), id="duplicate"),
        pytest.param(zipped((MINUTE_ENTRY, b"\n".join(reversed(ROWS)))), id="unsorted"),
        pytest.param(zipped((MINUTE_ENTRY, SOUND + b"\n72000000,1,1,1,1,1")), id="outside"),
    ],
)
def test_one_session_is_fetched_again(content: bytes, tmp_path: Path) -> None:
    put_sound(tmp_path)
    sound = contents(tmp_path)
    put_bytes(tmp_path, MINUTE_PATH, content)
    source = MemorySource()

    report = repair(data_folder=tmp_path, sources=[source])

    assert source.asked_sessions == [str(DAY)]
    assert report.ok
    assert report.sessions == 1
    assert contents(tmp_path) == sound
    assert audit(data_folder=tmp_path).findings[1:] == ()  # the old file in quarantine, at most


def test_the_old_file_is_kept_when_it_was_damaged(tmp_path: Path) -> None:
    put_sound(tmp_path)
    put_bytes(tmp_path, MINUTE_PATH, b"precious")
    assert repair(data_folder=tmp_path, sources=[MemorySource()]).ok
    assert kept(tmp_path) == [b"precious"]


def test_the_old_file_is_kept_whatever_was_the_matter(tmp_path: Path) -> None:
    put_sound(tmp_path, MINUTE, DAILY)
    bad_price = put(tmp_path, MINUTE, SOUND.replace(b",1000000,", b",-1000000,", 1), DAY)
    first, *rows = text_of(DAILY).split(b"\n")
    rows[0] = rows[0].replace(b",1000000,", b",-1000000,", 1)
    rows[2] = rows[2].replace(b",1000000,", b",-1000000,", 1)
    bad_days = put(tmp_path, DAILY, b"\n".join([first, *rows]))
    old = {bad_price.read_bytes(), bad_days.read_bytes()}
    report = repair(data_folder=tmp_path, sources=[MemorySource()])
    assert report.ok
    assert len(report.errands) == 3
    assert set(report.kept_aside) == {MINUTE_PATH, DAILY_PATH}
    assert {(tmp_path / aside).read_bytes() for aside in report.kept_aside.values()} == old
    assert len(kept(tmp_path)) == 2
    assert f"{DAILY_PATH}: the old file is {report.kept_aside[DAILY_PATH]}" in str(report)


def test_what_only_changed_is_kept_too(tmp_path: Path) -> None:
    window = {"resolution": "minute", "start": str(DATES[0]), "end": str(DATES[2])}
    leanfeed.ensure("SPY", data_folder=tmp_path, sources=[MemorySource()], **window)
    changed = put(tmp_path, MINUTE, SOUND.replace(b",1000000,", b",1000001,", 1), DAY).read_bytes()
    nobody = MemorySource(lacks=frozenset({str(DAY)}))
    assert repair(data_folder=tmp_path, sources=[nobody], strict=True).kept_aside == {}
    assert kept(tmp_path) == []
    assert repair(data_folder=tmp_path, sources=[MemorySource()], strict=True).ok
    assert kept(tmp_path) == [changed]


def test_the_old_file_stays_when_nobody_has_another(tmp_path: Path) -> None:
    put_sound(tmp_path)
    put_bytes(tmp_path, MINUTE_PATH, b"precious")
    before = contents(tmp_path)
    report = repair(data_folder=tmp_path, sources=[MemorySource(lacks=frozenset({str(DAY)}))])
    assert not report.ok
    assert report.after is not None
    assert [finding.path for finding in report.after.damaged] == [MINUTE_PATH]
    assert contents(tmp_path) == before
    assert str(report).startswith(f"{tmp_path}: still damaged; 0 of 1 session fetched\n")
    assert "still damaged: equity/usa/minute/spy/20240103_trade.zip: unreadable" in str(report)


@pytest.mark.parametrize(
    ("row", "days"),
    [
        (b"20240104 00:00,NaN,1,1,1,1", DATES[2:3]),
        (b"20240104 00:00,1000000,1,1,1,1", DATES[2:3]),
        (b"rubbish", DATES[2:3]),
    ],
)
def test_of_a_shared_file_only_the_damaged_rows(
    row: bytes, days: list[object], tmp_path: Path
) -> None:
    put_sound(tmp_path, DAILY)
    rows = entry_text(tmp_path / DAILY_PATH).split(b"\n")
    own = [rows[0].removesuffix(b"100") + b"99", *rows[1:]]  # a user's row, to be kept as it is
    put(tmp_path, DAILY, b"\n".join([*own[:2], row, *own[3:]]))
    source = MemorySource()
    assert repair(data_folder=tmp_path, sources=[source]).ok
    assert source.asked_sessions == [str(day) for day in days]
    assert entry_text(tmp_path / DAILY_PATH) == b"\n".join(own)


def test_a_shared_file_that_cannot_be_read_is_mended_by_the_ledger(tmp_path: Path) -> None:
    window = {"start": str(DATES[0]), "end": str(DATES[2])}
    leanfeed.ensure(
        "SPY", resolution="daily", data_folder=tmp_path, sources=[MemorySource()], **window
    )
    sound = contents(tmp_path)
    (tmp_path / DAILY_PATH).write_bytes(b"")
    source = MemorySource()
    assert repair(data_folder=tmp_path, sources=[source]).ok
    assert source.asked_sessions == [str(day) for day in DATES[:3]]
    assert contents(tmp_path) == sound


def test_a_shared_file_of_unknown_days_needs_a_start(tmp_path: Path) -> None:
    put_bytes(tmp_path, DAILY_PATH, b"")
    source = MemorySource()
    report = repair(data_folder=tmp_path, sources=[source])
    assert not report.ok
    assert [finding.path for finding in report.hopeless] == [DAILY_PATH]
    assert "say which days it held, with --start and --end" in str(report)
    assert source.asked == []
    start, end = DATES[0], DATES[1]
    assert repair(data_folder=tmp_path, sources=[source], start=start, end=end).ok
    assert source.asked_sessions == [str(start), str(end)]


def test_days_that_do_not_follow_one_another_are_asked_for_apart(tmp_path: Path) -> None:
    put_sound(tmp_path, MINUTE, HOUR)
    for day in (DATES[0], DATES[1], DATES[3]):
        put(tmp_path, MINUTE, b"", day)
    source = MemorySource()
    planned = str(repair("SPY", data_folder=tmp_path, dry_run=True))
    assert f"  minute SPY: {DATES[0]} … {DATES[1]}, {DATES[3]}\n" in f"{planned}\n"
    report = repair("SPY", data_folder=tmp_path, sources=[source])
    assert report.ok
    assert [[str(s) for s in errand.sessions] for errand in report.errands] == [
        [str(DATES[0]), str(DATES[1])],
        [str(DATES[3])],
    ]
    assert sorted(source.asked_sessions) == [str(day) for day in (*DATES[:2], DATES[3])]


def test_what_nobody_can_fetch_is_told(tmp_path: Path) -> None:
    quotes = Series(MINUTE.symbol, MINUTE.resolution, TickType.QUOTE)
    put(tmp_path, quotes, b"1", DAY)
    put_bytes(tmp_path, "option/usa/minute/spy/20240103_quote_american.zip", b"")
    source = MemorySource()
    report = repair(data_folder=tmp_path, sources=[source])
    assert not report.ok
    assert len(report.hopeless) == 2
    assert (source.asked, report.errands) == ([], ())
    assert "cannot be fetched again: option/usa/minute" in str(report)


def test_what_cannot_be_mended_is_not_well_because_something_else_was(tmp_path: Path) -> None:
    put_sound(tmp_path)
    put_bytes(tmp_path, MINUTE_PATH, b"")
    put_bytes(tmp_path, "option/usa/minute/spy/20240103_quote_american.zip", b"")
    report = repair(data_folder=tmp_path, sources=[MemorySource()])
    assert report.after is not None
    assert (report.after.ok, report.ok) == (True, False)


def test_what_is_suspicious_is_fetched_only_when_asked(tmp_path: Path) -> None:
    put(tmp_path, DAILY, b"20240102 00:00,9,9,9,9,1\n20240103 00:00,90,90,90,90,1")
    source = MemorySource()
    assert repair(data_folder=tmp_path, sources=[source]).ok
    assert source.asked == []
    assert repair(data_folder=tmp_path, sources=[source], strict=True).ok
    assert source.asked_sessions == [str(DAY)]


def test_a_dry_run_does_nothing(tmp_path: Path) -> None:
    put_sound(tmp_path)
    put_bytes(tmp_path, MINUTE_PATH, b"")
    leftover = put_bytes(tmp_path, "equity/usa/daily/.spy.zip.h.1.2.0123abcd.tmp", b"")
    os.utime(leftover, (1_000_000_000, 1_000_000_000))
    before = contents(tmp_path)
    source = MemorySource()
    report = repair(data_folder=tmp_path, sources=[source], dry_run=True, sweep=True)
    assert (source.asked, report.after, report.ok) == ([], None, False)
    assert report.sessions == 1
    assert report.swept == ("equity/usa/daily/.spy.zip.h.1.2.0123abcd.tmp",)
    assert contents(tmp_path) == before
    report = repair(data_folder=tmp_path, sources=[source], sweep=True)
    assert report.ok
    assert not leftover.exists()


def test_the_spelling_of_a_ticker_is_kept(tmp_path: Path) -> None:
    window = {"start": str(DAY), "end": str(DAY), "resolution": "minute"}
    leanfeed.ensure("AAMpA", data_folder=tmp_path, sources=[MemorySource()], **window)
    put_bytes(tmp_path, "equity/usa/minute/aampa/20240103_trade.zip", b"")
    source = MemorySource()
    assert repair(data_folder=tmp_path, sources=[source]).ok
    assert [gap.series.symbol.ticker for gap in source.asked] == ["AAMpA"]


def test_a_repair_can_be_stopped(tmp_path: Path) -> None:
    put_sound(tmp_path)
    put_bytes(tmp_path, MINUTE_PATH, b"")
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        repair(data_folder=tmp_path, sources=[MemorySource()], cancel=cancel)


def test_the_report_as_json(tmp_path: Path) -> None:
    put_sound(tmp_path)
    put_bytes(tmp_path, MINUTE_PATH, b"")
    told = repair(data_folder=tmp_path, sources=[MemorySource()]).to_dict()
    assert (told["ok"], told["before"]["ok"], told["after"]["ok"]) == (True, False, True)
    assert told["errands"] == [
        {"symbols": ["SPY"], "resolution": "minute", "sessions": ["2024-01-03"]}
    ]
    assert len(told["runs"]) == 1
    assert (told["sessions"], told["fetched"]) == (1, 1)
