"""The plain command against the stand-ins: what leanfeed's source has to live with."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from leanfeed.bars import Bars
from leanfeed.lean.reader import read_file
from leanfeed.values import Resolution
from tests.build import sessions
from tests.lean_cli.real.docker_engine import DockerEngine
from tests.lean_cli.real.downloader import Downloader, Outcome
from tests.lean_cli.real.market import traded
from tests.lean_cli.real.quantconnect_api import QuantConnectApi
from tests.lean_cli.real.workspace import Workspace

pytestmark = pytest.mark.slow

_MINUTE = "equity/usa/minute/{}/{}_trade.zip"


@pytest.fixture(autouse=True)
def market_hours(workspace: Workspace, lean_data: Path) -> None:
    """The data folder hides the container's own copy."""
    shutil.copytree(lean_data / "market-hours", workspace.data / "market-hours")


@pytest.mark.usefixtures("quantconnect")
@pytest.mark.parametrize("resolution", ["minute", "second", "hour", "daily"])
def test_writes_the_files_of_lean(
    workspace: Workspace, docker: DockerEngine, resolution: str
) -> None:
    argv = workspace.argv(
        "AAPL", "MSFT", start="20240702", end="20240704", resolution=resolution.capitalize()
    )
    done = workspace.run(argv)
    assert done.exit_code == 0
    assert "All downloads completed" in done.text
    days = sessions("2024-07-02", "2024-07-03")
    for ticker in ("AAPL", "MSFT"):
        wanted = Bars.concat([traded(ticker, Resolution(resolution), day) for day in days])
        assert _stored(workspace.data, resolution, ticker) == wanted
    assert not docker.containers
    assert not _left(workspace)


@pytest.mark.usefixtures("quantconnect")
def test_in_winter_it_cuts_the_day_before_and_the_last_day(workspace: Workspace) -> None:
    before, first, last = sessions("2024-01-02", "2024-01-04")
    workspace.run(workspace.argv("AAPL", start="20240102", end="20240104"))
    assert len(_minutes(workspace, "20240102")) == len(traded("AAPL", Resolution.MINUTE, before))
    workspace.run(workspace.argv("AAPL", start="20240103", end="20240105"))
    hour = 60 * 60_000
    evening = before.extended[1] - hour
    assert _minutes(workspace, "20240102").time[0] == evening
    assert _minutes(workspace, "20240103") == traded("AAPL", Resolution.MINUTE, first)
    assert _minutes(workspace, "20240104").time[-1] == last.extended[1] - hour
    assert not (workspace.data / _MINUTE.format("aapl", "20240105")).exists()


@pytest.mark.usefixtures("quantconnect")
@pytest.mark.parametrize(
    ("outcome", "exit_code", "text"),
    [
        (Outcome.NO_DATA, 0, "No data found for BBB between"),
        (Outcome.NOTHING, 0, "Download completed for BBB"),
        (Outcome.UNSUPPORTED, 0, "does not support this request"),
        (Outcome.CRASH, 1, "Something went wrong while running the downloader data provider"),
    ],
)
def test_a_ticker_without_files(
    workspace: Workspace, downloader: Downloader, outcome: Outcome, exit_code: int, text: str
) -> None:
    downloader.outcomes = {"BBB": outcome}
    done = workspace.run(workspace.argv("AAA", "BBB", "CCC", start="20240702", end="20240703"))
    assert done.exit_code == exit_code
    assert text in done.text
    written = {path.parent.name for path in workspace.data.rglob("*.zip")}
    assert written == ({"aaa"} if exit_code else {"aaa", "ccc"})


@pytest.mark.usefixtures("quantconnect")
def test_a_wrong_polygon_key_fails_in_the_container(workspace: Workspace) -> None:
    argv = workspace.argv("AAPL", start="20240702", end="20240703")
    config = Path(argv[-1])
    config.write_text(config.read_text().replace(workspace.key, "another"))
    done = workspace.run(argv)
    assert done.exit_code == 1
    assert "Last response: Forbidden" in done.text


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("token", "Invalid credentials, please log in using `lean login`"),
        ("user", "UserID not valid"),
        ("http 500", "Invalid credentials, please log in using `lean login`"),
        ("module", "Module subscription not found"),
        ("image", "No such image"),
        ("docker", "Please make sure Docker is installed and running"),
    ],
)
def test_refusals(
    workspace: Workspace, docker: DockerEngine, quantconnect: QuantConnectApi, fault: str, text: str
) -> None:
    match fault:
        case "token":
            workspace.log_in(token="of somebody else")
        case "user":
            workspace.log_in(user="9")
        case "http 500":
            quantconnect.is_broken = True
        case "module":
            quantconnect.is_subscribed = False
        case "image":
            docker.has_image = False
        case "docker":
            Path(docker.address.removeprefix("unix://")).unlink()
    done = workspace.run(workspace.argv("AAPL", start="20240702", end="20240703"))
    assert done.exit_code == 1
    assert text in done.text
    assert not docker.created


@pytest.mark.usefixtures("port")
def test_nobody_answers_for_quantconnect(workspace: Workspace, docker: DockerEngine) -> None:
    done = workspace.run(workspace.argv("AAPL", start="20240702", end="20240703"))
    assert done.exit_code == 1
    assert "It looks like you don't have an internet connection" in done.text
    assert not docker.created


@pytest.mark.usefixtures("quantconnect")
def test_sigint_during_the_start_of_a_container_leaves_it_running(
    workspace: Workspace, docker: DockerEngine, downloader: Downloader
) -> None:
    downloader.outcomes = {"AAPL": Outcome.HANG}
    docker.start_seconds = 1.0
    argv = workspace.argv("AAPL", start="20240702", end="20240703")
    with workspace.started(argv) as process:
        _await(process, lambda: bool(downloader.orders))
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert text.endswith("Aborted!\n")
    assert [container.name[:9] for container in docker.containers.values()] == ["lean_cli_"]
    assert not _left(workspace)


@pytest.mark.usefixtures("quantconnect")
@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGINT, 1), (signal.SIGTERM, -signal.SIGTERM)]
)
def test_only_sigint_ends_the_container(
    workspace: Workspace,
    docker: DockerEngine,
    downloader: Downloader,
    number: signal.Signals,
    exit_code: int,
) -> None:
    downloader.outcomes = {"AAPL": Outcome.HANG}
    argv = workspace.argv("AAPL", start="20240702", end="20240703")
    with workspace.started(argv) as process:
        _await(process, lambda: docker.is_watched)
        process.send_signal(number)
        assert process.wait(timeout=20) == exit_code
    if number is signal.SIGINT:
        # Its temporary folders, with the key, may stay: two of its threads race to the end.
        assert not docker.containers
    else:
        assert docker.containers
        assert workspace.key in "".join(path.read_text() for path in _left(workspace))


def _await(process: subprocess.Popen[str], condition: Callable[[], bool]) -> None:
    while not condition():
        assert process.poll() is None
        time.sleep(0.05)


def _minutes(workspace: Workspace, day: str) -> Bars:
    return _bars(workspace.data / _MINUTE.format("aapl", day))


def _stored(data: Path, resolution: str, ticker: str) -> Bars:
    folder = data / "equity/usa" / resolution
    pattern = f"{ticker.lower()}/*.zip" if resolution in ("minute", "second") else f"{ticker}.zip"
    return Bars.concat([_bars(path) for path in sorted(folder.glob(pattern.lower()))])


def _bars(path: Path) -> Bars:
    bars = read_file(path)
    assert isinstance(bars, Bars)
    return bars


def _left(workspace: Workspace) -> list[Path]:
    return [path for path in workspace.temporary.rglob("*") if path.is_file()]
