"""A gallery of damaged files: each is found, by its name and with its days, and nothing else is."""

from __future__ import annotations

import datetime as dt
import json
import os
import tracemalloc
from pathlib import Path

import pytest

from leanfeed.audits.audit import audit
from leanfeed.lean.zips import zip_bytes
from leanfeed.values import Resolution, SecurityType, Series, Symbol, TickType
from tests import build
from tests.audit.files import (
    DAILY,
    DATES,
    DAY,
    HOUR,
    MINUTE,
    MINUTE_ENTRY,
    MINUTE_PATH,
    encrypted,
    found,
    kinds,
    put,
    put_bytes,
    put_sound,
    text_of,
    with_size,
    zipped,
)

TEXT = text_of()
ROWS = TEXT.split(b"\n")
SOUND = zip_bytes(MINUTE_ENTRY, TEXT)


def edited(row: int, new: bytes) -> bytes:
    return b"\n".join([*ROWS[:row], new, *ROWS[row + 1 :]])


def field(position: int, value: bytes) -> bytes:
    """The second row, with one field replaced."""
    fields = ROWS[1].split(b",")
    fields[position] = value
    return edited(1, b",".join(fields))


def altered(position: int) -> bytes:
    changed = bytearray(SOUND)
    changed[position] ^= 0xFF
    return bytes(changed)


def test_sound_files_have_no_findings(tmp_path: Path) -> None:
    put_sound(tmp_path, MINUTE, build.series("AAPL", "hour"), build.series("BRK.B", "daily"))
    report = audit(data_folder=tmp_path)
    assert report.findings == ()
    assert report.ok
    assert (report.files, report.sessions, report.bars) == (6, 12, 44)
    assert report.coverage == 100
    zips = [path.stat().st_size for path in tmp_path.rglob("*.zip")]
    assert report.bytes_read == sum(zips)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(b"", "unreadable", id="0 bytes"),
        pytest.param(SOUND[:-40], "unreadable", id="cut at the end"),
        pytest.param(SOUND[40:], "unreadable", id="cut at the start"),
        pytest.param(altered(SOUND.index(b"PK\x01\x02") + 16), "unreadable", id="wrong checksum"),
        pytest.param(altered(70), "unreadable", id="altered content"),
        pytest.param(b"<html>Too many requests</html>", "unreadable", id="a web page"),
        pytest.param(encrypted(SOUND), "unreadable", id="encrypted"),
        pytest.param(zipped(), "unreadable", id="no entry"),
        pytest.param(with_size(SOUND, 600 << 20), "unreadable", id="declares 600 MB"),
        pytest.param(zipped((MINUTE_ENTRY, bytes(65 << 20))), "unreadable", id="has 65 MB"),
        pytest.param(zipped((MINUTE_ENTRY, b"")), "empty", id="empty entry"),
        pytest.param(
            zipped((MINUTE_ENTRY, TEXT), ("more.csv", TEXT)), "several-entries", id="two entries"
        ),
        pytest.param(
            zipped((MINUTE_ENTRY, TEXT), (MINUTE_ENTRY, TEXT)), "several-entries", id="twice"
        ),
        pytest.param(
            zipped(("20240103_aapl_minute_trade.csv", TEXT)), "wrong-entry", id="another symbol"
        ),
        pytest.param(
            zipped(("20240104_spy_minute_trade.csv", TEXT)), "wrong-entry", id="another day"
        ),
        pytest.param(
            zipped(("20240103_spy_second_trade.csv", TEXT)), "wrong-entry", id="other resolution"
        ),
        pytest.param(zipped((f"../{MINUTE_ENTRY}", TEXT)), "wrong-entry", id="climbs"),
        pytest.param(zipped((f"a/{MINUTE_ENTRY}", TEXT)), "entry-name", id="in a folder"),
        pytest.param(zipped((MINUTE_ENTRY.upper(), TEXT)), "entry-name", id="capitals"),
        pytest.param(zip_bytes(MINUTE_ENTRY, TEXT.replace(b"\n", b"\r\n")), "line-ends", id="CRLF"),
        pytest.param(zip_bytes(MINUTE_ENTRY, b"\xef\xbb\xbf" + TEXT), "line-ends", id="BOM"),
        pytest.param(zip_bytes(MINUTE_ENTRY, TEXT + b"\n"), "line-ends", id="final line end"),
    ],
)
def test_a_damaged_zip(content: bytes, kind: str, tmp_path: Path) -> None:
    put_sound(tmp_path)
    put_bytes(tmp_path, MINUTE_PATH, content)
    (finding,) = found(tmp_path)
    assert (finding.kind, finding.path, finding.series) == (kind, MINUTE_PATH, MINUTE)
    assert finding.dates in ((), (DAY,))
    if finding.severity == "damaged":
        assert finding.dates == (DAY,)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param(b"\n".join([ROWS[1], ROWS[0], *ROWS[2:]]), "unsorted", id="unsorted"),
        pytest.param(b"\n".join([*ROWS, ROWS[-1]]), "duplicate", id="duplicate row"),
        pytest.param(field(4, b"NaN"), "bad-line", id="NaN"),
        pytest.param(field(4, b"1E+5"), "bad-line", id="exponent"),
        pytest.param(field(4, b"1" * 19), "bad-line", id="too many digits"),
        pytest.param(field(4, b""), "bad-line", id="nothing"),
        pytest.param(edited(1, b""), "bad-line", id="blank line"),
        pytest.param(edited(1, ROWS[1] + b",1"), "bad-line", id="a column too many"),
        pytest.param(edited(1, ROWS[1].rpartition(b",")[0]), "bad-line", id="a column too few"),
        pytest.param(edited(1, ROWS[1] + b" "), "bad-line", id="trailing space"),
        pytest.param(edited(0, b"time,open,high,low,close,volume"), "bad-line", id="header"),
        pytest.param(TEXT + b"\n\n", "bad-line", id="two final line ends"),
        pytest.param(field(5, b"-1"), "bad-volume", id="negative volume"),
        pytest.param(field(2, b"1"), "bad-price", id="high below the others"),
        pytest.param(field(3, b"99999999"), "bad-price", id="low above the others"),
        pytest.param(field(3, b"1001000"), "bad-price", id="low above the open"),
        pytest.param(field(2, b"1002000"), "bad-price", id="high below the close"),
        pytest.param(field(3, b"-5"), "bad-price", id="costs nothing"),
        pytest.param(field(0, b"34261000"), "off-grid", id="seconds in a minute file"),
        pytest.param(TEXT + b"\n72000000,1,1,1,1,1", "outside-session", id="at 20:00"),
        pytest.param(b"14340000,1,1,1,1,1\n" + TEXT, "outside-session", id="at 03:59"),
        pytest.param(TEXT + b"\n99960000,1,1,1,1,1", "outside-session", id="the day after"),
    ],
)
def test_a_damaged_text(text: bytes, kind: str, tmp_path: Path) -> None:
    put_sound(tmp_path)
    put(tmp_path, MINUTE, text, DAY)
    (finding,) = found(tmp_path)
    assert (finding.kind, finding.severity, finding.dates) == (kind, "damaged", (DAY,))


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (b"20240104 00:00,1,1,1,1", "bad-line"),
        (b"20240104 00:00,1,1,1,NaN,1", "bad-line"),
        (b"20240104 24:00,1,1,1,1,1", "bad-line"),
        (b"20240104 09:30,1,1,1,1,1", "off-grid"),
        (b"20240104 00:00,2,1,1,1,1", "bad-price"),
        (b"20240104 00:00,1,1,1,1,-1", "bad-volume"),
    ],
)
def test_one_bad_row_of_a_shared_file_condemns_its_day(
    row: bytes, kind: str, tmp_path: Path
) -> None:
    rows = text_of(DAILY).split(b"\n")
    rows[2] = row
    put(tmp_path, DAILY, b"\n".join(rows))
    (finding,) = [f for f in found(tmp_path) if f.kind != "jump"]
    assert (finding.kind, finding.dates) == (kind, (dt.date(2024, 1, 4),))


def test_a_row_without_a_date_condemns_the_days_that_it_may_have_been(tmp_path: Path) -> None:
    rows = text_of(DAILY).split(b"\n")
    put(tmp_path, DAILY, b"\n".join([rows[0], b"rubbish", rows[3]]))
    (finding,) = [f for f in found(tmp_path) if f.kind == "bad-line"]
    assert finding.dates == (DATES[1], DATES[2])
    put(tmp_path, DAILY, b"\n".join([*rows[:2], b"", *rows[2:]]))
    (finding,) = found(tmp_path)
    assert finding.dates == (DATES[1],)


def test_hour_bars_are_stamped_with_the_full_hour(tmp_path: Path) -> None:
    put(tmp_path, HOUR, b"20240103 09:00,1,1,1,1,1\n20240103 15:00,1,1,1,1,1")
    assert kinds(tmp_path) == []
    put(tmp_path, HOUR, b"20240103 09:30,1,1,1,1,1\n20240103 21:00,1,1,1,1,1")
    assert kinds(tmp_path) == ["off-grid", "outside-session"]


def test_an_hour_may_begin_before_the_market(tmp_path: Path) -> None:
    hours = [{"start": "09:15:00", "end": "15:30:00", "state": "market"}]
    zone = {"dataTimeZone": "Asia/Kolkata", "exchangeTimeZone": "Asia/Kolkata"}
    entry = {**zone, "wednesday": hours, "holidays": []}
    database = json.dumps({"entries": {"Equity-india-[*]": entry}}).encode()
    put_bytes(tmp_path, "market-hours/market-hours-database.json", database)
    series = Series(Symbol("CCCL", SecurityType.EQUITY, "india"), Resolution.HOUR)
    put(tmp_path, series, b"20240103 09:00,1,1,1,1,1\n20240103 15:00,1,1,1,1,1")
    assert kinds(tmp_path) == []
    put(tmp_path, series, b"20240103 08:00,1,1,1,1,1\n20240103 15:00,1,1,1,1,1")
    assert kinds(tmp_path) == ["outside-session"]


def test_quotes(tmp_path: Path) -> None:
    quotes = Series(MINUTE.symbol, MINUTE.resolution, TickType.QUOTE)
    sound = b"34200000,,,,,0,2,2,1,1,5\n34260000,2,2,1,1,5,,,,,0\n72000000,1,1,1,1,1,1,1,1,1,1"
    put(tmp_path, quotes, sound, DAY)
    assert kinds(tmp_path) == []
    put(tmp_path, quotes, b"34200000,,,,,0,2,1,1,1,5\n34260000,2,2,1,1,-5,,,,,0", DAY)
    assert kinds(tmp_path) == ["bad-price", "bad-volume"]
    put(tmp_path, quotes, TEXT, DAY)
    assert kinds(tmp_path) == ["bad-line"]


def test_a_file_of_a_holiday(tmp_path: Path) -> None:
    put(tmp_path, MINUTE, TEXT, dt.date(2024, 1, 1))
    put(tmp_path, DAILY, b"20240106 00:00,1,1,1,1,1")
    assert [(f.kind.value, f.dates) for f in found(tmp_path)] == [
        ("no-session", (dt.date(2024, 1, 6),)),
        ("no-session", (dt.date(2024, 1, 1),)),
    ]


def test_days_that_no_calendar_knows(tmp_path: Path) -> None:
    put(tmp_path, DAILY, b"17760704 00:00,1,1,1,1,1\n20240103 00:00,1,1,1,1,1")
    assert set(kinds(tmp_path)) == {"uncharted", "gap"}


def test_rows_after_an_early_close_are_no_damage(tmp_path: Path) -> None:
    put(tmp_path, MINUTE, b"61140000,1,1,1,1,1", dt.date(2024, 11, 29))
    assert kinds(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("20241399_trade.zip", "misnamed"),
        ("20240103.zip", "misnamed"),
        ("20240103_trades.zip", "misnamed"),
        ("20240103_Trade.zip", "wrong-case"),
        ("20240103_trade.csv", "foreign"),
        (".20240103_trade.zip.host.1.2.0123abcd.tmp", "leftover"),
    ],
)
def test_a_name_that_is_none(name: str, kind: str, tmp_path: Path) -> None:
    path = f"equity/usa/minute/spy/{name}"
    put_bytes(tmp_path, path, SOUND)
    assert [(f.kind.value, f.path) for f in found(tmp_path)] == [(kind, path)]


@pytest.mark.timeout(5)
@pytest.mark.parametrize("name", ["fifo", "folder", "nowhere"])
def test_what_is_no_file_blocks_nobody(name: str, tmp_path: Path) -> None:
    target = tmp_path / MINUTE_PATH
    target.parent.mkdir(parents=True)
    if name == "fifo":
        os.mkfifo(target)
    elif name == "folder":
        target.mkdir()
    else:
        target.symlink_to(tmp_path / "nowhere.zip")
    (finding,) = found(tmp_path)
    assert (finding.kind, finding.dates) == ("not-a-file", (DAY,))


def test_what_the_system_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_sound(tmp_path)

    def refuse(path: Path) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("leanfeed.lean.zips.entry_text", refuse)
    assert {(f.kind.value, f.text) for f in found(tmp_path)} == {("refused", "Input/output error")}


@pytest.mark.slow
def test_a_zip_bomb_costs_no_memory(tmp_path: Path) -> None:
    bomb = zipped((MINUTE_ENTRY, bytes(513 << 20)))
    put_bytes(tmp_path, MINUTE_PATH, bomb)
    put_bytes(tmp_path, "option/usa/minute/spy/20240103_trade_american.zip", bomb)
    tracemalloc.start()
    try:
        assert kinds(tmp_path) == ["unreadable", "unreadable"]
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()
