"""One session of each resolution from the real API: ``RUN_POLYGON_LIVE_TESTS=1 nox -s live``.

They need about five requests, so the free plan's minute is enough. Second bars are not in the free
plan: with its key that one test fails, and says so in Polygon's words.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import numpy as np
import pytest

import leanfeed
from leanfeed import Bars, Session
from leanfeed.lean.reader import read_file
from tests import build

_SWITCH = "RUN_POLYGON_LIVE_TESTS"
# Read at import: no test, while it runs, sees the user's environment.
_KEY = os.environ.get("POLYGON_API_KEY") or os.environ.get("MASSIVE_API_KEY")

pytestmark = pytest.mark.skipif(os.environ.get(_SWITCH) != "1", reason=f"{_SWITCH} is not 1")


@pytest.fixture(autouse=True)
def _user_key(monkeypatch: pytest.MonkeyPatch) -> None:
    if not _KEY:
        pytest.fail(f"{_SWITCH} is 1, but no key is there: set POLYGON_API_KEY.", pytrace=False)
    monkeypatch.setenv("POLYGON_API_KEY", _KEY)


@pytest.fixture(scope="module")
def session() -> Session:
    """One that every plan includes, long settled."""
    today = dt.date.today()
    days = (today - dt.timedelta(days=age) for age in (20, 10))
    return build.sessions(*map(str, days))[0]


@pytest.mark.parametrize(
    ("resolution", "fewest"), [("daily", 1), ("hour", 7), ("minute", 200), ("second", 3000)]
)
def test_a_session_comes_from_the_real_api(
    resolution: str, fewest: int, session: Session, tmp_path: Path
) -> None:
    def ensure() -> leanfeed.Report:
        return leanfeed.ensure(
            "SPY",
            resolution=resolution,
            start=session.date,
            end=session.date,
            data_folder=tmp_path,
            sources="polygon",
        )

    report = ensure()
    assert report.failures == ()
    assert (report.complete, report.written_sessions) == (True, 1)
    (path,) = (tmp_path / "equity" / "usa" / resolution).rglob("*.zip")
    bars = read_file(path)
    assert isinstance(bars, Bars)
    assert len(bars) >= fewest
    _assert_sane(bars, session)
    assert ensure().http_requests == 0


def _assert_sane(bars: Bars, session: Session) -> None:
    """Prices of SPY are tens to thousands of dollars, and move less than a fifth in a session."""
    body = np.stack((bars.open, bars.close))
    assert (bars.low <= body.min(axis=0)).all()
    assert (bars.high >= body.max(axis=0)).all()
    assert 50 < bars.low.min() < bars.high.max() < 1.2 * bars.low.min()
    assert bars.volume.sum() > 1_000_000
    assert session.day[0] <= bars.time[0]
    assert bars.time[-1] < session.day[1]
