"""A record becomes one line of JSON, whatever is in it."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given, strategies as st

from leanfeed.observe import JsonFormatter
from leanfeed.values import Resolution


def record(message: object = "text", *arguments: object, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("leanfeed", logging.INFO, "x.py", 1, message, arguments, None)
    made.__dict__.update(fields)
    return made


def parsed(made: logging.LogRecord) -> dict[str, Any]:
    """The line as strict readers see it."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(constant)

    line = JsonFormatter().format(made)
    assert line.isascii()
    assert line.isprintable()
    values: dict[str, Any] = json.loads(line, parse_constant=refuse)
    return values


def test_keys_stand_in_order() -> None:
    made = record("%s bars", 3, event="leanfeed.run_step", phase="data_download", sessions=2)
    made.created = 1_704_965_400.25
    assert list(parsed(made).items()) == [
        ("ts", "2024-01-11T09:30:00.250Z"),
        ("level", "INFO"),
        ("logger", "leanfeed"),
        ("message", "3 bars"),
        ("event", "leanfeed.run_step"),
        ("phase", "data_download"),
        ("sessions", 2),
    ]


class _Broken:
    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __str__


class _BrokenMapping(Mapping[str, int]):
    def __getitem__(self, key: str) -> int:
        raise RuntimeError

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError

    def __len__(self) -> int:
        return 1

    def __repr__(self) -> str:
        return "broken"


_CIRCLE: list[object] = []
_CIRCLE.append(_CIRCLE)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (True, True),
        (Resolution.MINUTE, "minute"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (2**63, str(2**63)),
        pytest.param(10**5_000, "<int>", id="a long number"),
        (dt.date(2024, 1, 2), "2024-01-02"),
        (dt.datetime(2024, 1, 2, tzinfo=dt.UTC), "2024-01-02T00:00:00+00:00"),
        (Path("data"), "data"),
        (b"\xff", "b'\\xff'"),
        ("\ud800\n\u2028\x7f", "\ud800\n\u2028\x7f"),
        ({(1, 2): {3: [4.5]}}, {"(1, 2)": {"3": [4.5]}}),
        (_Broken(), "<_Broken>"),
        ([_Broken()], ["<_Broken>"]),
        (_BrokenMapping(), "broken"),
    ],
)
def test_odd_values_have_a_form(value: object, shown: object) -> None:
    assert parsed(record(value=value))["value"] == shown


def test_a_list_that_holds_itself_ends() -> None:
    assert "[...]" in str(parsed(record(value=_CIRCLE))["value"])


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=8,
)


@given(message=st.text(), value=_VALUES)
def test_every_record_is_a_line(message: str, value: object) -> None:
    line = parsed(record(message, value=value))
    assert line["message"] == message
    assert "value" in line


def test_arguments_that_do_not_fit_lose_only_themselves() -> None:
    assert parsed(record("%d bars", "many"))["message"] == "%d bars"
    assert parsed(record("%s", _Broken()))["message"] == "%s"
    assert parsed(record(_Broken()))["message"] == "<_Broken>"


def test_standard_keys_are_not_replaced() -> None:
    line = parsed(record("text", level="high", ts=0))
    assert (line["level"], line["extra_level"], line["extra_ts"]) == ("INFO", "high", 0)


def test_a_traceback_is_in_the_line() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    try:
        raise ValueError("two\nlines")
    except ValueError:
        made = record("failed")
        made.exc_info = sys.exc_info()
        made.stack_info = "Stack"
    handler.handle(made)
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["exception"].endswith("ValueError: two\nlines")
    assert json.loads(line)["stack"] == "Stack"


def test_a_redacted_traceback_stays_redacted() -> None:
    assert parsed(record(exc_text="ValueError: ***"))["exception"] == "ValueError: ***"
