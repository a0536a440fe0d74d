"""The source `lean-cli` with the real command, through `leanfeed.ensure`, when things go well."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import leanfeed
from leanfeed import events
from leanfeed.bars import Bars
from leanfeed.lean import consolidate
from leanfeed.lean.reader import read_series
from leanfeed.values import Resolution, Session
from leanfeed_lean_cli.source import LeanCliSource
from tests.build import MemorySource, series, sessions
from tests.lean_cli.real.docker_engine import DockerEngine
from tests.lean_cli.real.downloader import STRANGER, Downloader, Outcome
from tests.lean_cli.real.market import traded
from tests.lean_cli.real.quantconnect_api import ORGANIZATION, QuantConnectApi
from tests.lean_cli.real.workspace import Workspace, command_lines

_LEAN_JSON = """{
    // Where the data is.
    "data-folder": "data",
    "organization-id": "%s",
    "polygon-api-key": "%s"
}
"""

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quantconnect")]


@pytest.mark.parametrize("resolution", ["minute", "second", "hour", "daily"])
def test_fills_the_folder_and_starts_nothing_the_second_time(
    configured: Workspace, docker: DockerEngine, data_folder: Path, resolution: str
) -> None:
    # Winter, a holiday, and a change to summer time.
    window = ("2024-02-16", "2024-02-21") if resolution != "daily" else ("2024-03-07", "2024-03-12")
    report = _ensure(data_folder, resolution, *window)
    report.raise_for_missing()
    for ticker in ("AAPL", "MSFT"):
        wanted = [_wanted(ticker, resolution, session) for session in sessions(*window)]
        assert read_series(data_folder, series(ticker, resolution)) == Bars.concat(wanted)
    assert len(docker.created) == 1
    assert not docker.containers
    assert not list(configured.temporary.iterdir())

    again = _ensure(data_folder, resolution, *window)
    assert again.complete
    assert again.written_sessions == 0
    assert len(docker.created) == 1


@pytest.mark.usefixtures("configured")
def test_in_winter_the_neighbours_stay_as_they_are(
    data_folder: Path, downloader: Downloader
) -> None:
    _ensure(data_folder, "minute", "2024-01-02", "2024-01-02")
    _ensure(data_folder, "minute", "2024-01-08", "2024-01-08")
    before = _files(data_folder)
    assert len(before) == 4
    _ensure(data_folder, "minute", "2024-01-03", "2024-01-05").raise_for_missing()
    after = _files(data_folder)
    assert {path: after[path] for path in before} == before
    assert len(after) == 10
    for session in sessions("2024-01-03", "2024-01-05"):
        stored = read_series(data_folder, series("AAPL")).between(*session.day)
        assert stored == traded("AAPL", Resolution.MINUTE, session)
    assert len(downloader.orders) == 3


@pytest.mark.usefixtures("configured")
def test_gives_only_what_the_source_before_it_lacked(
    data_folder: Path, downloader: Downloader
) -> None:
    first = MemorySource(error=leanfeed.UnavailableError("It is down. Wait."), fails_after=1)
    report = leanfeed.ensure(
        "AAPL",
        resolution="minute",
        start="2024-07-01",
        end="2024-07-03",
        data_folder=data_folder,
        sources=[first, "lean-cli"],
    )
    assert report.complete
    assert report.by_source == {"MemorySource": 1, "lean-cli": 2}
    assert [order.start.isoformat() for order in downloader.orders] == ["2024-07-02"]


@pytest.mark.usefixtures("configured")
def test_what_the_container_wrote_is_not_what_is_stored(data_folder: Path) -> None:
    _ensure(data_folder, "minute", "2024-07-02", "2024-07-02").raise_for_missing()
    owners = {path.stat().st_uid for path in data_folder.rglob("*.zip")}
    assert owners == {os.getuid()}
    assert STRANGER not in owners


def test_what_lean_json_says_is_enough_and_the_file_stays_as_it_is(
    configured: Workspace, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting in ("API_KEY", "ORGANIZATION"):
        monkeypatch.delenv(f"LEANFEED_LEAN_CLI_{setting}")
    monkeypatch.chdir(data_folder.parent)
    lean_json = data_folder.parent / "lean.json"
    lean_json.write_text(_LEAN_JSON % (ORGANIZATION, configured.key))
    before = lean_json.stat()
    report = leanfeed.ensure(
        "AAPL", resolution="daily", start="2024-07-01", end="2024-07-03", sources=["lean-cli"]
    )
    assert report.complete
    assert report.data_folder == data_folder
    assert lean_json.stat().st_mtime_ns == before.st_mtime_ns
    assert lean_json.read_text() == _LEAN_JSON % (ORGANIZATION, configured.key)


def test_a_close_look_starts_nothing_heavy(
    configured: Workspace, docker: DockerEngine, quantconnect: QuantConnectApi
) -> None:
    source = LeanCliSource(
        command=str(configured.lean), api_key=configured.key, organization=ORGANIZATION
    )
    findings = list(source.examine())
    assert findings
    assert [finding for finding in findings if not finding.is_well] == []
    assert {path for _, path in docker.asked} <= {"/_ping", "/version"}
    assert quantconnect.asked == []


def test_the_key_is_nowhere(
    configured: Workspace, data_folder: Path, downloader: Downloader
) -> None:
    downloader.outcomes = {"AAPL": Outcome.INDISCREET}
    heard: list[events.Event] = []
    with command_lines() as seen:
        report = leanfeed.ensure(
            "AAPL",
            resolution="minute",
            start="2024-07-02",
            end="2024-07-03",
            data_folder=data_folder,
            sources=["lean-cli"],
            progress=heard.append,
        )
    report.raise_for_missing()
    assert any("download" in words and "--ticker" in words for words in seen)
    assert not any(configured.key in word for words in seen for word in words)
    said = [event.text for event in heard if isinstance(event, events.SourceSaid)]
    assert any("https://api.polygon.io/v2/aggs?apiKey=" in line for line in said)
    assert configured.key not in repr(heard)
    assert configured.key not in json.dumps(report.to_dict())
    for path in data_folder.rglob("*"):
        assert path.is_dir() or configured.key.encode() not in path.read_bytes()


def test_a_throttled_provider_is_waited_for_aloud(
    configured: Workspace, data_folder: Path, downloader: Downloader
) -> None:
    downloader.outcomes = {"AAPL": Outcome.THROTTLED}
    heard: list[events.Event] = []
    report = leanfeed.ensure(
        "AAPL",
        resolution="daily",
        start="2024-07-01",
        end="2024-07-03",
        data_folder=data_folder,
        sources=["lean-cli"],
        progress=heard.append,
    )
    assert report.complete
    said = [event for event in heard if isinstance(event, events.SourceSaid)]
    assert {event.source for event in said} == {"lean-cli"}
    assert any("was throttled due to too many requests" in event.text for event in said)


def _ensure(data_folder: Path, resolution: str, start: str, end: str) -> leanfeed.Report:
    return leanfeed.ensure(
        "AAPL,MSFT",
        resolution=resolution,
        start=start,
        end=end,
        data_folder=data_folder,
        sources=["lean-cli"],
    )


def _wanted(ticker: str, resolution: str, session: Session) -> Bars:
    """What the folder has to hold; LEAN's hours are of regular trading only."""
    if resolution == "hour":
        return consolidate.hourly(traded(ticker, Resolution.MINUTE, session), session)
    return traded(ticker, Resolution(resolution), session)


def _files(data_folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in data_folder.rglob("*.zip")}
