"""In a notebook a run shows one line, and its report a small table."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import leanfeed
from leanfeed import Plan, Report, Request, SeriesPlan, SeriesReport
from leanfeed.report import Failure
from tests import build

ASKED: dict[str, Any] = {
    "resolution": "minute",
    "start": "2024-11-25",
    "end": "2024-11-29",
    "sources": "replay",
}
WEEK = build.sessions("2024-01-02", "2024-01-05")
WINDOW = (WEEK[0].date, WEEK[-1].date)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What each display of a notebook has shown, one after the other."""
    displays: list[list[str]] = []

    def display(data: dict[str, str], *, raw: bool, display_id: bool) -> Any:
        assert raw
        assert display_id
        lines = [data["text/plain"]]
        displays.append(lines)
        return SimpleNamespace(update=lambda data, raw: lines.append(data["text/plain"]))

    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    return displays


def test_a_run_shows_one_line_that_ends_with_the_result(
    shown: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    leanfeed.ensure("DEMO", **ASKED)
    ((first, *_, last),) = shown
    assert first == "0 of 4 sessions"
    assert last == "2024-11-25 … 2024-11-29 in data: complete"
    assert capsys.readouterr() == ("", "")


def test_nothing_is_shown_where_nothing_is_to_be_done_or_wanted(shown: list[list[str]]) -> None:
    leanfeed.ensure("DEMO", progress=False, **ASKED)
    leanfeed.ensure("DEMO", **ASKED)
    assert shown == []


def test_a_function_takes_the_place_of_the_line(shown: list[list[str]]) -> None:
    heard: list[object] = []
    leanfeed.ensure("DEMO", progress=heard.append, **ASKED)
    assert heard
    assert shown == []


def test_an_interactive_python_is_no_notebook(
    shown: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = SimpleNamespace(get_ipython=lambda: SimpleNamespace())
    monkeypatch.setitem(sys.modules, "IPython", shell)
    leanfeed.ensure("DEMO", **ASKED)
    assert shown == []


def test_a_report_is_a_small_table_with_its_texts_escaped() -> None:
    series = SeriesReport(
        build.series(), written=WEEK[:2], missing={WEEK[3]: "<script>alert(1)</script> & more"}
    )
    failure = Failure("a<b>", "UnavailableError", "down")
    html = Report(Path("<data>"), WINDOW, WINDOW, (series,), (failure,))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in html
    assert "&lt;data&gt;" in html
    assert "a&lt;b&gt; gave up" in html
    assert len(html) < 4_000
    assert "#" not in html  # no colour of its own: fit for light and dark


def test_a_plan_of_many_series_is_a_small_table() -> None:
    series = tuple(
        SeriesPlan(build.series(f"A{n}", resolution), present=WEEK[:1], missing=WEEK[1:])
        for n in range(500)
        for resolution in ("minute", "daily")
    )
    request = Request((series[0].series.symbol,), (series[0].series.resolution,), WINDOW[0])
    html = Plan(request, WINDOW, WINDOW, series)._repr_html_()
    assert html.count("<tr>") == 3
    assert ">1500<" in html
    assert len(html) < 4_000
