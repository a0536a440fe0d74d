"""The coverage as one page that needs nothing else: no network, no fonts, no library."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from leanfeed.coverages.anomalies import Kind
from leanfeed.coverages.coverage import Coverage
from leanfeed.coverages.page.columns import Columns
from leanfeed.coverages.page.strips import SHAPES, WORST, buckets, strip, swatch
from leanfeed.coverages.states import State
from leanfeed.coverages.text import label, other_lines
from leanfeed.wording import percent

__all__ = ["page"]

#: Bytes. What does not fit is left out, and the page says so.
_LARGEST = 4_900_000
#: So many odd sessions are listed.
_SHOWN = 200


def page(coverage: Coverage) -> str:
    """The page. It can be read without its script, which adds what people do with it."""
    columns = Columns(coverage)
    marks = buckets(columns.dates)
    data = {
        "marks": [[places[0], places[-1] + 1] for places in marks],
        "shapes": SHAPES,
        "worst": WORST,
        "words": {state.value: state.words for state in State},
        "folder": coverage.data_folder.as_posix(),
        "left_out": [],
        **columns.needed(),
    }
    parts = {
        "title": escape(f"Coverage of {coverage.data_folder}"),
        "window": _window(coverage),
        "seen_at": f"{coverage.seen_at:%Y-%m-%d %H:%M} UTC",
        "percent": "–" if coverage.percent is None else percent(coverage.percent),
        "legend": "".join(_legend(coverage)),
        "sources": escape(_sources(coverage)),
        "rows": "".join(_rows(coverage, columns, marks)),
        "odd": "".join(_odd(coverage)),
        "notes": "".join(_notes(coverage)),
        "style": _resource("page.css"),
        "script": "\n".join(map(_resource, ("cells.js", "map.js", "page.js"))),
    }
    size = sum(len(part.encode()) for part in parts.values())
    for name, more in (("request ids", columns.requests), ("digests", columns.digests)):
        found = more()
        if size + len(_json({**data, **found})) <= _LARGEST:
            data |= found
        else:
            data["left_out"].append(name)
    return Template(_resource("page.html")).substitute(parts, data=_json(data))


def _resource(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _json(data: dict[str, Any]) -> str:
    """As text that may stand in a script element: nothing in it ends one."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _window(coverage: Coverage) -> str:
    if coverage.window is None:
        return "No sessions"
    start, end = coverage.window
    count = sum(coverage.counts.values())
    return f"{start} to {end}: {count:,} sessions of {len(coverage.series):,} series"


def _legend(coverage: Coverage) -> Iterator[str]:
    for state, count in coverage.counts.items():
        yield (f"<li>{swatch(state)}<b>{count:,}</b> <span>{state.words}</span></li>")


def _sources(coverage: Coverage) -> str:
    given = ", ".join(f"{name} {count:,}" for name, count in coverage.by_source.items())
    return f"By source: {given}" if given else "Nothing of it was given by a source of leanfeed."


def _rows(coverage: Coverage, columns: Columns, marks: Sequence[Sequence[int]]) -> Iterator[str]:
    starts = [places[0] for places in marks]
    for number, s in enumerate(coverage.series):
        counts = s.counts
        share = "–" if s.percent is None else percent(s.percent)
        numbers = "".join(
            f'<td class="n{" some" if counts[state] else ""}">{counts[state]:,}</td>'
            for state in State
        )
        yield (
            f'<tr data-series="{number}"><th scope="row">{escape(label(s.series))}</th>'
            f'<td class="strip">{strip(s, columns.worst(number, starts).tolist())}</td>'
            f'<td class="n share">{share}</td>{numbers}</tr>\n'
        )


def _odd(coverage: Coverage) -> Iterator[str]:
    """Sessions with too few bars; half days are as they should be."""
    odd = [
        (number, s, session, anomaly)
        for number, s in enumerate(coverage.series)
        for session, anomaly in s.anomalies.items()
        if anomaly.kind is not Kind.HALF_DAY
    ]
    for number, s, session, anomaly in odd[:_SHOWN]:
        yield (
            f'<tr data-series="{number}" data-date="{session}"><th scope="row">'
            f"{escape(label(s.series))}</th><td>{session}</td><td>{anomaly.kind}</td>"
            f'<td class="n">{anomaly.rows:,}</td><td class="n">{anomaly.usual:,}</td>'
            f"<td>{escape(anomaly.where)}</td></tr>\n"
        )
    if len(odd) > _SHOWN:
        yield f'<tr><td colspan="6">and {len(odd) - _SHOWN} more</td></tr>\n'
    if not odd:
        yield '<tr><td colspan="6">None: every number of bars is as usual.</td></tr>\n'


def _notes(coverage: Coverage) -> Iterator[str]:
    lines = [line.strip() for line in other_lines(coverage)]
    for s in coverage.series:
        lines += [reason or path for path, reason in s.damaged.items()]
    yield from (f"<li>{escape(line)}</li>\n" for line in lines)
