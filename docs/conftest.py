"""Runs the examples of the pages: ``pytest docs``, or ``nox -s docs``.

Every page has a folder of its own, in which its examples run one after the other:

- ``python`` blocks are run, and with ``>>>`` compared with what they show; names are kept;
- ``console`` blocks are run by bash, with this leanfeed first on the path. Output that is shown is
  compared, without progress: ``…`` stands for any text, and sizes and seconds may be others. A last
  line such as ``[exit code 3]`` says how the last command ends, if not with 0;
- a block after the comment ``<!-- file: NAME -->`` is written to that file.

``<!-- skip: next -->`` leaves one out; ``<!-- invisible-code: console … -->`` is run unseen. A
stand-in answers for Polygon: random bars of some symbols in the first quarter and the last two
months of 2024.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from sybil import Document, Example, Region, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

from tests import build
from tests.polygon_server import PolygonServer, synthetic

#: Pages build what is in there, and run its tests.
collect_ignore = ["examples"]

_EXIT_CODE = re.compile(r"\[exit code (\d+)\]\n?\Z")
#: What differs from run to run, as it is shown.
_VARIABLE = re.compile(r"\d+(?:\.\d+)?(?= (?:s|ms|B|kB|MB|bars/s)\b)")
#: What of standard error is compared: not the progress, which depends on how long it takes.
_COMPLAINT = re.compile(r"^(?:Error|Saved|Warning|Usage): .*\n", re.MULTILINE)
_FILE = re.compile(r"^<!-- file: (\S+) -->\n+(`{3,})[a-z]*\n(.*?)^\2$", re.DOTALL | re.MULTILINE)
#: Settings of the user and of the machine, which no example may see.
_FOREIGN = ("LEANFEED_", "POLYGON_", "MASSIVE_", "USE_POLYGON_", "XDG_")


def _run(example: Example) -> str | None:
    """Run the commands of a block; what is wrong with it, or None."""
    block = example.parsed
    commands = "\n".join(line[2:] for line in block.splitlines() if line.startswith(("$ ", "> ")))
    shown = "".join(
        line for line in block.splitlines(keepends=True) if not line.startswith(("$ ", "> "))
    )
    expected_code = 0
    if ending := _EXIT_CODE.search(shown):
        expected_code, shown = int(ending[1]), shown[: ending.start()]
    done = subprocess.run(
        ["bash", "-c", commands],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        timeout=110,
    )
    said = done.stdout + "".join(_COMPLAINT.findall(done.stderr))
    if done.returncode != expected_code:
        return f"It ended with {done.returncode}, not {expected_code}, and said:\n{said}"
    if shown.strip() and not _is_as_shown(said, shown):
        return f"It did not say what is shown, but:\n{said}"
    return None


def _is_as_shown(output: str, shown: str) -> bool:
    said = _VARIABLE.sub("0", output.strip())
    pattern = re.escape(_VARIABLE.sub("0", shown.strip())).replace("…", "(?:…|.*)")
    return re.fullmatch(pattern, said, re.DOTALL) is not None


def _files(document: Document) -> Iterator[Region]:
    for match in _FILE.finditer(document.text):
        yield Region(match.start(), match.start(3), parsed=match.groups(), evaluator=_write)


def _write(example: Example) -> None:
    name, _, text = example.parsed
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@cache
def _polygon() -> PolygonServer:
    """Answers as Polygon does until the process ends."""
    sessions = (
        *build.sessions("2024-01-02", "2024-03-28"),
        *build.sessions("2024-11-01", "2024-12-31"),
    )
    market = {
        (ticker, timespan): synthetic(sessions, timespan, density=0.5, seed=seed)
        for seed, ticker in enumerate(("SPY", "AAPL", "QQQ", "MSFT"))
        for timespan in ("minute", "day")
    }
    return PolygonServer(market).__enter__()


def _begin(namespace: dict[str, Any]) -> None:
    """A folder and an environment of its own for a page."""
    folder = tempfile.TemporaryDirectory(prefix="leanfeed-docs-")
    namespace["_before"] = folder, Path.cwd(), dict(os.environ)
    for name in list(os.environ):
        if name.startswith(_FOREIGN):
            del os.environ[name]
    scripts = sysconfig.get_path("scripts")
    os.environ["PATH"] = os.pathsep.join((scripts, os.environ.get("PATH", "")))
    os.environ.update(XDG_CACHE_HOME=f"{folder.name}/.cache", COLUMNS="100", NO_COLOR="1")
    os.environ.update(POLYGON_BASE_URL=_polygon().url, POLYGON_API_KEY=_polygon().key)
    os.chdir(folder.name)
    sys.path.insert(0, folder.name)


def _end(namespace: dict[str, Any]) -> None:
    folder, before, environment = namespace["_before"]
    sys.path.remove(folder.name)
    os.chdir(before)
    os.environ.clear()
    os.environ.update(environment)
    folder.cleanup()


pytest_collect_file = Sybil(
    parsers=[
        CodeBlockParser("console", _run),
        PythonCodeBlockParser(),
        SkipParser(),
        _files,
    ],
    patterns=["*.md"],
    excludes=["changelog.md", "operating.md"],  # tests/backtest/test_operating.py runs the latter
    setup=_begin,
    teardown=_end,
).pytest()
