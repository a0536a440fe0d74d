"""Bars with their spread, drawn in SVG for light and dark."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

__all__ = ["WIDTH", "bar", "line", "page", "text"]

#: Of every picture.
WIDTH = 720

_STYLE = """
    svg { font: 14px system-ui, 'DejaVu Sans', sans-serif }
    .paper { fill: #ffffff } text { fill: #1f2328 } .title { font-size: 17px; font-weight: 600 }
    .note { fill: #59636e } .native { fill: #1a7f5a } .cli { fill: #8c6bb8 }
    .axis, .spread { stroke: #1f2328; stroke-width: 1.5 }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0d1117 } text { fill: #e6edf3 } .note { fill: #9198a1 }
      .native { fill: #3fb98a } .cli { fill: #b294dc } .axis, .spread { stroke: #e6edf3 }
    }"""


def page(parts: Iterable[str], *, height: int, described: str) -> str:
    """The text of an SVG file with these parts.

    Args:
        parts: drawn by the functions of this module.
        height: of the picture; it is as wide as all.
        described: what the picture says, in words.
    """
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img">',
            f"  <title>{escape(described)}</title>",
            f"  <style>{_STYLE}\n  </style>",
            f'  <rect class="paper" width="{WIDTH}" height="{height}"/>',
            *parts,
            "</svg>\n",
        ]
    )


def text(x: float, y: float, words: str, *, kind: str = "") -> str:
    """Words that begin at a point; `kind` is ``title``, ``note`` or nothing."""
    style = f' class="{kind}"' if kind else ""
    return f'  <text{style} x="{x:g}" y="{y:g}">{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, *, kind: str) -> str:
    """A line; `kind` is ``axis`` or ``spread``."""
    return f'  <line class="{kind}" x1="{x1:.1f}" y1="{y1:g}" x2="{x2:.1f}" y2="{y2:g}"/>'


def bar(
    left: float,
    top: float,
    *,
    thick: int,
    kind: str,
    lengths: tuple[float, float, float],
    label: str,
) -> list[str]:
    """A bar to the right, its spread across its end, and its value behind both.

    Args:
        left: where it begins.
        top: its upper edge.
        thick: its height.
        kind: ``native`` or ``cli``, which have a colour each.
        lengths: the least, the median and the most; without a spread all are equal.
        label: the value in words.
    """
    low, length, high = lengths
    middle = top + thick / 2
    parts = [
        f'  <rect class="{kind}" x="{left:g}" y="{top:g}" width="{length:.1f}" height="{thick}"/>'
    ]
    if low < high:
        ends = (left + low, left + high)
        parts.append(line(ends[0], middle, ends[1], middle, kind="spread"))
        parts += [line(end, middle - 8, end, middle + 8, kind="spread") for end in ends]
    return [*parts, text(left + high + 10, middle + 5, label)]
