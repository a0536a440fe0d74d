"""The near end of the server's process: start it, set its latency, read its counters, end it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from attrs import frozen

__all__ = ["ROOT", "Counts", "Provider"]

ROOT = Path(__file__).parents[1]


@frozen
class Counts:
    """What the server did since :meth:`Provider.begin`."""

    requests: int
    bytes: int
    #: Answers that had to be made while somebody waited; a time that has any says nothing.
    made: int
    #: The processor's seconds of the server.
    cpu: float


class Provider:
    """The server, while its ``with`` block lasts."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.server"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = str(self._told()["url"])
        self._cpu = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def begin(self, latency: float = 0.0) -> None:
        """Answer after so many seconds from now on, and count anew."""
        self._cpu = float(self._ask({"latency": latency})["cpu"])

    def counts(self) -> Counts:
        """What happened since :meth:`begin`."""
        told = self._ask({})
        return Counts(told["requests"], told["bytes"], told["made"], told["cpu"] - self._cpu)

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._told()

    def _told(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The benchmarks' server ended early: see its message above.")
        told: dict[str, Any] = json.loads(line)
        return told
