"""The report as a picture: a bar for each source, with its spread."""

from __future__ import annotations

from textwrap import shorten, wrap

from leanfeed.bench.drawing import bar, line, page, text
from leanfeed.bench.report import BenchReport, Leg
from leanfeed.wording import counted

__all__ = ["svg"]

_HEIGHT = 250
#: Where bars begin, how long the longest may be, and how thick they are.
_LEFT, _LENGTH, _THICK = 150, 430, 36


def svg(report: BenchReport) -> str:
    """The picture as the text of an SVG file, 720 by 250. A source without a time has no bar."""
    legs = (report.native, report.cli)
    longest = max((max(leg.durations) for leg in legs if leg.duration_seconds), default=1.0)
    scale = _LENGTH / longest
    parts = [
        text(24, 36, shorten(report.title, 60, placeholder=" …"), kind="title"),
        text(24, 60, f"Seconds until the bars are on disk. {_method(report)}", kind="note"),
    ]
    for top, kind, leg in ((84, "native", report.native), (144, "cli", report.cli)):
        parts += _bar(leg, kind, top=top, scale=scale)
    parts += [
        line(_LEFT, 76, _LEFT, 188, kind="axis"),
        text(24, 224, _conclusion(report)),
    ]
    return page(parts, height=_HEIGHT, described=str(report))


def _bar(leg: Leg, kind: str, *, top: int, scale: float) -> list[str]:
    middle = top + _THICK / 2
    parts = [
        text(24, middle - 3, kind),
        text(24, middle + 14, leg.source, kind="note"),
    ]
    if leg.duration_seconds is None:
        why = wrap(f"did not complete: {leg.error}", 72, max_lines=2, placeholder=" …")
        lines = zip((middle - 3, middle + 14), why, strict=False)
        return [*parts, *(text(_LEFT + 10, y, words, kind="note") for y, words in lines)]
    low, high = min(leg.durations) * scale, max(leg.durations) * scale
    return [
        *parts,
        *bar(
            _LEFT,
            top,
            thick=_THICK,
            kind=kind,
            lengths=(low, leg.duration_seconds * scale, high),
            label=f"{leg.duration_seconds:.2f} s",
        ),
    ]


def _method(report: BenchReport) -> str:
    if report.repeats == 1:
        return "Measured once."
    return f"Median of {counted(report.repeats, 'repeat')}; the line is the least to the most."


def _conclusion(report: BenchReport) -> str:
    if report.ratio is None:
        return f"Nothing is claimed: {report.no_ratio_because}."
    return f"The same rows; the Lean CLI took {report.ratio:.1f} times as long."
