"""The source `lean-cli` with the real command, when something fails."""

from __future__ import annotations

from pathlib import Path

import pytest

import leanfeed
from leanfeed.values import Resolution
from tests.build import sessions
from tests.lean_cli.real.docker_engine import DockerEngine
from tests.lean_cli.real.downloader import Downloader, Outcome
from tests.lean_cli.real.quantconnect_api import QuantConnectApi
from tests.lean_cli.real.workspace import Workspace

pytestmark = pytest.mark.slow


@pytest.mark.usefixtures("quantconnect", "configured")
@pytest.mark.parametrize("outcome", [Outcome.NO_DATA, Outcome.NOTHING, Outcome.UNSUPPORTED])
def test_a_ticker_without_data_is_no_silent_success(
    data_folder: Path, downloader: Downloader, outcome: Outcome
) -> None:
    downloader.outcomes = {"BBB": outcome}
    report = _ensure("AAA,BBB,CCC", data_folder)
    assert _missing(report) == {"BBB"}
    assert _stored(data_folder) == {"aaa", "ccc"}


@pytest.mark.usefixtures("quantconnect", "configured")
def test_a_ticker_that_crashes_does_not_take_the_others_along(
    data_folder: Path, downloader: Downloader, docker: DockerEngine
) -> None:
    downloader.outcomes = {"BBB": Outcome.CRASH}
    report = _ensure("AAA,BBB,CCC,DDD", data_folder)
    assert _missing(report) == {"BBB"}
    assert _stored(data_folder) == {"aaa", "ccc", "ddd"}
    assert "BBB" in str(report.failures)
    assert len(downloader.orders) <= 4
    assert not docker.containers


@pytest.mark.usefixtures("quantconnect", "configured")
def test_a_cut_zip_is_not_believed(data_folder: Path, downloader: Downloader) -> None:
    downloader.outcomes = {"BBB": Outcome.TORN}
    report = _ensure("AAA,BBB,CCC", data_folder)
    assert _missing(report) == {"BBB"}
    assert _stored(data_folder) == {"aaa", "ccc"}
    assert [failure.error for failure in report.failures] == ["ContractError"]


@pytest.mark.parametrize(
    ("fault", "error", "text"),
    [
        ("token", "AuthenticationError", "lean login"),
        ("user", "AuthenticationError", "UserID not valid"),
        ("http 500", "AuthenticationError", "lean login"),
        ("module", "AuthenticationError", "Module subscription not found"),
        ("key", "AuthenticationError", "Forbidden"),
        ("image", "UnavailableError", "No such image"),
        ("docker", "UnavailableError", "Docker"),
    ],
)
def test_refusals(
    configured: Workspace,
    docker: DockerEngine,
    quantconnect: QuantConnectApi,
    downloader: Downloader,
    data_folder: Path,
    fault: str,
    error: str,
    text: str,
) -> None:
    match fault:
        case "token":
            configured.log_in(token="of somebody else")
        case "user":
            configured.log_in(user="9")
        case "http 500":
            quantconnect.is_broken = True
        case "module":
            quantconnect.is_subscribed = False
        case "key":
            downloader.key = "another"
        case "image":
            docker.has_image = False
        case "docker":
            Path(docker.address.removeprefix("unix://")).unlink()
    _fails(_ensure("AAA,BBB", data_folder), error, text)
    assert not docker.containers
    assert not list(configured.temporary.iterdir())


@pytest.mark.usefixtures("port")
def test_nobody_answers_for_quantconnect(configured: Workspace, data_folder: Path) -> None:
    report = _ensure("AAA,BBB", data_folder)
    _fails(report, "UnavailableError", "internet connection")
    assert not list(configured.temporary.iterdir())


def test_a_silent_quantconnect_has_a_deadline(
    configured: Workspace,
    quantconnect: QuantConnectApi,
    data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quantconnect.is_silent = True
    monkeypatch.setenv("LEANFEED_LEAN_CLI_TIMEOUT", "3")
    _fails(_ensure("AAA,BBB", data_folder), "UnavailableError", "3 s")
    assert not list(configured.temporary.iterdir())


@pytest.mark.usefixtures("quantconnect")
def test_a_container_that_hangs_is_killed_and_removed(
    configured: Workspace,
    docker: DockerEngine,
    downloader: Downloader,
    data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    downloader.outcomes = {"BBB": Outcome.HANG}
    monkeypatch.setenv("LEANFEED_LEAN_CLI_TIMEOUT", "4")
    report = _ensure("AAA,BBB", data_folder)
    assert _missing(report) == {"BBB"}
    assert _stored(data_folder) == {"aaa"}
    killed = [f"/containers/{container.id}/kill" for container in docker.created]
    assert killed
    assert {("POST", path) for path in killed} <= set(docker.asked)
    assert not docker.containers
    assert not list(configured.temporary.iterdir())


def _ensure(tickers: str, data_folder: Path) -> leanfeed.Report:
    return leanfeed.ensure(
        tickers,
        resolution=Resolution.MINUTE,
        start="2024-07-02",
        end="2024-07-03",
        data_folder=data_folder,
        sources=["lean-cli"],
    )


def _fails(report: leanfeed.Report, error: str, text: str) -> None:
    """Nothing came, the source said why, and nothing was stored."""
    assert [failure.error for failure in report.failures] == [error]
    assert text in report.failures[0].message
    assert report.missing_sessions == 2 * len(sessions("2024-07-02", "2024-07-03"))
    assert not list(report.data_folder.rglob("*.zip"))


def _missing(report: leanfeed.Report) -> set[str]:
    return {line.series.symbol.ticker for line in report.series if line.missing}


def _stored(data_folder: Path) -> set[str]:
    return {path.parent.name for path in data_folder.rglob("*_trade.zip")}
