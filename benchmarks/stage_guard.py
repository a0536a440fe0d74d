"""Each stage against what the standard library takes for the same work on the same page."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Sequence

from attrs import frozen

from benchmarks.sample import Sample
from benchmarks.timing import in_turns
from leanfeed import kernel
from leanfeed.lean import zips
from leanfeed.lean.local_time import DAY, local_times
from leanfeed.lean.market_hours import zone
from leanfeed_polygon.answers import read_page
from leanfeed_polygon.bodies import read_body

__all__ = ["StageRule", "stage_ratios", "stage_rules"]


@frozen
class StageRule:
    """A stage, and how many times as fast as the plain way it has to be."""

    name: str
    #: About half of what it is when all is well.
    least: float
    ours: Callable[[], object]
    plain: Callable[[], object]


def stage_rules(sample: Sample) -> tuple[StageRule, ...]:
    """The stages from the wire to the zip."""
    chunks, texts, has_kernel = sample.chunks, sample.texts(), kernel.is_there()
    return (
        StageRule(
            "inflate, against gzip",
            1.0,
            lambda: read_body(chunks, encoding="gzip"),
            lambda: gzip.decompress(sample.packed),
        ),
        StageRule(
            "decode and check, against json",
            10.0 if has_kernel else 0.8,
            lambda: read_page(sample.body, sample.question, quote=sample.quote),
            lambda: json.loads(sample.body),
        ),
        StageRule(
            "split and format, against f-strings",
            6.0 if has_kernel else 0.6,
            sample.texts,
            lambda: _rows(sample),
        ),
        StageRule(
            "zip, against zlib's own level",
            3.5,
            lambda: [zips.zip_bytes(name, text) for name, text in texts],
            lambda: [zlib.compress(text) for _, text in texts],
        ),
    )


def stage_ratios(rules: Sequence[StageRule], *, repeats: int) -> list[float]:
    """How many times as fast as the plain way each stage is, by the processor's time."""
    ways: dict[str, Callable[[], object]] = {}
    for rule in rules:
        ways[rule.name], ways[f"plain {rule.name}"] = rule.ours, rule.plain
    times = in_turns(ways, repeats=repeats)
    return [times[f"plain {rule.name}"].cpu_median / times[rule.name].cpu_median for rule in rules]


def _rows(sample: Sample) -> list[bytes]:
    """The texts of all sessions as a script would make them, of columns that are at hand."""
    texts = []
    for session, bars in sample.split():
        times = (local_times(bars.time, zone(session.time_zone)) % DAY).tolist()
        columns = (column.tolist() for column in bars.columns[1:])
        rows = [
            f"{t},{round(o * 10_000)},{round(h * 10_000)},{round(lo * 10_000)},"
            f"{round(c * 10_000)},{v:.0f}"
            for t, o, h, lo, c, v in zip(times, *columns, strict=True)
        ]
        texts.append("\n".join(rows).encode())
    return texts
