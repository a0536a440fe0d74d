"""Small tables for notebooks: no scripts, nothing from the network, fit for light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["table"]

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


def _cells(kind: str, texts: Sequence[str]) -> str:
    sides = ("left", *("right" for _ in texts[1:]))
    return "".join(
        f'<{kind} style="{_CELL};text-align:{side}">{escape(text)}</{kind}>'
        for side, text in zip(sides, texts, strict=True)
    )
