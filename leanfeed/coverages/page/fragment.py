"""The coverage in a notebook: a strip for each series, no script, fit for light and dark."""

from __future__ import annotations

from html import escape

from attrs import evolve

from leanfeed.coverages.coverage import Coverage
from leanfeed.coverages.page.columns import Columns
from leanfeed.coverages.page.strips import buckets, strip, swatch
from leanfeed.coverages.text import headline, label
from leanfeed.wording import percent

__all__ = ["fragment"]

#: A notebook keeps what it shows: so many series, and the rest is counted.
_MOST = 20
_CELL = "padding:.1em .7em;background:none;color:inherit;border:0;text-align:left"


def fragment(coverage: Coverage) -> str:
    """The series that lack most, or all when they are few; shapes alone tell the states apart."""
    lacking = sorted(coverage.series, key=lambda s: 100.0 if s.percent is None else s.percent)
    shown = coverage.series if len(lacking) <= _MOST else tuple(lacking[:_MOST])
    columns = Columns(evolve(coverage, series=shown))
    starts = [places[0] for places in buckets(columns.dates)]
    rows = "".join(
        f'<tr style="background:none"><th scope="row" style="{_CELL};font-weight:normal">'
        f'{escape(label(s.series))}</th><td style="{_CELL};width:60%">'
        f"{_sized(strip(s, columns.worst(number, starts).tolist() if starts else []))}</td>"
        f'<td style="{_CELL}">{"" if s.percent is None else percent(s.percent)}</td></tr>'
        for number, s in enumerate(shown)
    )
    key = " &nbsp; ".join(
        f"{_sized(swatch(state), width='.8em')} {state.words} {count}"
        for state, count in coverage.counts.items()
        if count
    )
    rest = len(coverage.series) - len(shown)
    more = f"; {rest} more series lack no more than these" if rest else ""
    return (
        f'<div style="color:inherit;font-size:.9em"><div>{escape(headline(coverage))}{more}</div>'
        f'<table style="border-collapse:collapse;margin:.4em 0;width:100%"><tbody>{rows}</tbody>'
        f'</table><div style="opacity:.75">{key}</div></div>'
    )


def _sized(svg: str, *, width: str = "100%") -> str:
    style = f"display:inline-block;vertical-align:middle;width:{width};height:.8em"
    return svg.replace("<svg ", f'<svg fill="currentColor" style="{style}" ', 1)
