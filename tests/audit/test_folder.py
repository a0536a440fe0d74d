"""What lies in a data folder beside sound zips of bars."""

from __future__ import annotations

from pathlib import Path

import pytest

from leanfeed.audits.audit import audit
from leanfeed.errors import ConfigurationError
from leanfeed.values import Resolution, Series, Symbol
from tests.audit.files import (
    DAILY,
    MINUTE,
    MINUTE_ENTRY,
    MINUTE_PATH,
    found,
    kinds,
    put_bytes,
    put_sound,
    text_of,
    with_checksum,
    zipped,
)


@pytest.mark.parametrize(
    ("path", "kind", "where"),
    [
        ("notes.txt", "foreign", None),
        ("backup/spy.zip", "foreign", "backup"),
        ("equity/notes.txt", "foreign", None),
        ("equity/usa/weekly/spy.zip", "foreign", "equity/usa/weekly"),
        ("equity/usa/daily/spy.csv", "foreign", None),
        ("equity/usa/daily/old/spy.zip", "foreign", "equity/usa/daily/old"),
        ("equity/usa/minute/spy.zip", "foreign", None),
        ("equity/usa/minute/spy/old/x.zip", "foreign", "equity/usa/minute/spy/old"),
        ("Equity/usa/daily/spy.zip", "wrong-case", "Equity"),
        ("equity/USA/daily/spy.zip", "wrong-case", "equity/USA"),
        ("equity/usa/Daily/spy.zip", "wrong-case", "equity/usa/Daily"),
        ("equity/usa/daily/SPY.zip", "wrong-case", None),
        ("equity/usa/minute/SPY/20240103_trade.zip", "wrong-case", "equity/usa/minute/SPY"),
        ("equity/usa/daily/.spy.zip.host.1.2.0123abcd.tmp", "leftover", None),
        (".leanfeed/quarantine/equity/usa/daily/spy.zip.20240103", "quarantine", None),
    ],
)
def test_strangers(path: str, kind: str, where: str | None, tmp_path: Path) -> None:
    put_bytes(tmp_path, path, b"x")
    (finding,) = found(tmp_path)
    assert (finding.kind, finding.path) == (kind, where or path)


@pytest.mark.parametrize(
    "path",
    [
        "readme.md",
        "equity/readme.md",
        "alternative/sec/aapl/20240103.zip",
        "market-hours/notes.txt",
        "symbol-properties/symbol-properties-database.csv",
        "equity/usa/map_files/spy.csv",
        "equity/usa/fundamental/coarse/20240103.csv",
        "option/usa/universes/spy/20240103.csv",
        "future/cme/margins/ES.csv",
        ".leanfeed/ledger.sqlite",
        ".leanfeed/locks/equity-usa-daily-spy.zip.lock",
    ],
)
def test_what_lean_and_leanfeed_keep_is_no_stranger(path: str, tmp_path: Path) -> None:
    put_bytes(tmp_path, path, b"")
    assert kinds(tmp_path) == []


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        (
            "option/usa/minute/spy/20240103_quote_american.zip",
            "20240103_spy_minute_quote_american_call_4300000_20240201.csv",
        ),
        ("future/cme/daily/es_trade.zip", "es_trade_202403.csv"),
        (
            "futureoption/cme/minute/es/202003/20200105_trade_american.zip",
            "20200105_es_minute_trade_american_call_32000000_20200320.csv",
        ),
        ("futureoption/cme/daily/es/202003/es_2020_trade_american.zip", "es_trade_x.csv"),
        ("equity/usa/tick/spy/20240103_trade.zip", "20240103_spy_Trade_Tick.csv"),
    ],
)
def test_zips_that_leanfeed_does_not_name_are_verified(
    path: str, entry: str, tmp_path: Path
) -> None:
    sound = zipped((entry, b"1,2"), (entry.replace(".csv", "0.csv"), b"3,4"))
    target = put_bytes(tmp_path, path, sound)
    report = audit(data_folder=tmp_path)
    assert (report.findings, report.files, report.bytes_read) == ((), 1, len(sound))
    target.write_bytes(zipped((entry, b"1,2"), ("x.txt", b"")))
    assert kinds(tmp_path) == ["entry-name"]
    target.write_bytes(zipped((entry, b"1,2"), (f"../{entry}", b"")))
    assert kinds(tmp_path) == ["wrong-entry"]
    for damaged in (b"", sound[:-1], with_checksum(sound), zipped()):
        target.write_bytes(damaged)
        assert kinds(tmp_path) == ["unreadable"]


def test_a_zip_without_entries_is_told_in_words(tmp_path: Path) -> None:
    put_bytes(tmp_path, MINUTE_PATH, zipped())
    assert [finding.text for finding in found(tmp_path)] == ["it has no entries"]


def test_a_link_that_leads_out_is_named_and_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "data"
    put_sound(outside)
    link = folder / "equity/usa/minute/spy"
    link.parent.mkdir(parents=True)
    link.symlink_to(outside / "equity/usa/minute/spy")
    assert kinds(folder) == ["outside-link"]
    assert audit(data_folder=folder).sessions == 4
    put_bytes(outside, MINUTE_PATH, b"")
    assert kinds(folder) == ["outside-link", "unreadable"]


@pytest.mark.timeout(5)
def test_links_in_a_circle_end(tmp_path: Path) -> None:
    put_sound(tmp_path)
    (tmp_path / "equity/usa/minute/aapl").symlink_to(tmp_path / "equity/usa/minute/spy")
    (tmp_path / "equity/usa/minute/spy/again").symlink_to(tmp_path / "equity/usa/minute")
    assert audit(data_folder=tmp_path).sessions == 4


def test_only_what_is_asked_is_looked_at(tmp_path: Path) -> None:
    put_sound(tmp_path, MINUTE, DAILY)
    put_bytes(tmp_path, "equity/usa/daily/aapl.zip", b"")
    put_bytes(tmp_path, "notes.txt", b"")
    put_bytes(tmp_path, MINUTE_PATH, b"")
    assert kinds(tmp_path, symbols="aapl") == ["unreadable"]
    assert kinds(tmp_path, symbols="SPY", resolution="daily") == []
    assert kinds(tmp_path, resolution="minute") == ["unreadable"]
    assert kinds(tmp_path, symbols=["SPY"], start="2024-01-04") == ["differs", "differs"]
    assert audit("SPY", resolution="minute", start="2024-01-04", data_folder=tmp_path).files == 2
    assert kinds(tmp_path, symbols=["SPY"], end="2024-01-02") == ["differs"]


def test_coverage_of_what_is_asked(tmp_path: Path) -> None:
    put_sound(tmp_path)

    def coverage(symbols: str | None = None, **asked: str) -> float | None:
        return audit(symbols, resolution="minute", data_folder=tmp_path, **asked).coverage

    assert coverage() == 100
    assert coverage(start="2023-12-26", end="2024-01-05") == 50
    assert coverage("SPY,AAPL", start="2024-01-02", end="2024-01-05") == 50
    assert coverage("AAPL") is None
    put_bytes(tmp_path, MINUTE_PATH, zipped((MINUTE_ENTRY, text_of()[:-1] + b"x")))
    assert coverage() == 75


def test_a_ticker_that_files_spell_otherwise_is_no_gap(tmp_path: Path) -> None:
    put_sound(tmp_path, Series(Symbol("AAMpA"), Resolution.MINUTE))
    asked = {"resolution": "minute", "start": "2024-01-02", "end": "2024-01-05"}
    assert audit("AAMpA", data_folder=tmp_path, **asked).coverage == 100


def test_an_empty_folder_and_one_that_is_not_there(tmp_path: Path) -> None:
    assert audit(data_folder=tmp_path).findings == ()
    with pytest.raises(ConfigurationError, match="There is no data folder"):
        audit(data_folder=tmp_path / "nowhere")


def test_nothing_is_written(tmp_path: Path) -> None:
    put_sound(tmp_path, MINUTE, DAILY)
    before = sorted(tmp_path.rglob("*"))
    audit(data_folder=tmp_path)
    assert sorted(tmp_path.rglob("*")) == before
