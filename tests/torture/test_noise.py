"""Noise in place of LEAN files, ``lean.json``, toml and pages: only typed errors."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from leanfeed import LeanfeedError, config
from leanfeed.lean import lean_json, read_series
from leanfeed.lean.paths import entry_name, zip_path
from leanfeed.lean.zips import zip_bytes
from leanfeed_polygon.answers import Question, read_page
from leanfeed_polygon.refusals import quoting
from leanfeed_polygon.windows import Timespan, windows
from tests import build
from tests.torture.form import IS_FULL

pytestmark = pytest.mark.slow

MINUTE, DAILY = build.series(), build.series(resolution="daily")
SESSIONS = build.sessions("2024-01-02", "2024-01-02")
DAY = SESSIONS[0].date
WINDOW = windows(SESSIONS, Timespan.MINUTE)[0]
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


CELL_OF_JSON = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(["AAPL", "OK", "1e999", "x" * 300]),
    st.just(WINDOW.start),
)
BAR = st.dictionaries(st.sampled_from(list("vohlct")), CELL_OF_JSON)
#: A page that is almost Polygon's.
PAGE = st.dictionaries(
    st.sampled_from(["ticker", "adjusted", "results", "resultsCount", "status", "next_url"]),
    st.one_of(CELL_OF_JSON, st.lists(st.one_of(BAR, CELL_OF_JSON), max_size=4)),
)


@noise
@given(page=st.one_of(st.binary(max_size=300), PAGE.map(lambda p: json.dumps(p).encode())))
def test_reader_of_pages(page: bytes) -> None:
    question = Question("AAPL", Timespan.MINUTE, WINDOW)
    with contextlib.suppress(LeanfeedError):
        read_page(page, question, quote=quoting("a-secret-key"))
