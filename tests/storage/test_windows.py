"""What is different on Windows and macOS, simulated: names, open files, letters of any case."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import leanfeed
from leanfeed import WriteError
from leanfeed.claims import Claims
from leanfeed.lean import paths
from leanfeed.lean.zips import entries
from leanfeed.links import check_inside, leads_out
from tests import build

ASKED: dict[str, Any] = {
    "resolution": ["minute", "daily"],
    "start": "2024-01-02",
    "end": "2024-01-05",
}
RESERVED = ["CON", "PRN", "AUX", "NUL", "COM1", "LPT9", "CON.A"]


@pytest.mark.parametrize("is_windows", [True, False])
def test_reserved_names_are_fetched_found_again_read_and_audited(
    is_windows: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "_IS_WINDOWS", is_windows)
    source = build.MemorySource()
    tickers = [*RESERVED, "CONE"]
    report = leanfeed.ensure(tickers, sources=[source], **ASKED)
    assert report.written_sessions == 8 * 8
    mark = "@" if is_windows else ""
    folder = Path("data/equity/usa")
    assert {path.name for path in folder.glob("minute/*")} == {
        *(mark + ticker.lower() for ticker in RESERVED),
        "cone",
    }
    assert (folder / f"daily/{mark}con.zip").exists()
    assert (folder / "daily/cone.zip").exists()
    again = leanfeed.ensure(tickers, sources=[source], **ASKED)
    assert (again.written_sessions, again.cache_hits) == (0, 64)
    assert len(leanfeed.load("CON", resolution="daily")) == 4
    audited = leanfeed.audit()
    assert audited.ok
    assert not [finding for finding in audited.findings if "@" in finding.text]
    (entry,) = entries(folder / f"minute/{mark}con/20240102_trade.zip")
    assert entry == "20240102_con_minute_trade.csv"


def same_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file system takes capital and small letters for the same."""

    def samefile(self: Path, other: Any) -> bool:
        return os.fspath(self).lower() == os.fspath(other).lower()

    monkeypatch.setattr(Path, "samefile", samefile)


def test_a_folder_with_two_spellings_is_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Data/equity").mkdir(parents=True)
    # A link inside the folder that spells the way to it in other letters.
    (tmp_path / "Data/equity/usa").symlink_to(tmp_path / "DATA/equity/usa-real")
    assert leads_out(tmp_path / "Data", Path("equity/usa"))
    same_in_any_case(monkeypatch)
    assert not leads_out(tmp_path / "Data", Path("equity/usa"))
    (tmp_path / "Data/equity/other").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WriteError, match="leads out of the data folder"):
        check_inside(tmp_path / "Data", Path("equity/other"))


def test_a_plan_finds_its_folder_in_any_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = leanfeed.plan("DEMO", sources="replay", data_folder=tmp_path / "Data", **ASKED)
    spelt = tmp_path / "DATA"
    with pytest.raises(leanfeed.InvalidRequestError, match="is for the data folder"):
        leanfeed.apply(plan, data_folder=spelt)
    same_in_any_case(monkeypatch)
    leanfeed.apply(plan, data_folder=spelt)


def test_a_claim_that_cannot_be_removed_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = tmp_path / ".leanfeed/runs"
    runs.mkdir(parents=True)
    (runs / "0123456789abcdef.json").write_text('{"by": "somebody", "series": []}')
    unlink = Path.unlink

    def held_open(self: Path, missing_ok: bool = False) -> None:
        if self.name.startswith("0123"):
            raise PermissionError(13, "The process cannot access the file")
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", held_open)
    with Claims(tmp_path, 1).claim([build.series()]) as claim:
        assert claim.series == {build.series()}
        others = Claims(tmp_path, 0)
        with others.claim([build.series()]) as refused:  # else locks would count as broken
            assert refused.busy
