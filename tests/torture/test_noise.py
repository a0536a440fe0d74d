"""Noise in place of LEAN files, ``lean.json`` and toml: only typed errors."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from leanfeed import LeanfeedError, config
from leanfeed.lean import lean_json, read_series
from leanfeed.lean.paths import entry_name, zip_path
from leanfeed.lean.zips import zip_bytes
from tests import build
from tests.torture.form import IS_FULL

pytestmark = pytest.mark.slow

MINUTE, DAILY = build.series(), build.series(resolution="daily")
DAY = build.sessions("2024-01-02", "2024-01-02")[0].date
noise = settings(
    max_examples=5000 if IS_FULL else 300,
    deadline=2000,
    suppress_health_check=list(HealthCheck),
)
CELL = st.sampled_from(["", "0", "1", "-1", "1e308", "NaN", "20240102 00:00", "9" * 40, "é", "\0"])
ROWS = st.lists(st.lists(CELL, max_size=8).map(",".join), max_size=6)
#: Text that is almost LEAN's, or anything.
TEXT = st.one_of(
    st.binary(max_size=400),
    st.tuples(ROWS, st.sampled_from(["\n", "\r\n", "\r"])).map(lambda p: p[1].join(p[0]).encode()),
)


def read_all(folder: Path) -> None:
    for series in (MINUTE, DAILY):
        with contextlib.suppress(LeanfeedError):
            read_series(folder, series, start=DAY, end=DAY)


@noise
@given(text=TEXT, is_zip=st.booleans(), cut=st.integers(0, 200))
def test_reader_of_lean_files(text: bytes, cut: int, *, is_zip: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        for series, day in ((MINUTE, DAY), (DAILY, None)):
            path = Path(name, zip_path(series, day))
            path.parent.mkdir(parents=True)
            data = zip_bytes(entry_name(series, day), text) if is_zip else text
            path.write_bytes(data[: len(data) - cut] if cut < 100 else data)
        read_all(Path(name))


@noise
@given(text=st.one_of(TEXT, st.text(max_size=300).map(lambda t: t.encode("utf-8", "replace"))))
def test_reader_of_lean_json(text: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "lean.json")
        path.write_bytes(text)
        with contextlib.suppress(LeanfeedError):
            lean_json.read(path)


@noise
@given(text=st.one_of(TEXT, st.text(max_size=300).map(lambda t: t.encode("utf-8", "replace"))))
def test_reader_of_toml(text: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "leanfeed.toml")
        path.write_bytes(text)
        with contextlib.suppress(LeanfeedError):
            config.load(config=path, environment={}, folder=Path(name))
