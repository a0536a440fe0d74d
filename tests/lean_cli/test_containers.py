"""A container that the Lean CLI could not remove is removed, and nobody else's."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest

from leanfeed_lean_cli import engine
from tests.lean_cli.fakes import FakeLean
from tests.lean_cli.real.containers import Container
from tests.lean_cli.real.docker_engine import DockerEngine
from tests.lean_cli.test_ending import stopped_while_it_hangs


@pytest.mark.parametrize("is_removed", [False, True])
def test_a_container_that_was_starting_is_removed_and_no_other(
    fake: FakeLean, monkeypatch: pytest.MonkeyPatch, *, is_removed: bool
) -> None:
    with DockerEngine(lambda container: container.killed.wait(30) or 0) as docker:
        monkeypatch.setenv("DOCKER_HOST", docker.address)
        other = Container("lean_cli_2", {"HostConfig": {"Binds": ["/tmp:/x"]}}, docker.program)
        other.start()
        docker.containers[other.id] = other
        if not is_removed:
            monkeypatch.setattr(docker, "_act", lambda *_: (500, ""))
        fake.play(outcome="abort while the container starts")
        played, seconds = stopped_while_it_hangs(fake)
        assert len(docker.created) == 1
        assert (docker.created[0].id not in docker.containers) == is_removed
        assert ("lean_cli_" in str(played.error)) != is_removed
        assert other.id in docker.containers
        assert other.exit_code is None
    assert seconds < 2.5


def test_a_container_that_comes_late_is_removed(
    fake: FakeLean, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with DockerEngine(lambda container: container.killed.wait(30) or 0) as docker:
        monkeypatch.setenv("DOCKER_HOST", docker.address)
        settings = {"HostConfig": {"Binds": [f"{tmp_path}:/Lean/Data:rw"]}}
        late = Container("lean_cli_1", settings, docker.program)
        timer = threading.Timer(0.15, lambda: docker.containers.update({late.id: late}))
        timer.start()
        assert engine.remove_containers(tmp_path)
        timer.join()
        assert not docker.containers


def test_a_docker_that_does_not_answer_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "docker.sock")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        began = time.monotonic()
        assert not engine.remove_containers(tmp_path)
    assert time.monotonic() - began < 1.2
