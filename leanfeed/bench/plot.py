"""The report as a picture: a bar for each source, with its spread, in SVG for light and dark."""

from __future__ import annotations

from textwrap import shorten, wrap
from xml.sax.saxutils import escape

from leanfeed.bench.report import BenchReport, Leg
from leanfeed.wording import counted

__all__ = ["svg"]

_WIDTH, _HEIGHT = 720, 250
#: Where bars begin, how long the longest may be, and how thick they are.
_LEFT, _LENGTH, _THICK = 150, 430, 36

_STYLE = """
    svg { font: 14px system-ui, 'DejaVu Sans', sans-serif }
    .paper { fill: #ffffff } text { fill: #1f2328 } .title { font-size: 17px; font-weight: 600 }
    .note { fill: #59636e } .native { fill: #1a7f5a } .cli { fill: #8c6bb8 }
    .axis, .spread { stroke: #1f2328; stroke-width: 1.5 }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0d1117 } text { fill: #e6edf3 } .note { fill: #9198a1 }
      .native { fill: #3fb98a } .cli { fill: #b294dc } .axis, .spread { stroke: #e6edf3 }
    }"""


def svg(report: BenchReport) -> str:
    """The picture as the text of an SVG file, 720 by 250. A source without a time has no bar."""
    legs = (report.native, report.cli)
    longest = max((max(leg.durations) for leg in legs if leg.duration_seconds), default=1.0)
    scale = _LENGTH / longest
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" role="img">',
        f"  <title>{escape(str(report))}</title>",
        f"  <style>{_STYLE}\n  </style>",
        f'  <rect class="paper" width="{_WIDTH}" height="{_HEIGHT}"/>',
        _text(24, 36, shorten(report.title, 60, placeholder=" …"), kind="title"),
        _text(24, 60, f"Seconds until the bars are on disk. {_method(report)}", kind="note"),
    ]
    for top, kind, leg in ((84, "native", report.native), (144, "cli", report.cli)):
        parts += _bar(leg, kind, top=top, scale=scale)
    parts += [
        f'  <line class="axis" x1="{_LEFT}" y1="76" x2="{_LEFT}" y2="188"/>',
        _text(24, 224, _conclusion(report)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bar(leg: Leg, kind: str, *, top: int, scale: float) -> list[str]:
    middle = top + _THICK / 2
    parts = [
        _text(24, middle - 3, kind),
        _text(24, middle + 14, leg.source, kind="note"),
    ]
    if leg.duration_seconds is None:
        why = wrap(f"did not complete: {leg.error}", 72, max_lines=2, placeholder=" …")
        lines = zip((middle - 3, middle + 14), why, strict=False)
        return [*parts, *(_text(_LEFT + 10, y, line, kind="note") for y, line in lines)]
    end = _LEFT + leg.duration_seconds * scale
    low, high = (_LEFT + seconds * scale for seconds in (min(leg.durations), max(leg.durations)))
    parts.append(
        f'  <rect class="{kind}" x="{_LEFT}" y="{top}" width="{end - _LEFT:.1f}" '
        f'height="{_THICK}"/>'
    )
    if low < high:
        strokes = ((low, middle, high, middle), *((x, top + 10, x, top + 26) for x in (low, high)))
        parts += [
            f'  <line class="spread" x1="{x1:.1f}" y1="{y1}" x2="{x2:.1f}" y2="{y2}"/>'
            for x1, y1, x2, y2 in strokes
        ]
    return [*parts, _text(high + 10, middle + 5, f"{leg.duration_seconds:.2f} s")]


def _method(report: BenchReport) -> str:
    if report.repeats == 1:
        return "Measured once."
    return f"Median of {counted(report.repeats, 'repeat')}; the line is the least to the most."


def _conclusion(report: BenchReport) -> str:
    if report.ratio is None:
        return f"Nothing is claimed: {report.no_ratio_because}."
    return f"The same rows; the Lean CLI took {report.ratio:.1f} times as long."


def _text(x: float, y: float, text: str, *, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'  <text{style} x="{x:g}" y="{y:g}">{escape(text)}</text>'
