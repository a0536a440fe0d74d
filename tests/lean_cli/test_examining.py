"""The close look that `leanfeed doctor` takes."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from leanfeed_lean_cli import source
from leanfeed_lean_cli.source import LeanCliSource
from tests.lean_cli.fakes import KEY, FakeLean


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """Something at DOCKER_HOST that gives these answers."""
    answers: list[bytes] = []
    path = str(tmp_path / "docker.sock")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1000)
                    connection.sendall(answers.pop())

        thread = threading.Thread(target=serve)
        thread.start()
        yield answers
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def examined(source: LeanCliSource) -> dict[str, tuple[bool, str]]:
    return {found.topic: (found.is_well, found.text) for found in source.examine()}


def log_in(home: Path, **values: str) -> None:
    (home / ".lean").mkdir(parents=True)
    (home / ".lean" / "credentials").write_text(json.dumps(values))


def test_a_version_that_does_not_come_is_not_waited_for_any_longer(
    fake: FakeLean, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_PATIENCE", 0.2)
    fake.command.write_text("#!/bin/sh\nexec sleep 60\n")
    began = time.monotonic()
    is_well, text = examined(fake.source())["lean"]
    assert time.monotonic() - began < 4
    assert not is_well
    assert "not done after 0.2 s" in text
    assert "lean_cli_" not in text


def test_a_close_look_when_all_is_well(
    fake: FakeLean, docker: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    log_in(tmp_path / "home", **{"user-id": "1", "api-token": "t0ken"})
    docker.append(b"HTTP/1.1 200 OK\r\n\r\nOK")
    found = examined(fake.source())
    assert all(is_well for is_well, _ in found.values()), found
    assert found["lean"][1] == f"version 1.0.230 at {fake.command}"
    assert list(found) == ["lean", "Docker", "login", "organization", "Polygon key"]
    assert "t0ken" not in str(found)
    assert KEY not in str(found)
    assert fake.calls == []


def test_a_close_look_when_nothing_is(
    fake: FakeLean, docker: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    fake.play(version="Lean (version 4.9.0)")
    docker.append(b"SSH-2.0-OpenSSH\r\n")
    found = examined(fake.source(organization="", api_key=""))
    assert not any(is_well for is_well, _ in found.values()), found
    for topic, words in {
        "lean": "is not QuantConnect's",
        "Docker": "not Docker",
        "login": "`lean login`",
        "organization": "organization-id",
        "Polygon key": "POLYGON_API_KEY",
    }.items():
        assert words in found[topic][1]


def test_a_close_look_without_docker_and_with_half_a_login(
    fake: FakeLean, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    log_in(tmp_path / "home", **{"user-id": "1"})
    found = examined(fake.source(command="no-such-lean"))
    assert [found[topic][0] for topic in ("lean", "Docker", "login")] == [False, False, False]
    assert "DOCKER_HOST" in found["Docker"][1]
