"""Small tables for notebooks: no scripts, nothing from the network, fit for light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

__all__ = ["count_rows", "table"]

_LINE = "border:0;border-bottom:1px solid color-mix(in srgb,currentColor 25%,transparent)"
_CELL = f"{_LINE};padding:.15em .7em;background:none;color:inherit"


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], note: str = "") -> str:
    """A table with a caption; texts are escaped. The first column is left, the others right."""
    body = "".join(f"<tr>{_cells('td', row)}</tr>" for row in rows)
    return (
        f'<div style="color:inherit;font-size:.9em"><div>{escape(caption)}</div>'
        '<table style="border-collapse:collapse;margin:.4em 0">'
        f"<thead><tr>{_cells('th', heads)}</tr></thead><tbody>{body}</tbody></table>"
        f'<div style="opacity:.75;white-space:pre-wrap">{escape(note)}</div></div>'
    )


def count_rows(series: Sequence[Any], groups: Sequence[str]) -> list[list[str]]:
    """A row for each resolution: how many symbols, and how many sessions in each of the groups."""
    rows = []
    for resolution in dict.fromkeys(s.series.resolution for s in series):
        of_it = [s for s in series if s.series.resolution is resolution]
        counts = (sum(len(getattr(s, group)) for s in of_it) for group in groups)
        rows.append([str(resolution), str(len(of_it)), *map(str, counts)])
    return rows


def _cells(kind: str, texts: Sequence[str]) -> str:
    sides = ("left", *("right" for _ in texts[1:]))
    return "".join(
        f'<{kind} style="{_CELL};text-align:{side}">{escape(text)}</{kind}>'
        for side, text in zip(sides, texts, strict=True)
    )
