"""Puts results into docs/performance.md, and draws their pictures beside them.

python -m benchmarks.summary benchmarks/results/2026-01-31-performance.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.pictures import pictures
from benchmarks.provider import ROOT
from benchmarks.tables import markdown

__all__ = ["END", "PAGE", "START", "section", "write"]

PAGE = ROOT / "docs/performance.md"
START, END = "<!-- results: made by benchmarks/summary.py -->", "<!-- end of results -->"


def section(file: Path) -> str:
    """What stands between the markers: pictures, then tables."""
    facts = json.loads(file.read_text("utf-8"))
    shown = [
        f"![{name.replace('-', ' ')}](../benchmarks/results/{_picture(file, name).name})"
        for name in pictures(facts)
    ]
    source = f"[Everything that was measured](../benchmarks/results/{file.name}), as JSON."
    return "\n\n".join(["", *shown, markdown(facts), source, ""]).replace("\n\n\n", "\n\n")


def write(file: Path) -> None:
    """Write the pictures and the page."""
    for name, picture in pictures(json.loads(file.read_text("utf-8"))).items():
        _picture(file, name).write_text(picture, "utf-8")
    before, rest = PAGE.read_text("utf-8").split(START)
    _, after = rest.split(END)
    PAGE.write_text(before + START + section(file) + END + after, "utf-8")


def _picture(file: Path, name: str) -> Path:
    return file.with_name(f"{file.stem}-{name}.svg")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
