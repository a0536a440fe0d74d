"""From what was measured with flat files to the tables of docs/sources/flatfiles.md.

python -m benchmarks.flat_tables FILE
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.flat_decoding import WAYS

__all__ = ["PAGE", "tables", "write_page"]

PAGE = Path(__file__).parents[1] / "docs/sources/flatfiles.md"
MARKERS = ("<!-- made by benchmarks/flat_files.py -->", "<!-- end of measured -->")


def tables(results: dict[str, Any]) -> str:
    """What stands between the markers."""
    file, part = results["file"], results["part"]
    rows = int(results["decoding"]["kernel"]["whole"]["rows"])
    return "\n".join(
        [
            f"A synthetic file of {rows:,} minutes of {file['tickers']:,} tickers, "
            f"{file['bytes'] / 1e6:.1f} MB, into LEAN's zips, in seconds, and the most memory at a",
            f"time; {_laps(len(results['whole']['leanfeed']))}:",
            "",
            f"| | all {file['tickers']:,} tickers | CPU | memory | {part['tickers']} of them |",
            "|---|---|---|---|---|",
            *(
                f"| {title} | {_of(results['whole'][name], 'wall'):.1f} "
                f"| {_of(results['whole'][name], 'cpu'):.1f} "
                f"| {_of(results['whole'][name], 'peak_mb'):.0f} MB "
                f"| {_of(part['laps'][name], 'wall'):.1f} |"
                for name, title in results["titles"].items()
            ),
            "",
            "Reading the file into columns alone, in seconds of the processor:",
            "",
            f"| | all tickers | memory | {part['tickers']} of them | memory |",
            "|---|---|---|---|---|",
            *(
                f"| {title} | {way['whole']['cpu']:.1f} | {way['whole']['peak_mb']:.0f} MB "
                f"| {way['part']['cpu']:.1f} | {way['part']['peak_mb']:.0f} MB |"
                for name, (title, _) in WAYS.items()
                for way in (results["decoding"][name],)
            ),
        ]
    )


def write_page(results: dict[str, Any]) -> None:
    """Put the tables where they belong."""
    before, rest = PAGE.read_text("utf-8").split(MARKERS[0])
    after = rest.split(MARKERS[1])[1]
    text = "\n\n".join([MARKERS[0], tables(results), MARKERS[1]])
    PAGE.write_text(before + text + after, "utf-8")


def _laps(count: int) -> str:
    return "one lap of each" if count == 1 else f"the medians of {count} laps of each"


def _of(laps: list[dict[str, float]], what: str) -> float:
    return median(lap[what] for lap in laps)


if __name__ == "__main__":
    write_page(json.loads(Path(sys.argv[1]).read_text("utf-8")))
