"""Which library does a stage best, on this project's data: time, and size where it has one."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

import deflate
import msgspec
import numpy as np
import orjson
import simdjson
from attrs import frozen
from isal import isal_zlib
from zlib_ng import zlib_ng

from benchmarks.sample import Sample
from benchmarks.timing import in_turns
from leanfeed.lean import lines
from leanfeed.lean.local_time import DAY, local_times
from leanfeed.lean.market_hours import zone
from leanfeed_polygon.answers import read_page

__all__ = ["measure_libraries"]


T = TypeVar("T")


class _Row(msgspec.Struct, gc=False):
    t: int
    o: float
    h: float
    l: float  # noqa: E741  the provider's name
    c: float
    v: float


class _Rows(msgspec.Struct):
    results: list[_Row]


_TYPED = msgspec.json.Decoder(_Rows)
_ENCODER = msgspec.json.Encoder()


@frozen
class _Task:
    title: str
    ways: Mapping[str, Callable[[], bytes | None]]
    #: Bytes that each way is given.
    given: int


def measure_libraries(*, repeats: int) -> list[dict[str, Any]]:
    """Every task with the time of each library, and the size of what it made."""
    minutes, seconds = Sample.of("minute"), Sample.of("second")
    tasks = [
        _inflating(minutes),
        _decoding(minutes),
        _formatting(minutes),
        _deflating("one session of minutes", minutes.texts()[0][1]),
        _deflating("one session of seconds", seconds.texts()[0][1]),
    ]
    return [_measured(task, repeats) for task in tasks]


def _measured(task: _Task, repeats: int) -> dict[str, Any]:
    times = in_turns(task.ways, repeats=repeats)
    made = {name: way() for name, way in task.ways.items()}
    return {
        "title": task.title,
        "given_bytes": task.given,
        "ways": [
            {
                "name": name,
                "cpu_ms": round(times[name].cpu_median, 3),
                "bytes": None if data is None else len(data),
            }
            for name, data in made.items()
        ],
    }


def _inflating(sample: Sample) -> _Task:
    packed = sample.packed
    ways: dict[str, Callable[[], bytes]] = {
        "zlib": lambda: gzip.decompress(packed),
        "zlib-ng": lambda: zlib_ng.decompress(packed, 31),
        "isal": lambda: isal_zlib.decompress(packed, 31),
        "libdeflate": lambda: bytes(deflate.gzip_decompress(packed)),
    }
    return _Task("inflate a page", _quiet(ways), len(packed))


def _decoding(sample: Sample) -> _Task:
    body, parser = sample.body, simdjson.Parser()

    def ours() -> object:
        return read_page(body, sample.question, quote=sample.quote)

    ways: dict[str, Callable[[], object]] = {
        "json": lambda: json.loads(body),
        "orjson": lambda: orjson.loads(body),
        "msgspec, untyped": lambda: msgspec.json.decode(body),
        "msgspec, typed": lambda: _TYPED.decode(body),
        "simdjson, scanned only": lambda: bool(parser.parse(body)),
        "leanfeed, to columns, every bar checked": ours,
        "leanfeed without its kernel": lambda: _without_kernel(ours),
    }
    return _Task("decode a page", _quiet(ways), len(body))


def _formatting(sample: Sample) -> _Task:
    """Every way makes the same text of one session, of columns that are at hand."""
    session, bars = sample.split()[0]
    times = (local_times(bars.time, zone(session.time_zone)) % DAY).tolist()
    prices = [column.tolist() for column in bars.columns[1:5]]
    volumes = bars.volume.tolist()
    whole = [np.asarray(times), *(np.rint(c * 10_000).astype(np.int64) for c in bars.columns[1:5])]
    whole.append(bars.volume.astype(np.int64))

    def ours() -> bytes:
        return lines.format_bars(bars, sample.series, session.time_zone)

    def by_decimal() -> bytes:
        return "\n".join(
            f"{t},{','.join(str(int(Decimal(str(p)) * 10_000)) for p in row)},{v:.0f}"
            for t, v, *row in zip(times, volumes, *prices, strict=True)
        ).encode()

    def by_round() -> bytes:
        return "\n".join(
            f"{t},{round(o * 10_000)},{round(h * 10_000)},{round(lo * 10_000)},"
            f"{round(c * 10_000)},{v:.0f}"
            for t, v, o, h, lo, c in zip(times, volumes, *prices, strict=True)
        ).encode()

    def by_encoder() -> bytes:
        rows = list(zip(*(column.tolist() for column in whole), strict=True))
        return _ENCODER.encode_lines(rows).translate(None, b"[]").removesuffix(b"\n")

    def by_orjson() -> bytes:
        text: bytes = orjson.dumps(np.stack(whole, axis=1), option=orjson.OPT_SERIALIZE_NUMPY)
        return text[2:-2].replace(b"],[", b"\n")

    ways: dict[str, Callable[[], bytes]] = {
        "Decimal for each price": by_decimal,
        "round and f-strings": by_round,
        "numpy and msgspec's encoder": by_encoder,
        "numpy and orjson": by_orjson,
        "leanfeed, every number checked": ours,
        "leanfeed without its kernel": lambda: _without_kernel(ours),
    }
    texts = {way() for way in ways.values()}
    assert len(texts) == 1, "the ways to format do not give the same text"
    return _Task("format one session of minutes", _quiet(ways), sum(c.nbytes for c in bars.columns))


def _deflating(what: str, text: bytes) -> _Task:
    ways: dict[str, Callable[[], bytes | None]] = {}
    for name, compressor, levels in (
        ("zlib", zlib.compressobj, (1, 4, 6)),
        ("zlib-ng", zlib_ng.compressobj, (1, 3, 6)),
        ("isal", isal_zlib.compressobj, (0, 1, 2, 3)),
    ):
        for level in levels:
            ways[f"{name}, level {level}"] = partial(_raw, compressor, level, text)
    for level in (1, 6, 9):
        ways[f"libdeflate, level {level}"] = partial(_by_libdeflate, level, text)
    return _Task(f"deflate {what}", ways, len(text))


def _raw(compressor: Any, level: int, text: bytes) -> bytes:
    """Deflate without a header, as a zip holds it."""
    stream = compressor(level, 8, -15)
    return bytes(stream.compress(text) + stream.flush())


def _by_libdeflate(level: int, text: bytes) -> bytes:
    return bytes(deflate.deflate_compress(text, level))


def _without_kernel(way: Callable[[], T]) -> T:
    os.environ["LEANFEED_KERNEL"] = "off"
    try:
        return way()
    finally:
        del os.environ["LEANFEED_KERNEL"]


def _quiet(ways: Mapping[str, Callable[[], object]]) -> dict[str, Callable[[], None]]:
    """The same without a result, so that no size is told."""

    def without(way: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            way()

        return run

    return {name: without(way) for name, way in ways.items()}
