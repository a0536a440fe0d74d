"""Which library reads a flat file into columns best, by the processor's seconds and by memory.

    python -m benchmarks.flat_decoding WAY FILE

prints both for one way, in a process of its own; imports are not timed.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.worker import peak_megabytes
from leanfeed.kernel.tables import Names
from leanfeed_flatfiles.header import TRADED_COLUMNS
from leanfeed_flatfiles.tables import read_table

__all__ = ["WAYS", "main"]


def _leanfeed(path: Path, wanted: list[str] | None) -> int:
    names = Names.of(None if wanted is None else [name.encode() for name in wanted])
    return len(read_table(path, TRADED_COLUMNS, names, name="file").times)


def _polars(path: Path, wanted: list[str] | None) -> int:
    import polars as pl

    types = {"ticker": pl.String, "volume": pl.Float64}
    table = pl.read_csv(path.read_bytes(), schema_overrides=types)
    return len(table if wanted is None else table.filter(pl.col("ticker").is_in(wanted)))


def _pyarrow(path: Path, wanted: list[str] | None) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    types = {"ticker": pa.string(), "volume": pa.float64()}
    options = csv.ConvertOptions(column_types=types, strings_can_be_null=False)
    with gzip.open(path) as file:
        table = csv.read_csv(file, convert_options=options)
    if wanted is None:
        return int(table.num_rows)
    return int(table.filter(pc.is_in(table["ticker"], pa.array(wanted))).num_rows)


def _pandas(path: Path, wanted: list[str] | None) -> int:
    import pandas as pd

    table = pd.read_csv(path, keep_default_na=False)
    return len(table if wanted is None else table[table["ticker"].isin(wanted)])


#: By name; what each is called.
WAYS: dict[str, tuple[str, Callable[[Path, list[str] | None], int]]] = {
    "kernel": ("leanfeed, by its kernel", _leanfeed),
    "python": ("leanfeed without its kernel", _leanfeed),
    "polars": ("polars `read_csv`", _polars),
    "pyarrow": ("pyarrow `csv.read_csv`", _pyarrow),
    "pandas": ("pandas `read_csv`", _pandas),
}
#: Imported before anything is timed.
_LIBRARIES = ("polars", "pyarrow", "pandas")


def main(arguments: list[str]) -> None:
    """Read the file once, with all tickers, or those on standard input."""
    name, file = arguments
    if name in _LIBRARIES:
        __import__(name)
    os.environ["LEANFEED_KERNEL"] = "off" if name == "python" else ""
    wanted = sys.stdin.read().split() or None
    cpu, start = sum(os.times()[:2]), time.perf_counter()
    rows = WAYS[name][1](Path(file), wanted)
    told = {
        "rows": rows,
        "cpu": round(sum(os.times()[:2]) - cpu, 3),
        "wall": round(time.perf_counter() - start, 3),
        "peak_mb": round(peak_megabytes(), 1),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
