"""Each stage on the way from page to zip, with the physical floor beside it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import deflate
import simdjson
from attrs import evolve, frozen
from isal import isal_zlib

from benchmarks.sample import Part, Sample
from benchmarks.timing import Times, in_turns
from leanfeed.default_plugins.zip_writer import ZipWriter
from leanfeed.lean import zips
from leanfeed.values import Delivery
from leanfeed_polygon.answers import read_page
from leanfeed_polygon.bodies import read_body

__all__ = ["measure_stages"]


@frozen
class _Stage:
    name: str
    ours: Callable[[], object]
    #: What stands for the physical floor, in words, and does it.
    floor_is: str
    floor: Callable[[], object]


def measure_stages(folder: Path, timespan: str, *, repeats: int) -> dict[str, Any]:
    """What a page costs stage by stage, and as a whole.

    Args:
        folder: an empty one, on the disk that is meant.
        timespan: ``minute`` or ``second``.
        repeats: how often each is measured, in turns.
    """
    sample = Sample.of(timespan)
    stages = _stages(sample, folder)
    ways: dict[str, Callable[[], object]] = {}
    for stage in stages:
        ways[stage.name], ways[f"floor of {stage.name}"] = stage.ours, stage.floor
    ways["conversion"] = lambda: _convert(sample)
    times = in_turns(ways, repeats=repeats)
    bars = sum(len(part) for _, part in sample.split())
    return {
        "bars": bars,
        "page_bytes": len(sample.packed),
        "stages": [
            {
                "name": stage.name,
                "floor_is": stage.floor_is,
                **_facts(times[stage.name], ""),
                **_facts(times[f"floor of {stage.name}"], "floor_"),
            }
            for stage in stages
        ],
        "conversion": _facts(times["conversion"], ""),
        "thousand_bars_per_cpu_second": round(bars / times["conversion"].cpu_median, 1),
    }


def _facts(times: Times, prefix: str) -> Mapping[str, float]:
    return {
        f"{prefix}cpu_ms": round(times.cpu_median, 3),
        f"{prefix}wall_ms": round(times.wall_median, 3),
    }


def _stages(sample: Sample, folder: Path) -> list[_Stage]:
    chunks, parts, texts = sample.chunks, sample.split(), sample.texts()
    plain = [text for _, text in texts]
    parser = simdjson.Parser()
    return [
        _Stage(
            "inflate",
            lambda: read_body(chunks, encoding="gzip"),
            "libdeflate, the whole body at once",
            lambda: deflate.gzip_decompress(sample.packed),
        ),
        _Stage(
            "decode and check",
            lambda: read_page(sample.body, sample.question, quote=sample.quote),
            "a scan by simdjson",
            lambda: bool(parser.parse(sample.body)),
        ),
        _Stage(
            "split",
            sample.split,
            "a copy of the columns",
            lambda: [column.copy() for column in sample.bars.columns],
        ),
        _Stage("format", sample.texts, "a copy of the text", lambda: [bytearray(t) for t in plain]),
        _Stage(
            "deflate",
            lambda: [zips.zip_bytes(name, text) for name, text in texts],
            "isal, level 0",
            lambda: [isal_zlib.compress(text, 0) for text in plain],
        ),
        _Stage(
            "format, deflate, write",
            lambda: _write(sample, folder, parts, "fast"),
            "isal, level 0, and plain files",
            lambda: _write_plainly(folder, plain),
        ),
        _Stage(
            "the same, flushed to the disk",
            lambda: _write(sample, folder, parts, "full"),
            "the same, each file flushed",
            lambda: _write_plainly(folder, plain, flush=True),
        ),
    ]


def _write(sample: Sample, folder: Path, parts: Sequence[Part], durability: str) -> None:
    """Everything that the writer does: it looks at what is there and checks what it wrote, too."""
    writer = ZipWriter(durability=durability)  # type: ignore[arg-type]
    with TemporaryDirectory(dir=folder) as place:
        deliveries = (Delivery(sample.series, session, bars) for session, bars in parts)
        for _ in writer.write(deliveries, Path(place)):
            pass


def _write_plainly(folder: Path, texts: Sequence[bytes], *, flush: bool = False) -> None:
    with TemporaryDirectory(dir=folder) as place:
        for number, text in enumerate(texts):
            with Path(place, str(number)).open("wb") as file:
                file.write(isal_zlib.compress(text, 0))
                file.flush()
                if flush:
                    os.fsync(file.fileno())


def _convert(sample: Sample) -> list[bytes]:
    """A page as it comes over the wire to the bytes of its zips, without the disk."""
    body = read_body(sample.chunks, encoding="gzip")
    page = read_page(body, sample.question, quote=sample.quote)
    return [zips.zip_bytes(name, text) for name, text in evolve(sample, bars=page.bars).texts()]
