"""Real ``leanfeed`` processes, in which the plugin of these tests is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

__all__ = ["Command"]

ROOT = Path(__file__).parents[2]
_METADATA = "Metadata-Version: 2.1\nName: leanfeed-torture\nVersion: 1.0\n"
_ENTRY_POINTS = "[leanfeed]\ntorture = tests.torture.plugin\n"


@frozen
class Command:
    """``leanfeed``, in a folder of its own."""

    folder: Path

    @property
    def data(self) -> Path:
        """The data folder that it fills."""
        return self.folder / "data"

    @property
    def notes(self) -> Path:
        """Where the source writes down for what it was asked."""
        return self.folder / "notes"

    def configure(self, source: str = "truthful", **settings: object) -> None:
        """Install the plugin, and write the settings of its source into ``leanfeed.toml``."""
        plugin = self.folder / "site/leanfeed_torture-1.0.dist-info"
        plugin.mkdir(parents=True, exist_ok=True)
        (plugin / "METADATA").write_text(_METADATA, encoding="utf-8")
        (plugin / "entry_points.txt").write_text(_ENTRY_POINTS, encoding="utf-8")
        core = {name: settings.pop(name) for name in ("silence_limit",) if name in settings}
        if source == "truthful":
            settings["notes"] = str(self.notes)
        lines = [f'sources = ["{source}"]', 'data_folder = "data"']
        lines += [f"{name} = {value!r}" for name, value in core.items()]
        lines += [f"[source.{source}]"]
        lines += [f"{name} = {value!r}" for name, value in settings.items()]
        (self.folder / "leanfeed.toml").write_text("\n".join(lines), encoding="utf-8")

    def arguments(
        self, symbols: str, resolution: str, *window: str, python: Sequence[str] = ()
    ) -> list[str]:
        """What to run for ``leanfeed ensure``."""
        start, end = window
        return [
            *(sys.executable, *python, "-m", "leanfeed", "ensure", *symbols.split(",")),
            *("--resolution", resolution, "--start", start, "--end", end),
        ]

    def environment(self, changes: Mapping[str, str | None]) -> dict[str, str]:
        """The environment of the process; a change to None removes a variable."""
        path = [str(self.folder / "site"), str(ROOT), str(ROOT / "plugins")]
        own = {**os.environ, "PYTHONPATH": os.pathsep.join(path), **changes}
        return {name: value for name, value in own.items() if value is not None}

    def start(
        self, arguments: Sequence[str], *, environment: Mapping[str, str | None] = {}, **more: Any
    ) -> subprocess.Popen[str]:
        """Start it, with its output piped as text unless told otherwise."""
        options: dict[str, Any] = {
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "stdin": subprocess.DEVNULL,
            "text": True,
            "cwd": self.folder,
            "env": self.environment(environment),
        }
        return subprocess.Popen(arguments, **(options | more))

    def run(self, arguments: Sequence[str], **more: Any) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        with self.start(arguments, **more) as process:
            output, errors = process.communicate(timeout=100)
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def asked(self) -> list[str]:
        """For what the source was asked meanwhile, such as ``SPY minute 2024-01-02``."""
        lines = self.notes.read_text("utf-8").splitlines() if self.notes.exists() else []
        self.notes.unlink(missing_ok=True)
        return lines
