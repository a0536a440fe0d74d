"""The key stands in the Authorization header and nowhere else, whatever is printed or kept."""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

import leanfeed
from leanfeed import ConfigurationError, SourceError
from leanfeed.events import Event
from leanfeed.values import Gap
from leanfeed_polygon.source import PolygonSource
from tests import build
from tests.polygon.conftest import Connect
from tests.polygon.faults import BY_NAME
from tests.polygon.faults.kind import KEY_REFUSED, Culprit, Kind, Mode
from tests.polygon_server import PolygonServer, Reply, error, first, synthetic

_ROOT = Path(__file__).parents[2]
_WEEK = build.sessions("2024-03-04", "2024-03-08")
_WINDOW: dict[str, Any] = {"resolution": "minute", "start": _WEEK[0].date, "end": _WEEK[-1].date}
#: A run that ends well, one that is refused, one that is betrayed, one in which all goes wrong.
_ENDINGS = [
    None,
    BY_NAME["the key in a refusal"],
    BY_NAME["the key as the ticker"],
    BY_NAME["the key in the status line"],
]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PolygonServer]:
    with PolygonServer({("SPY", "minute"): synthetic(_WEEK, density=0.1)}) as running:
        monkeypatch.setenv("POLYGON_API_KEY", running.key)
        monkeypatch.setenv("POLYGON_BASE_URL", running.url)
        monkeypatch.setenv("LEANFEED_POLYGON_RETRY_PAUSE", "0")
        yield running


def misbehave(server: PolygonServer, kind: Kind | None) -> None:
    if kind is not None:
        server.faults.append(Culprit(kind, Mode.ALWAYS, "http://other.example"))


def places_of(key: str, shown: Iterable[object]) -> list[str]:
    """Where the key stands, cut short."""
    found = []
    for thing in shown:
        text = thing.decode("latin-1") if isinstance(thing, bytes) else f"{thing}\n{thing!r}"
        if key in text:
            at = text.index(key)
            found.append(text[max(at - 60, 0) : at] + "…")
    return found


def kept(folder: Path) -> Iterator[object]:
    """Every name and every byte below a folder."""
    for path in folder.rglob("*"):
        yield path
        if path.is_file():
            yield path.read_bytes()


@pytest.mark.parametrize("kind", _ENDINGS, ids=lambda kind: kind.name if kind else "well")
def test_a_run_shows_and_keeps_no_key(
    server: PolygonServer, kind: Kind | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")
    heard: list[Event] = []
    misbehave(server, kind)
    plan = leanfeed.plan("SPY", data_folder=tmp_path, **_WINDOW)
    report = leanfeed.ensure("SPY", data_folder=tmp_path, progress=heard.append, **_WINDOW)
    assert report.complete is (kind is None)
    assert places_of(server.key, [server.seen]) != []
    assert "urllib3.connectionpool" in {record.name for record in caplog.records}
    records = [value for record in caplog.records for value in vars(record).values()]
    values: list[object] = [plan, report, *heard]
    shown = [*values, plan.to_json(), report.to_json(), caplog.text, *records]
    pickles = [pickle.dumps(value) for value in values]
    assert places_of(server.key, [*shown, *pickles, *kept(tmp_path)]) == []
    caches = Path(os.environ["XDG_CACHE_HOME"])
    assert places_of(server.key, kept(caches)) == []


@pytest.mark.parametrize("kind", _ENDINGS[1:], ids=lambda kind: kind.name)
def test_a_traceback_shows_no_key(server: PolygonServer, connect: Connect, kind: Kind) -> None:
    misbehave(server, kind)
    with pytest.raises(SourceError) as caught:
        list(connect(server).fetch([Gap(build.series(), _WEEK)]))
    assert places_of(server.key, traceback.format_exception(caught.value)) == []
    assert places_of(server.key, _causes(caught.value)) == []


@pytest.mark.parametrize("bad", [error(401), error(500), Reply(drop_after=-1), Reply(302)])
def test_a_traceback_shows_no_key_even_with_its_variables(
    server: PolygonServer, connect: Connect, bad: Reply
) -> None:
    server.faults.append(first(99, bad))
    with pytest.raises(SourceError) as caught:
        list(connect(server).fetch([Gap(build.series(), _WEEK)]))
    # The frames of urllib3 hold the header: no error may carry them along.
    full = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert places_of(server.key, full.format()) == []


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ if error.__suppress_context__ else error.__context__


def test_settings_show_no_key(server: PolygonServer, monkeypatch: pytest.MonkeyPatch) -> None:
    source = PolygonSource(api_key=server.key, base_url=server.url)
    shown: list[object] = [source]
    for wrong in (f"{server.key} x", f"{server.key}\n{server.key}"):
        with pytest.raises(ConfigurationError) as caught:
            PolygonSource(api_key=wrong)
        shown += [caught.value, *traceback.format_exception(caught.value)]
    monkeypatch.setenv("LEANFEED_POLYGON_IN_FLIGHT", "many")
    with pytest.raises(ConfigurationError) as caught:
        leanfeed.plan("SPY", **_WINDOW)
    shown += traceback.format_exception(caught.value)
    assert places_of(server.key, shown) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no ps")
def test_a_command_shows_no_key(server: PolygonServer, tmp_path: Path) -> None:
    listed: list[bytes] = []

    def look(_seen: object, honest: Reply) -> Reply:
        processes = subprocess.check_output(["ps", "-A", "-ww", "-o", "args"]).splitlines()
        listed.extend(line for line in processes if os.fsencode(tmp_path) in line)
        return honest

    server.faults.append(first(1, look))
    command = [sys.executable, "-m", "leanfeed", "ensure", "SPY", "--resolution", "minute"]
    command += ["--start", str(_WEEK[0]), "--end", str(_WEEK[-1]), "--data-folder"]
    folders = (str(_ROOT), str(_ROOT / "plugins"), os.environ.get("PYTHONPATH", ""))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, folders))}
    shown: list[object] = []
    for name in ("good", "refused"):
        done = subprocess.run(
            [*command, str(tmp_path / name), "-v"], env=environment, capture_output=True
        )
        shown += [done.stdout, done.stderr]
        misbehave(server, BY_NAME["the key in a refusal"])
    assert done.returncode == KEY_REFUSED.exit_code
    assert any(b"leanfeed ensure SPY" in process for process in listed)
    assert places_of(server.key, [*shown, *listed]) == []
