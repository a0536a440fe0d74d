"""The page in a real browser: drawn, reachable by keys, quiet, and quick with 500 series."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import leanfeed
from leanfeed import Coverage
from tests import build
from tests.coverages.browser import Page, chromium
from tests.coverages.large import large
from tests.planner.folder import Folder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with chromium() as page:
        yield page


@pytest.fixture
def page(browser: Page) -> Page:
    browser.complaints.clear()
    browser.asked.clear()
    browser.emulate()
    browser.size(1280, 860)
    return browser


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """Two series of a quarter: one is whole, the other lacks two sessions, and one has few bars."""
    later = dt.datetime(2024, 7, 1, tzinfo=dt.UTC)
    folder = Folder(tmp_path / "data", end="2024-03-28")
    gone = {"2024-02-06", "2024-02-07"}
    folder.store(*(str(s) for s in folder.sessions if str(s) not in gone), bars=390, at=later)
    folder.store("2024-03-12", bars=120, at=later)
    leanfeed.ensure(
        "QQQ",
        resolution="minute",
        start="2024-01-02",
        end="2024-03-28",
        sources=[build.MemorySource()],
        data_folder=folder.path,
    )
    made = tmp_path / "report.html"
    made.write_text(leanfeed.coverage(data_folder=folder.path).to_html(), encoding="utf-8")
    return made


TITLE = "document.querySelector('#why h3')?.textContent"


def told(page: Page, title: str) -> str:
    """The text of the panel, once it is about that."""
    page.run(
        "new Promise(done => { const wait = () => "
        f"{TITLE} === {json.dumps(title)} ? done() : setTimeout(wait, 5); wait(); }})"
    )
    return str(page.run("document.getElementById('why').innerText"))


def choose(page: Page, text: str) -> None:
    page.run(
        f"[...document.querySelectorAll('.choice')].find(c => c.textContent === {json.dumps(text)})"
        ".querySelector('input').click()"
    )


def shapes(page: Page, name: str) -> int:
    """How many shapes of a class are drawn in the map."""
    return int(page.run(f"document.querySelectorAll('#map svg path.{name}').length"))


def test_it_opens_without_a_word_or_a_request(page: Page, report: Path) -> None:
    page.open(report)
    assert page.complaints == []
    assert page.asked == [report.as_uri()]
    assert page.run("document.querySelectorAll('#map tbody tr').length") == 2
    assert shapes(page, "missing") == 1
    # Nothing is wider than the window.
    assert page.run("document.documentElement.scrollWidth <= innerWidth")


def test_months_stand_above_a_year_or_less(page: Page, report: Path) -> None:
    page.open(report)
    assert page.run("document.getElementById('axis').innerText.split(/\\s+/).join(' ')") == (
        "Jan Feb Mar"
    )


def test_keys_reach_everything(page: Page, report: Path) -> None:
    page.open(report)
    for _ in range(12):
        page.press("Tab")
        if page.run("document.activeElement.id") == "map":
            break
    assert page.run("document.activeElement.id") == "map"
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    told(page, "minute QQQ on 2024-01-02: present")
    page.press("ArrowRight", "ArrowDown")
    text = told(page, "minute SPY on 2024-01-03: present")
    for words in ("Source\nmemory", "Since\n2024-07-01 00:00:00 UTC", "Bars\n390", "Digest\n"):
        assert words in text
    page.press("End")
    told(page, "minute SPY on 2024-03-28: present")
    page.press("p")
    text = told(page, "minute SPY on 2024-03-12: present")
    assert "truncated: nothing from 11:30 to 16:00" in text
    page.press("p")
    text = told(page, "minute SPY on 2024-02-07: missing")
    assert "Nobody has given it yet." in text
    assert "equity/usa/minute/spy/20240207_trade.zip 2024-02-07" in text
    page.press("ArrowUp")
    told(page, "minute QQQ on 2024-02-07: present")
    page.press("Escape")
    assert page.run("document.getElementById('why').hidden")


def test_a_click_shows_why(page: Page, report: Path) -> None:
    page.open(report)
    page.run("scrollTo(0, 0)")
    left, top, width = page.run(
        "(r => [r.left, r.top + r.height / 2, r.width])"
        "(document.querySelectorAll('#map svg')[1].getBoundingClientRect())"
    )
    sessions = [str(s) for s in build.sessions("2024-01-02", "2024-03-28")]
    n = sessions.index("2024-02-06")
    page.click(left + width * (n + 0.5) / len(sessions), top)
    told(page, "minute SPY on 2024-02-06: missing")
    box = page.run(
        "(b => b.left + b.width / 2)(document.querySelector('.cursor').getBoundingClientRect())"
    )
    assert abs(box - (left + width * (n + 0.5) / len(sessions))) < 2


def test_by_source_and_by_number_of_bars(page: Page, report: Path) -> None:
    page.open(report)
    choose(page, "Source")
    assert (shapes(page, "present"), shapes(page, "s0") + shapes(page, "s1")) == (0, 2)
    key = page.run("document.querySelector('.key').innerText")
    assert "memory" in key
    assert "MemorySource" in key
    choose(page, "Bars")
    assert (shapes(page, "odd"), shapes(page, "missing")) == (1, 1)
    choose(page, "State")
    assert (shapes(page, "odd"), shapes(page, "present")) == (0, 2)


def test_a_series_is_found_and_an_odd_session_shown(page: Page, report: Path) -> None:
    page.open(report)
    page.run("document.querySelector('input[type=search]').focus()")
    page.press("s", "p", "y")
    assert page.run("[...document.querySelectorAll('#map tbody tr')].map(r => r.hidden)") == [
        True,
        False,
    ]
    page.run("document.querySelector('#odd button').click()")
    told(page, "minute SPY on 2024-03-12: present")


def test_keys_where_there_is_nothing_to_move_to(page: Page, report: Path, tmp_path: Path) -> None:
    page.open(report)
    page.run("document.querySelector('input[type=search]').focus()")
    page.press("z")
    page.run("document.getElementById('map').focus()")
    page.press("ArrowDown", "ArrowRight", "n", "p", "End", "Escape")
    (tmp_path / "empty").mkdir()
    made = tmp_path / "empty.html"
    made.write_text(leanfeed.coverage(data_folder=tmp_path / "empty").to_html(), encoding="utf-8")
    page.open(made)
    page.run("document.getElementById('map').focus()")
    page.press("ArrowDown", "n")
    assert page.complaints == []


def test_a_year_is_shown_session_by_session(page: Page, tmp_path: Path) -> None:
    made = tmp_path / "years.html"
    coverage = large(series=3, start="2021-01-04", end="2023-12-29")
    made.write_text(coverage.to_html(), encoding="utf-8")
    page.open(made)
    boxes = "[...document.querySelectorAll('#map svg')].map(s => s.viewBox.baseVal.width)"
    sessions = build.sessions("2021-01-04", "2023-12-29")
    weeks = len({session.date.isocalendar()[:2] for session in sessions})
    assert page.run(boxes) == [weeks] * 3
    choose(page, "2022")
    assert page.run(boxes) == [sum(s.date.year == 2022 for s in sessions)] * 3
    page.run("document.getElementById('map').focus()")
    page.press("ArrowDown", "ArrowRight", "ArrowUp", "End")
    told(page, "minute SPY on 2022-12-30: present")
    choose(page, "2023")
    page.press("ArrowDown", "Home")  # the cursor was in another year
    told(page, "minute AAPL on 2023-01-03: present")
    choose(page, "All")
    assert page.run(boxes) == [weeks] * 3
    assert page.complaints == []


def test_dark_light_and_print_differ_as_they_should(page: Page, report: Path) -> None:
    page.open(report)
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.run(colour)
    page.emulate(dark=True)
    assert page.run(colour) != light
    assert page.complaints == []
    page.emulate(media="print", dark=True)
    assert page.run(colour) == "rgb(255, 255, 255)"
    assert page.run("getComputedStyle(document.getElementById('controls')).display") == "none"
    printed = page.call("Page.printToPDF")["data"]
    assert len(printed) > 1000


def test_without_its_script_it_can_still_be_read(page: Page, report: Path) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.call("Page.navigate", url=report.as_uri())
        page.wait_for("Page.loadEventFired")
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)
    text = page.run("document.body.innerText")
    assert "98.3 %" in text
    label = page.run("document.querySelectorAll('#map svg')[1].getAttribute('aria-label')")
    assert "2 missing (2024-02-06 … 2024-02-07)" in label
    assert shapes(page, "missing") == 1


@pytest.fixture(scope="module")
def five_years() -> Coverage:
    """500 series of five years: 629,000 sessions."""
    return large(series=500, start="2019-01-02", end="2023-12-29")


def test_five_hundred_series_of_five_years(
    page: Page, five_years: Coverage, tmp_path: Path
) -> None:
    made = tmp_path / "large.html"
    made.write_text(five_years.to_html(), encoding="utf-8")
    assert made.stat().st_size < 5_000_000
    page.open(made)
    ready = page.run("performance.getEntriesByName('ready')[0].startTime")
    assert ready < 10_000  # a second or two on a machine that does nothing else
    assert page.complaints == []
    page.run("document.getElementById('map').focus()")
    page.press("n")
    page.run("new Promise(done => setTimeout(done, 300))")
    title = page.run(TITLE)
    assert re.search(r"on 20\d\d-\d\d-\d\d: (missing|damaged|present)", title)
    digest = "[...document.querySelectorAll('#why dt')].map(d => d.textContent)"
    page.press("Home")
    page.run("new Promise(done => setTimeout(done, 300))")
    assert {"Source", "Bars", "Digest", "Request id", "File"} <= set(page.run(digest))
    # Only what is near the window has been drawn by the script.
    drawn = page.run("[...document.querySelectorAll('#map tbody tr')].filter(r => r.drawn).length")
    assert drawn < 100


def test_what_does_not_fit_is_left_out_and_said(page: Page, tmp_path: Path) -> None:
    made = tmp_path / "huge.html"
    coverage = large(series=500, start="2019-01-02", end="2023-12-29", sessions_per_request=1)
    made.write_text(coverage.to_html(), encoding="utf-8")
    assert made.stat().st_size < 5_000_000
    page.open(made)
    page.run("document.getElementById('map').focus()")
    page.run("new Promise(done => setTimeout(done, 300))")
    text = page.run("document.getElementById('why').innerText")
    assert "No request ids on a page so large" in text
    assert "leanfeed why data/equity/usa/minute/" in text
