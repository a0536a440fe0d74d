"""A source with a fake Lean CLI, and what became of both."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from attrs import frozen

from leanfeed import Delivery, Gap, SourceError
from leanfeed.events import Event, SourceSaid, listening
from leanfeed_lean_cli.source import LeanCliSource

KEY = "k3y-Of-The-User-0123456789"
FAKE = Path(__file__).with_name("fake_lean.py")


@frozen
class Played:
    """What came of a fetch."""

    deliveries: list[Delivery]
    error: SourceError | None
    said: list[str]

    @property
    def dates(self) -> list[str]:
        return [f"{d.series.symbol} {d.series.resolution} {d.session}" for d in self.deliveries]


@frozen
class FakeLean:
    """An installed fake, and how to ask through it."""

    folder: Path

    @property
    def command(self) -> Path:
        return self.folder / "bin" / "lean"

    @property
    def staging(self) -> Path:
        return self.folder / "staging"

    @property
    def _version(self) -> Path:
        """What it prints for ``--version``, without the time that Python takes to start."""
        return self.folder / "version"

    def play(self, **play: Any) -> None:
        (self.folder / "play.json").write_text(json.dumps(play))
        self._version.write_text(play.get("version", "lean 1.0.230") + "\n")
        if play.get("outcome") == "no modules":
            self._version.unlink()

    def source(self, **settings: Any) -> LeanCliSource:
        given = {
            "command": str(self.command),
            "api_key": KEY,
            "organization": "d6d62db48592c72e67b534553413b691",
            "staging_folder": self.staging,
            **settings,
        }
        return LeanCliSource(**given)

    def fetch(self, *gaps: Gap, **settings: Any) -> Played:
        said: list[str] = []

        def hear(event: Event) -> None:
            assert isinstance(event, SourceSaid)
            assert event.source == "lean-cli"
            said.append(event.text)

        deliveries: list[Delivery] = []
        error = None
        with listening(hear):
            try:
                for delivery in self.source(**settings).fetch(gaps):
                    deliveries.append(delivery)  # noqa: PERF402  kept when it raises later
            except SourceError as raised:
                error = raised
        return Played(deliveries, error, said)

    @property
    def calls(self) -> list[dict[str, Any]]:
        path = self.folder / "calls.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def leftovers(self) -> list[Path]:
        return list(self.staging.glob("*")) if self.staging.exists() else []

    def install(self) -> None:
        (self.folder / "bin").mkdir(parents=True)
        self.command.write_text(
            "#!/bin/sh\n"
            f'[ "$1" = --version ] && [ -e "{self._version}" ] && exec cat "{self._version}"\n'
            f'exec "{sys.executable}" -I "{FAKE}" "{self.folder}" "$@"\n'
        )
        self.command.chmod(0o755)
        self.play()
