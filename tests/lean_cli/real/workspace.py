"""A home and an environment in which the real `lean` meets nobody but stand-ins."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import field, frozen

from tests.lean_cli.real.quantconnect_api import ORGANIZATION, TOKEN, USER

__all__ = ["Finished", "Workspace", "command_lines"]

#: Nobody listens there: whatever is not on this machine cannot be reached.
_NOWHERE = "http://127.0.0.1:9"


@frozen
class Finished:
    """How a command ended."""

    exit_code: int
    #: Standard output and standard error.
    text: str


@frozen
class Workspace:
    """Everything in one folder; nothing of the user's is read or written."""

    folder: Path
    #: The executable.
    lean: Path
    #: The address of the Docker Engine.
    docker: str
    #: What Polygon would accept.
    key: str = field(repr=False)

    def __attrs_post_init__(self) -> None:
        for folder in (self.home / ".lean", self.temporary, self.folder / "cli"):
            folder.mkdir(parents=True)
        self.log_in()

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def temporary(self) -> Path:
        """The folder for temporary files, of `lean` and of leanfeed."""
        return self.folder / "tmp"

    @property
    def data(self) -> Path:
        """Where the plain command stores."""
        return self.folder / "cli" / "data"

    @property
    def environment(self) -> dict[str, str]:
        """What the command needs beside the variables that are there."""
        return {
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "QC_API": "local",
            "DOCKER_HOST": self.docker,
            "HTTP_PROXY": _NOWHERE,
            "HTTPS_PROXY": _NOWHERE,
            "NO_PROXY": "localhost,127.0.0.1",
        }

    def log_in(self, *, user: str = USER, token: str = TOKEN) -> None:
        """Keep these credentials, as `lean login` would."""
        credentials = self.home / ".lean" / "credentials"
        credentials.write_text(json.dumps({"user-id": user, "api-token": token}))

    def argv(self, *tickers: str, start: str, end: str, resolution: str = "Minute") -> list[str]:
        """A plain download, with every value said. Both dates are ``yyyyMMdd``."""
        return [
            str(self.lean),
            *("data", "download"),
            *("--data-provider-historical", "Polygon"),
            *("--data-type", "Trade"),
            *("--resolution", resolution),
            *("--security-type", "Equity"),
            *("--market", "USA"),
            *("--ticker", ",".join(tickers)),
            *("--start", start),
            *("--end", end),
            *("--polygon-license-type", "Individual"),
            "--no-update",
            *("--lean-config", str(self._write_config())),
        ]

    def run(self, argv: list[str], *, timeout: float = 60.0) -> Finished:
        """Run the plain command to its end."""
        with self.started(argv) as process:
            text, _ = process.communicate(timeout=timeout)
            return Finished(process.returncode, text)

    @contextmanager
    def started(self, argv: list[str]) -> Iterator[subprocess.Popen[str]]:
        """The plain command, which does not outlive the ``with`` block."""
        with subprocess.Popen(
            argv,
            cwd=self.folder / "cli",
            env={**os.environ, **self.environment, "COLUMNS": "10000", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def _write_config(self) -> Path:
        path = self.folder / "cli" / "lean.json"
        values = {
            "data-folder": str(self.data),
            "job-organization-id": ORGANIZATION,
            "organization-id": ORGANIZATION,
            "polygon-api-key": self.key,
            "polygon-license-type": "Individual",
            "file-database-last-update": "01/01/2099 00:00:00",
        }
        path.write_text(json.dumps(values))
        return path


@contextmanager
def command_lines() -> Iterator[set[tuple[str, ...]]]:
    """The words of every process that this machine has in the ``with`` block, as it goes."""
    seen: set[tuple[str, ...]] = set()
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(0.01):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):  # it has ended
                    seen.add(tuple(path.read_bytes().decode(errors="replace").split("\0")))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        is_over.set()
        watcher.join()
