"""Progress in a log: nothing for a short run, then a line now and then."""

from __future__ import annotations

import pytest

from leanfeed import events
from leanfeed.cli import progress_lines
from leanfeed.cli.progress_lines import ProgressLines
from leanfeed.values import Written
from tests.cli.fake_pipeline import SESSION, SPY
from tests.cli.progress_events import EVENTS, REPORT


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in its only element."""
    time = [0.0]
    monkeypatch.setattr(progress_lines, "monotonic", lambda: time[0])
    return time


def test_a_short_run_is_not_told(now: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    progress = ProgressLines()
    for event in EVENTS:
        progress(event)
    now[0] = 9.0
    progress(events.RunFinished(REPORT))
    assert capsys.readouterr() == ("", "")


def test_lines_become_rarer(now: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    told = []
    progress = ProgressLines()
    for event in EVENTS:
        progress(event)
    for second in range(600):
        now[0] = float(second)
        progress(events.SessionStored(Written(SPY, SESSION, "lean-cli", rows=390)))
        if error := capsys.readouterr().err:
            told.append((second, error))
    seconds = [second for second, _ in told]
    assert seconds[:5] == [10, 30, 70, 130, 190]
    assert len(seconds) == 11
    first = told[0][1].splitlines()
    assert first[0] == "lean-cli: asked for 41 sessions, because polygon: it is down"
    assert first[1].startswith("12 of 42 sessions (minute 12/40, daily 0/2); lean-cli: 1 request")
    assert told[1][1].count("\n") == 1
