"""What leanfeed wrote and somebody cut or changed: fetched again or left, and never forgotten."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

import leanfeed
from leanfeed import Report
from leanfeed.audits.audit import audit
from leanfeed.lean.zips import entry_text, zip_bytes
from tests import build
from tests.build import MemorySource


@pytest.fixture(params=["minute", "hour"])
def resolution(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def ensure(folder: Path, source: Any, *, resolution: str = "minute") -> Report:
    return leanfeed.ensure(
        "SPY",
        resolution=resolution,
        start="2024-01-02",
        end="2024-01-05",
        data_folder=folder,
        sources=[source],
    )


def test_file_that_lost_rows_is_fetched_again_and_kept(tmp_path: Path, resolution: str) -> None:
    ensure(tmp_path, MemorySource(), resolution=resolution)
    name = "minute/spy/20240103_trade.zip" if resolution == "minute" else "hour/spy.zip"
    path = tmp_path / "equity/usa" / name
    whole = path.read_bytes()
    rows = entry_text(path).split(b"\n")
    lost = next(i for i, row in enumerate(rows) if resolution == "minute" or b"20240103" in row)
    with zipfile.ZipFile(path) as archive:
        (entry,) = archive.namelist()
    cut = zip_bytes(entry, b"\n".join([*rows[:lost], *rows[lost + 1 :]]))
    path.write_bytes(cut)
    nobody = ensure(tmp_path, MemorySource(fails_after=0), resolution=resolution)
    assert nobody.missing_sessions == 1
    assert [f.kind.value for f in audit(data_folder=tmp_path).damaged] == ["lost-rows"]
    source = MemorySource()
    report = ensure(tmp_path, source, resolution=resolution)
    assert report.complete
    assert source.asked_sessions == ["2024-01-03"]
    assert path.read_bytes() == whole
    (kept,) = report.series[0].kept_aside.items()
    assert (tmp_path / kept[1]).read_bytes() == cut
    assert report.series[0].damaged == ()


def test_file_that_lost_rows_for_good_is_what_the_source_says(tmp_path: Path) -> None:
    ensure(tmp_path, MemorySource())
    path = tmp_path / "equity/usa/minute/spy/20240103_trade.zip"
    with zipfile.ZipFile(path) as archive:
        (entry,) = archive.namelist()
    rows = entry_text(path).split(b"\n")
    path.write_bytes(zip_bytes(entry, b"\n".join(rows[:-1])))
    (day,) = build.sessions("2024-01-03", "2024-01-03")
    fewer = build.bars(day, "minute")
    given = {(build.series(), day): fewer.rows(slice(0, len(fewer) - 1))}
    report = ensure(tmp_path, MemorySource(given=given))
    assert report.complete
    assert report.series[0].damaged == ()
    assert audit(data_folder=tmp_path).findings == ()


def test_change_of_what_leanfeed_wrote_stays_known(tmp_path: Path, resolution: str) -> None:
    ensure(tmp_path, MemorySource(), resolution=resolution)
    name = "minute/spy/20240103_trade.zip" if resolution == "minute" else "hour/spy.zip"
    path = tmp_path / "equity/usa" / name
    with zipfile.ZipFile(path) as archive:
        (entry,) = archive.namelist()
    *others, last = entry_text(path).split(b"\n")
    path.write_bytes(zip_bytes(entry, b"\n".join([*others, last + b"7"])))
    for _ in range(2):
        source = MemorySource()
        report = ensure(tmp_path, source, resolution=resolution)
        assert (report.complete, source.asked) == (True, [])
    assert [f.kind.value for f in audit(data_folder=tmp_path).suspicious] == ["changed"]
