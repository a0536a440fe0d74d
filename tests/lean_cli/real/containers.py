"""One container: what it was told, what it prints, how it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

__all__ = ["KILLED", "Container", "Program"]

#: The exit code of a program that was killed.
KILLED = 137

#: What a container runs: it works with the container and returns its exit code.
Program = Callable[["Container"], int]

_STDOUT = b"\1\0\0\0"


class Container:
    """A program in a thread, with the host's files that were mounted for it."""

    def __init__(self, name: str, settings: Mapping[str, Any], program: Program) -> None:
        self.id = uuid4().hex * 2
        self.name = name
        #: The body of the call that created it.
        self.settings = settings
        self.exit_code: int | None = None
        self.killed = threading.Event()
        self.is_started = False
        self._program = program
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._is_watched = False

    def start(self) -> None:
        """Let the program run."""
        self.is_started = True
        threading.Thread(target=self._run, daemon=True).start()

    def kill(self) -> None:
        """End the program, and return when it has ended."""
        self.killed.set()
        self.wait()

    def wait(self) -> int:
        """The exit code, as soon as there is one."""
        with self._changed:
            self._changed.wait_for(lambda: self.exit_code is not None)
        assert self.exit_code is not None
        return self.exit_code

    def say(self, line: str) -> None:
        """Print a line."""
        with self._changed:
            self._lines.append(line)
            self._changed.notify_all()

    def frames(self, *, skip_past: bool) -> Iterator[bytes]:
        """What is printed, until the program ends, in the frames of Docker's raw stream."""
        with self._changed:
            self._is_watched = True
            self._changed.notify_all()
        position = len(self._lines) if skip_past else 0
        while True:
            with self._changed:
                self._changed.wait_for(self._has_news(position))
                lines, is_over = self._lines[position:], self.exit_code is not None
            for line in lines:
                text = f"{line}\n".encode()
                yield _STDOUT + len(text).to_bytes(4) + text
            position += len(lines)
            if is_over:
                return

    def host_path(self, target: str) -> Path:
        """Where the host keeps what the container sees at `target`."""
        return Path(self.mounted[target])

    @property
    def mounted(self) -> Mapping[str, str]:
        """Where the host keeps what is mounted, by where the container sees it."""
        host = self.settings["HostConfig"]
        mounted = {mount["Target"]: mount["Source"] for mount in host.get("Mounts") or ()}
        for bind in host.get("Binds") or ():
            source, path, *_ = bind.split(":")
            mounted[path] = source
        return mounted

    def _has_news(self, position: int) -> Callable[[], bool]:
        return lambda: len(self._lines) > position or self.exit_code is not None

    def _run(self) -> None:
        exit_code = self._program(self)
        with self._changed:
            # `lean` loses the log of a container that ends before it looks at it.
            self._changed.wait_for(lambda: self._is_watched or self.killed.is_set(), timeout=10)
            self.exit_code = KILLED if self.killed.is_set() else exit_code
            self._changed.notify_all()
