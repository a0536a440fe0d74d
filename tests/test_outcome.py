"""The short way to the report of a series is only shorter: it says what the long one says."""

from __future__ import annotations

from itertools import combinations

import pytest

from leanfeed import Plan, Request, Resolution, SeriesPlan, SeriesReport, Symbol, outcome
from leanfeed.events import SessionStored
from leanfeed.outcome import Outcome
from leanfeed.values import Session, Written
from tests import build

DAYS = build.sessions("2024-01-02", "2024-01-05")
SPY = build.series()
WINDOW = (DAYS[0].date, DAYS[-1].date)
PLANNED = (
    SeriesPlan(SPY, missing=DAYS),
    SeriesPlan(SPY, missing=DAYS[:3], unsettled=DAYS[3:]),
    SeriesPlan(SPY, missing=DAYS, begun=DAYS[3:]),
    SeriesPlan(SPY, present=DAYS[:1], missing=DAYS[1:]),
    SeriesPlan(SPY, no_trades=DAYS[:1], suspicious=DAYS[:1], missing=DAYS[1:]),
    SeriesPlan(SPY, missing=DAYS[1:], refresh=DAYS[:1]),
    SeriesPlan(SPY, present=DAYS[:1], foreign=DAYS[:1], missing=DAYS[1:]),
    SeriesPlan(SPY, missing=DAYS, damaged=("20240103.zip",)),
    SeriesPlan(SPY, present=DAYS),
    SeriesPlan(SPY, unsettled=DAYS),
    SeriesPlan(SPY),
)


def stored(session: Session, **more: object) -> Written:
    facts = {"rows": 5, "path": f"{session.date:%Y%m%d}.zip", "rows_before": None} | more
    return Written(SPY, session, "replay", **facts)  # type: ignore[arg-type]


CONFIRMED = (
    *([stored(day) for day in days] for n in range(5) for days in combinations(DAYS, n)),
    [stored(day) for day in reversed(DAYS)],
    [stored(day) for day in (*DAYS, DAYS[0])],
    [stored(DAYS[0], rows=0), *map(stored, DAYS[1:])],
    [stored(DAYS[0], kept_aside="old.zip"), *map(stored, DAYS[1:])],
    [stored(DAYS[0], rows_before=4), *map(stored, DAYS[1:])],
    [stored(DAYS[0], rows_before=5, is_changed=False), *map(stored, DAYS[1:])],
)


def reported(planned: SeriesPlan, confirmed: list[Written]) -> SeriesReport:
    request = Request(
        symbols=(Symbol("SPY"),),
        resolutions=(Resolution.MINUTE,),
        start=WINDOW[0],
        end=WINDOW[1],
    )
    run = Outcome(Plan(request, WINDOW, WINDOW, (planned,)))
    for written in confirmed:
        run.hear(SessionStored(written))
    (report,) = run.report(1.0, otherwise="nobody has it").series
    return report


@pytest.mark.parametrize("planned", PLANNED)
def test_the_short_way_says_the_same(planned: SeriesPlan, monkeypatch: pytest.MonkeyPatch) -> None:
    short = [reported(planned, confirmed) for confirmed in CONFIRMED]
    monkeypatch.setattr(outcome, "_are_all", lambda *_: False)
    assert short == [reported(planned, confirmed) for confirmed in CONFIRMED]


def test_what_is_written_in_full_is_reported_as_it_came() -> None:
    report = reported(PLANNED[0], [stored(day) for day in DAYS])
    assert (report.written, report.missing) == (DAYS, {})
    assert report.sources == dict.fromkeys(DAYS, "replay")
