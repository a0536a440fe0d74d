"""Draws the pictures of the coverage page: ``nox -s pictures``. It needs Chromium."""

from __future__ import annotations

import io
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from leanfeed import Coverage
from leanfeed.cli.heat_map import lines
from tests.coverages.browser import chromium
from tests.coverages.large import large

FOLDER = Path(__file__).parents[2] / "docs/pictures"
#: rich would fetch its fonts from the network.
_FONT = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)


def terminal(coverage: Coverage) -> str:
    """The calendar as SVG, as a terminal of 80 columns shows it."""
    console = Console(file=io.StringIO(), record=True, width=80, highlight=False)
    for line in lines(coverage, width=80):
        console.print(line)
    drawing = _FONT.sub("", CONSOLE_SVG_FORMAT)
    return console.export_svg(title="leanfeed coverage SPY AAPL", code_format=drawing)


def main() -> None:
    """Draw them."""
    FOLDER.mkdir(exist_ok=True)
    year = large(series=2, start="2023-01-03", end="2023-12-29")
    (FOLDER / "coverage-terminal.svg").write_text(terminal(year), encoding="utf-8")
    five_years = large(series=18, start="2019-01-02", end="2023-12-29")
    with TemporaryDirectory() as folder, chromium() as page:
        path = Path(folder) / "report.html"
        path.write_text(five_years.to_html(), encoding="utf-8")
        page.size(1180, 900)
        for name, is_dark in (("light", False), ("dark", True)):
            page.emulate(dark=is_dark)
            page.open(path)
            page.run("document.getElementById('map').focus({preventScroll: true})")
            page.press("n", "n")
            page.run("scrollTo(0, 0); new Promise(done => setTimeout(done, 500))")
            (FOLDER / f"coverage-page-{name}.png").write_bytes(page.picture())


if __name__ == "__main__":
    main()
