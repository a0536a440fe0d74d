"""A report says what happened in words, in JSON and by raising."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leanfeed import (
    IncompleteError,
    Plan,
    Report,
    Request,
    Resolution,
    SeriesPlan,
    SeriesReport,
    Symbol,
)
from leanfeed.report import Failure
from leanfeed.wording import ranges, size
from tests import build

WEEKS = build.sessions("2024-01-02", "2024-01-19")
WINDOW = (WEEKS[0].date, WEEKS[-1].date)
MINUTE = build.series()


def report(**groups: object) -> Report:
    return Report(Path("data"), WINDOW, WINDOW, (SeriesReport(MINUTE, **groups),))  # type: ignore[arg-type]


def test_repr_fits_on_a_line() -> None:
    done = report(present=WEEKS[:5], written=WEEKS[5:8], missing={WEEKS[8]: "down"})
    assert repr(done) == "<Report of 2024-01-02 … 2024-01-19: 3 stored, 1 missing>"


def test_complete_report_raises_nothing() -> None:
    done = report(present=WEEKS[:5], written=WEEKS[5:8], no_trades=WEEKS[8:])
    assert done.complete
    done.raise_for_missing()
    assert "complete" in str(done)
    assert "minute SPY: 5 already there, 3 written, 5 without trades" in str(done)


def test_missing_sessions_are_named_with_their_reason() -> None:
    groups = dict.fromkeys(WEEKS[2:4], "polygon: down") | {WEEKS[9]: "replay: no answer for it"}
    broken = report(present=WEEKS[:2], missing=groups)
    with pytest.raises(IncompleteError) as caught:
        broken.raise_for_missing()
    for text in (str(caught.value), str(broken)):
        assert "minute SPY: missing 2024-01-04 … 2024-01-05: polygon: down" in text
        assert "minute SPY: missing 2024-01-16: replay: no answer for it" in text


def test_json_holds_all_of_it() -> None:
    sources = dict.fromkeys(WEEKS[5:8], "polygon") | {WEEKS[8]: "replay"}
    full = Report(
        Path("data"),
        WINDOW,
        WINDOW,
        (SeriesReport(MINUTE, written=WEEKS[5:8], no_trades=WEEKS[8:9], sources=sources),),
        failures=(Failure("polygon", "UnavailableError", "down"),),
        http_requests=3,
        http_retries=1,
        cache_hits=5,
        bytes_fetched=10,
        bytes_written=20,
        duration_seconds=1.23456,
    )
    read = json.loads(full.to_json())
    assert read == full.to_dict()
    assert read["by_source"] == {"polygon": 3, "replay": 1}
    assert read["failures"][0] == {
        "source": "polygon",
        "error": "UnavailableError",
        "message": "down",
    }
    assert read["series"][0]["written"] == ["2024-01-09", "2024-01-10", "2024-01-11"]
    costs = str(full).splitlines()[-1]
    assert "3 from polygon, 1 from replay (1 of them without trades), 5 already there" in costs
    assert "3 requests (1 of them retries)" in costs
    assert (read["http_requests"], read["cache_hits"], read["duration_seconds"]) == (3, 5, 1.235)


def test_dates_in_short_join_over_weekends_and_holidays() -> None:
    assert ranges(WEEKS) == "2024-01-02 … 2024-01-19"
    assert ranges(WEEKS[::3], limit=2) == "2024-01-02, 2024-01-05, 3 more"


def test_sizes() -> None:
    assert [size(n) for n in (0, 999, 1500, 2_500_000, 3e9)] == [
        "0 B",
        "999 B",
        "1.5 kB",
        "2.5 MB",
        "3.0 GB",
    ]


def test_a_report_of_many_series_fits_on_a_screen_and_what_is_wrong_comes_first() -> None:
    reasons = [f"polygon: reason {n}" for n in range(20)]
    fine = [
        SeriesReport(build.series(f"A{n}"), present=WEEKS[: n % 13], written=WEEKS[n % 13 :])
        for n in range(200)
    ]
    broken = [
        SeriesReport(build.series(f"B{n}"), missing={WEEKS[n % 13]: reasons[n % 20]})
        for n in range(40)
    ]
    failures = tuple(Failure(f"source-{n}", "UnavailableError", "down") for n in range(20))
    text = str(Report(Path("data"), WINDOW, WINDOW, (*fine, *broken), failures))
    lines = text.splitlines()
    assert len(lines) <= 24
    assert lines[1].startswith("  minute B0, B1")
    assert "more lines: JSON has all of it" in text


def test_a_plan_of_many_series_fits_on_a_screen_and_what_lacks_most_comes_first() -> None:
    series = tuple(
        SeriesPlan(build.series(f"A{n}"), present=WEEKS[: n % 13], missing=WEEKS[n % 13 :])
        for n in range(200)
    )
    request = Request((Symbol("A1"),), (Resolution.MINUTE,), WINDOW[0])
    lines = str(Plan(request, WINDOW, WINDOW, series)).splitlines()
    assert len(lines) <= 24
    assert "13 missing" in lines[1]
