"""LEAN's own sample files are sound."""

from __future__ import annotations

from pathlib import Path

from leanfeed.audits.audit import audit
from leanfeed.soundness.kinds import Kind


def test_nothing_of_leans_own_is_damaged(lean_data: Path) -> None:
    report = audit(data_folder=lean_data)
    assert report.damaged == ()
    assert report.files >= 54
    assert report.bars >= 200_000
    found = {(finding.kind, finding.path) for finding in report.findings}
    assert (Kind.ENTRY_NAME, "equity/usa/hour/tapa.zip") in found
    assert (Kind.LINE_ENDS, "equity/usa/minute/twx/20140623_trade.zip") in found
    assert (Kind.LINE_ENDS, "crypto/coinbase/minute/btcusd/20161007_trade.zip") in found
    assert (Kind.GAP, "equity/usa/daily/wm.zip") in found
    assert (Kind.GAP, "equity/usa/daily/spy.zip") not in found
    assert not any(kind in (Kind.NO_SESSION, Kind.MISNAMED) for kind, _ in found)


def test_splits_of_leans_own_are_explained(lean_data: Path) -> None:
    report = audit("AAPL", resolution="daily", data_folder=lean_data)
    splits = [f.dates[0].isoformat() for f in report.findings if f.kind is Kind.SPLIT]
    assert splits == ["2000-06-21", "2005-02-28", "2014-06-09", "2020-08-31"]
    # Apple lost half of its value overnight on that day, split or not.
    jumps = [f.dates[0].isoformat() for f in report.findings if f.kind is Kind.JUMP]
    assert jumps == ["2000-09-29"]


def test_the_complete_series_is_covered(lean_data: Path) -> None:
    report = audit(
        "SPY", resolution="daily", start="1998-01-02", end="2021-03-31", data_folder=lean_data
    )
    assert report.coverage == 100
