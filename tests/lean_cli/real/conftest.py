"""The real `lean`, and the stand-ins that it meets."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.lean_cli.real.docker_engine import DockerEngine
from tests.lean_cli.real.downloader import Downloader
from tests.lean_cli.real.quantconnect_api import ORGANIZATION, QuantConnectApi, port_lock
from tests.lean_cli.real.workspace import Workspace


@pytest.fixture(scope="session")
def lean_command() -> Path:
    """The executable of an environment that `nox -s lean-contract` makes."""
    value = os.environ.get("LEANFEED_LEAN_COMMAND")
    if not value:
        pytest.skip("LEANFEED_LEAN_COMMAND is not set: run `nox -s lean-contract`")
    return Path(value)


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    """What a test starts can be interrupted, also when the tests are a background job."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def port(lean_command: Path) -> Iterator[None]:
    """Nobody answers on QuantConnect's port but whom this test puts there."""
    with port_lock():
        yield


@pytest.fixture
def quantconnect(port: None) -> Iterator[QuantConnectApi]:
    with QuantConnectApi() as api:
        yield api


@pytest.fixture
def downloader() -> Downloader:
    return Downloader(key=f"key-{uuid4().hex}")


@pytest.fixture
def docker(downloader: Downloader) -> Iterator[DockerEngine]:
    with DockerEngine(downloader) as engine:
        yield engine


@pytest.fixture
def workspace(
    tmp_path: Path, lean_command: Path, docker: DockerEngine, downloader: Downloader
) -> Workspace:
    return Workspace(tmp_path / "workspace", lean_command, docker.address, downloader.key)


@pytest.fixture
def data_folder(tmp_path: Path, lean_data: Path) -> Path:
    """LEAN's databases, and no bars."""
    folder = tmp_path / "data"
    for name in ("market-hours", "symbol-properties"):
        shutil.copytree(lean_data / name, folder / name)
    return folder


@pytest.fixture
def configured(
    workspace: Workspace, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Workspace:
    """The environment of an operator: leanfeed's source `lean-cli` finds the workspace."""
    for name, value in workspace.environment.items():
        monkeypatch.setenv(name, value)
    settings = {
        "COMMAND": str(workspace.lean),
        "API_KEY": workspace.key,
        "ORGANIZATION": ORGANIZATION,
        "STAGING_FOLDER": str(workspace.temporary),
        "DATA_FOLDER": str(data_folder),
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"LEANFEED_LEAN_CLI_{name}", value)
    return workspace
