"""Every kind of fault ends in complete and correct data, or in a truthful report."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import leanfeed
from leanfeed import Report
from leanfeed.cli.exit_codes import of_report
from leanfeed.events import Event
from tests import build
from tests.polygon.faults import BY_NAME, CATALOGUE
from tests.polygon.faults.kind import HARMLESS, Culprit, Kind, Mode
from tests.polygon.truth import Truth
from tests.polygon_server import PolygonServer, synthetic
from tests.torture.form import IS_FULL

#: Three windows of minutes.
SESSIONS = build.sessions("2024-01-02", "2024-06-07")
#: Two windows of the first symbol need two pages.
MARKET = {
    ("SPY", "minute"): synthetic(SESSIONS, density=0.012),
    ("BRK.B", "minute"): synthetic(SESSIONS, density=0.006, seed=1),
    ("SPY", "day"): synthetic(SESSIONS, "day", seed=2),
    ("BRK.B", "day"): synthetic(SESSIONS, "day", seed=3, density=0.9),
}
TRUTH = Truth(MARKET, SESSIONS)

QUICK = [kind for kind in CATALOGUE[::3] if not kind.settings]
#: What costs sessions even when it passes. (A day's `Retry-After` binds the next run as well.)
LASTING = [
    kind for kind in CATALOGUE if kind.end != HARMLESS and not kind.end.passes and not kind.settings
]

#: By default every third kind, for ever, unless it takes its time; the rest is slow. What strikes
#: for ever is the hardest: in the short form the other modes are those of every third kind.
_CASES = [
    pytest.param(
        kind,
        mode,
        id=f"{kind.name}, {mode}",
        marks=[] if mode is Mode.ALWAYS and kind in QUICK else [pytest.mark.slow],
    )
    for kind in CATALOGUE
    for mode in Mode
    if IS_FULL or mode is Mode.ALWAYS or kind in CATALOGUE[::3]
]


@pytest.fixture
def server() -> Iterator[PolygonServer]:
    with PolygonServer(MARKET, page_limit=500) as running:
        yield running


@pytest.fixture
def stranger() -> Iterator[PolygonServer]:
    """Another host, which must see nothing."""
    with PolygonServer({}) as running:
        yield running
        assert running.seen == []


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture(autouse=True)
def _point_at(monkeypatch: pytest.MonkeyPatch, server: PolygonServer) -> None:
    monkeypatch.setenv("POLYGON_API_KEY", server.key)
    monkeypatch.setenv("POLYGON_BASE_URL", server.url)
    monkeypatch.setenv("LEANFEED_POLYGON_RETRY_PAUSE", "0")


def ensure(folder: Path, heard: list[Event]) -> Report:
    return leanfeed.ensure(
        ["SPY", "BRK.B"],
        resolution="minute,daily",
        start=SESSIONS[0].date,
        end=SESSIONS[-1].date,
        data_folder=folder,
        progress=heard.append,
    )


@pytest.mark.parametrize(("kind", "mode"), _CASES)
def test_a_fault_ends_in_the_truth(
    kind: Kind,
    mode: Mode,
    tmp_path: Path,
    server: PolygonServer,
    stranger: PolygonServer,
    heard: list[Event],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name, value in kind.settings.items():
        monkeypatch.setenv(f"LEANFEED_POLYGON_{name}", value)
    culprit = Culprit(kind, mode, stranger.url)
    server.faults.append(culprit)
    started = time.monotonic()
    report = ensure(tmp_path / "data", heard)
    assert time.monotonic() - started < 60
    assert culprit.struck

    has_effect = kind.end != HARMLESS and not (kind.end.passes and mode is not Mode.ALWAYS)
    errors = [kind.end.error] if has_effect else []
    assert [failure.error for failure in report.failures] == errors, report.failures
    assert report.complete is not has_effect
    code = kind.end.code(is_any_written=bool(report.written_sessions))
    assert of_report(report) == (code if has_effect else 0)
    assert TRUTH.findings(tmp_path / "data", report) == []
    assert server.most_in_flight <= 5
    shown = [report, report.to_json(), *heard, *caplog.messages, *_texts(tmp_path)]
    assert server.key not in " ".join(map(str, shown))
    assert all(failure.message.isprintable() for failure in report.failures)


def _texts(folder: Path) -> Iterator[str]:
    """Name and bytes of every file; the rows in the zips are compared with the truth."""
    for path in folder.rglob("*"):
        yield path.name
        if path.is_file():
            yield path.read_bytes().decode("latin-1")


@pytest.mark.slow
@pytest.mark.parametrize("kind", LASTING[::4], ids=lambda kind: kind.name)
def test_the_next_run_mends_what_a_fault_left(
    kind: Kind,
    tmp_path: Path,
    server: PolygonServer,
    stranger: PolygonServer,
    heard: list[Event],
) -> None:
    server.faults.append(Culprit(kind, Mode.OFTEN, stranger.url))
    ensure(tmp_path, heard)
    server.faults.clear()
    report = ensure(tmp_path, heard)
    assert report.complete
    assert TRUTH.findings(tmp_path, report) == []


def test_an_untruth_is_found(tmp_path: Path, heard: list[Event]) -> None:
    report = ensure(tmp_path, heard)
    assert TRUTH.findings(tmp_path, report) == []
    minutes = tmp_path / "equity" / "usa" / "minute" / "spy"
    one, other, third, *_ = sorted(minutes.iterdir())
    one.unlink()
    other.write_bytes(third.read_bytes())
    (minutes / "left.tmp").touch()
    assert len(TRUTH.findings(tmp_path, report)) == 3


def test_the_catalogue_has_a_name_for_each_kind() -> None:
    assert len(BY_NAME) == len(CATALOGUE) > 100
