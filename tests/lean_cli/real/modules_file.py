"""Write the list of data providers that `lean` otherwise gets from QuantConnect at every start.

    path/to/environment/bin/python modules_file.py

It goes into the `lean` package of the Python that runs this, an environment made for tests: there
it replaces the vendor's own list. It holds what the command reads, and no more.
"""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

_FEEDS = "QuantConnect.Lean.Engine.DataFeeds"


def _info(name: str, value: str) -> dict[str, Any]:
    return {"id": name, "type": "info", "value": value}


def _input(name: str, **more: Any) -> dict[str, Any]:
    asked = {"id": name, "type": "input", "value": "", "input-method": "prompt"}
    return {**asked, "prompt-info": name, "help": name, **more}


def _without_module(name: str, provider: str) -> dict[str, Any]:
    return {
        "type": ["data-downloader"],
        "platform": ["cli"],
        "product-id": "",
        "id": name,
        "display-id": name,
        "installs": False,
        "configurations": [_info("data-provider", f"{_FEEDS}.{provider}")],
    }


_POLYGON = {
    "type": ["data-queue-handler", "data-downloader", "history-provider"],
    "platform": ["cloud", "local", "cli"],
    "product-id": "306",
    "id": "PolygonDataFeed",
    "display-id": "Polygon",
    "installs": True,
    "specifications": "http://localhost:5612/polygon.json",
    "configurations": [
        _input("polygon-api-key"),
        _input(
            "polygon-license-type",
            **{
                "input-method": "choice",
                "input-choices": ["Individual", "Business"],
                "input-default": "Individual",
                "optional": True,
            },
        ),
        _info("data-provider", f"{_FEEDS}.DownloaderDataProvider"),
        _info("data-downloader", "QuantConnect.Lean.DataSource.Polygon.PolygonDataDownloader"),
    ],
}

MODULES = {
    "modules": [
        _POLYGON,
        _without_module("QuantConnect", "ApiDataProvider"),
        _without_module("Local", "DefaultDataProvider"),
    ]
}


def write() -> Path:
    """Write the file where this Python's `lean` looks for it; a day later it counts as stale."""
    found = importlib.util.find_spec("lean")
    if found is None or found.origin is None:
        raise SystemExit("There is no `lean` package here: run this with the Python that has it.")
    package = Path(found.origin).parent
    named = re.search(r"modules-[\d.]+\.json", (package / "models/__init__.py").read_text("utf-8"))
    if named is None:
        raise SystemExit("This `lean` does not name its modules file where 1.0.230 does.")
    path = package / named[0]
    path.write_text(json.dumps(MODULES, indent=1), "utf-8")
    return path


if __name__ == "__main__":
    write()
