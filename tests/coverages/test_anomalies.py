"""Sessions with too few bars: which, of what kind, and where bars lack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve

import leanfeed
from leanfeed import Anomaly, Bars, Delivery, Session
from leanfeed.coverages import anomalies as module
from leanfeed.coverages.anomalies import Kind
from leanfeed.default_plugins.zip_writer import ZipWriter
from leanfeed.ledger import Ledger
from leanfeed.values import Hours
from tests import build

#: With the half day after Thanksgiving, and the change to winter time.
START, END = "2024-10-21", "2024-12-06"
DAY = "2024-11-13"
LATER = dt.datetime(2025, 2, 1, tzinfo=dt.UTC)
Cut = Callable[[Bars, Session], Bars]


def usual(session: Session) -> Bars:
    """A bar for every minute of the regular hours."""
    (start, end) = session.regular[0]
    return build.bars(session, count=(end - start) // 60_000)


def odd(tmp_path: Path, cut: Cut, *, day: str = DAY, density: int = 1) -> dict[str, Anomaly]:
    """What is odd when one session is cut."""
    folder = tmp_path / "data"
    series = build.series()
    deliveries = []
    for session in build.sessions(START, END):
        bars = usual(session)
        if density > 1:
            bars = bars.rows(np.arange(len(bars)) % density == session.number % density)
        if str(session) == day:
            bars = cut(bars, session)
        deliveries.append(Delivery(series, session, bars, source="memory"))
    with Ledger(folder) as ledger:
        for written in ZipWriter().write(deliveries, folder):
            ledger.record(written, hours=Hours.EXTENDED, at=LATER)
    (one,) = leanfeed.coverage(data_folder=folder).series
    return {str(session): anomaly for session, anomaly in one.anomalies.items()}


def minutes(first: int, last: int) -> Cut:
    """Without the bars from one minute after the open to another."""

    def cut(bars: Bars, session: Session) -> Bars:
        minute = (bars.time - session.regular[0][0]) // 60_000
        return bars.rows((minute < first) | (minute >= last))

    return cut


def whole(bars: Bars, _session: Session) -> Bars:
    return bars


def test_a_half_day_is_as_it_should_be(tmp_path: Path) -> None:
    assert odd(tmp_path, whole) == {"2024-11-29": Anomaly(Kind.HALF_DAY, 210, 390)}


@pytest.mark.parametrize(
    ("cut", "kind", "where"),
    [
        (minutes(180, 390), Kind.TRUNCATED, "12:30 to 16:00"),
        (minutes(0, 60), Kind.TRUNCATED, "09:30 to 10:30"),
        (minutes(120, 140), Kind.HALT, "11:30 to 11:50"),
        (minutes(389, 390), None, ""),  # a minute proves nothing
    ],
)
def test_where_bars_lack(cut: Cut, kind: Kind | None, where: str, tmp_path: Path) -> None:
    found = odd(tmp_path, cut)
    assert "2024-11-29" in found
    if kind is None:
        assert DAY not in found
        return
    assert (found[DAY].kind, found[DAY].where) == (kind, f"nothing from {where}")
    assert found[DAY].usual == 390
    assert len(found) == 2


def test_thin_all_day(tmp_path: Path) -> None:
    found = odd(tmp_path, lambda bars, _: bars.rows(np.arange(len(bars)) % 2 == 0))
    assert str(found[DAY]) == "thin, 195 bars where 390 are usual"


def test_a_half_day_that_was_cut_is_not_only_a_half_day(tmp_path: Path) -> None:
    found = odd(tmp_path, minutes(90, 210), day="2024-11-29")
    assert str(found["2024-11-29"]) == (
        "truncated, 90 bars where 210 are usual: nothing from 11:00 to 13:00"
    )


def test_an_illiquid_series_has_holes_all_the_time(tmp_path: Path) -> None:
    assert odd(tmp_path, whole, density=9).keys() == {"2024-11-29"}


def test_files_are_opened_only_where_bars_lack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    real = module.read_file

    def spy(path: Path, **how: object) -> object:
        opened.append(path.name)
        return real(path, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "read_file", spy)
    odd(tmp_path, minutes(100, 200))
    assert opened == ["20241113_trade.zip"]


def test_daily_bars_and_short_series_have_nothing_odd() -> None:
    sessions = build.sessions(START, END)
    daily = evolve(build.series(), resolution=leanfeed.Resolution.DAILY)
    assert module.anomalies(daily, sessions, [1] * len(sessions), Path()) == {}
    assert module.anomalies(build.series(), sessions[:4], [390, 390, 390, 1], Path()) == {}


def test_a_file_that_is_gone_meanwhile_is_thin(tmp_path: Path) -> None:
    sessions = build.sessions("2024-10-21", "2024-11-08")
    rows = [390] * len(sessions)
    rows[5] = 100
    found = module.anomalies(build.series(), sessions, rows, tmp_path)
    assert [a.kind for a in found.values()] == [Kind.THIN]
