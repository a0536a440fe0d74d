"""What people type becomes a request, or one clear sentence."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import Any

import pytest
from hypothesis import given, strategies as st

from leanfeed import InvalidRequestError
from leanfeed.dates import parse_date
from leanfeed.request import make_request


@pytest.mark.parametrize(
    "value",
    [
        dt.date(2024, 1, 2),
        "2024-01-02",
        "20240102",
        " 2024-01-02 ",
        "2 Jan 2024",
        "January 2, 2024",
        dt.datetime(2024, 1, 2),
        dt.datetime(2024, 1, 3, 2, tzinfo=dt.UTC),
    ],
)
def test_dates_that_leave_nothing_open(value: Any) -> None:
    assert parse_date(value) == dt.date(2024, 1, 2)


@pytest.mark.parametrize(
    "value",
    ["", "24-1-2", "01/02/2024", "2024-02-30", "2024", "Jan 2024", "Monday", "2 Jan 2024 10am",
     "NaT", "now", dt.datetime(2024, 1, 2, 9, 30), 20240102, None],
)  # fmt: skip
def test_dates_that_leave_something_open_are_refused(value: Any) -> None:
    with pytest.raises(InvalidRequestError, match="2024-01-02"):
        parse_date(value)


@given(st.dates(min_value=dt.date(1000, 1, 1)))
def test_every_iso_date_is_understood(day: dt.date) -> None:
    assert parse_date(day.isoformat()) == parse_date(f"{day:%Y%m%d}") == day


@given(st.text())
def test_any_text_is_a_date_or_one_clear_error(text: str) -> None:
    with contextlib.suppress(InvalidRequestError):
        assert isinstance(parse_date(text), dt.date)


def make(symbols: Any = "SPY", resolution: Any = "minute", **more: Any) -> Any:
    return make_request(symbols, resolution=resolution, start="2024-01-02", **more)


def test_symbols_come_as_text_or_iterable() -> None:
    expected = ["SPY", "BRK.B"]
    for symbols in ("SPY,brk.b", ["SPY", "BRK.B"], (s for s in expected), {"SPY": 1, "BRK.B": 2}):
        assert [s.ticker for s in make(symbols).symbols] == expected


@pytest.mark.parametrize("symbols", [[], "", " , ", 5, None, [5], [None], ["SPY", "../../etc"]])
def test_what_is_no_list_of_symbols_is_refused(symbols: Any) -> None:
    with pytest.raises(InvalidRequestError):
        make(symbols)


def test_resolutions_come_alone_or_together() -> None:
    assert make(resolution="Daily").resolutions == ("daily",)
    assert make(resolution="daily,minute").resolutions == ("daily", "minute")
    assert make(resolution=["daily", "daily"]).resolutions == ("daily",)


@pytest.mark.parametrize("resolution", ["tick", "1min", "", [], [5]])
def test_unknown_resolution_is_refused(resolution: Any) -> None:
    with pytest.raises(InvalidRequestError, match="resolution"):
        make(resolution=resolution)


@pytest.mark.parametrize("warmup", [-1, 1.5, True, "10"])
def test_warmup_is_a_number_of_sessions(warmup: Any) -> None:
    with pytest.raises(InvalidRequestError, match="warm-up"):
        make(warmup=warmup)
