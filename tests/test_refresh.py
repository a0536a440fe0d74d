"""What may be said about sessions that are to be fetched again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from leanfeed import InvalidRequestError
from leanfeed.refresh import parse_refresh

TODAY = dt.date(2024, 1, 12)


def covered(value: Any) -> list[int]:
    refresh = parse_refresh(value, today=TODAY)
    return [day for day in range(1, 15) if refresh.covers(dt.date(2024, 1, day))]


@pytest.mark.parametrize(
    ("value", "days"),
    [
        (None, []),
        ([], []),
        ("recent", list(range(5, 15))),
        ("ALL", list(range(1, 15))),
        (" 2024-01-03 ", [3]),
        (dt.date(2024, 1, 3), [3]),
        ("2024-01-03..2024-01-05", [3, 4, 5]),
        ("2024-01-03..2024-01-03", [3]),
        ("2024-01-03,2024-01-05..2024-01-06", [3, 5, 6]),
        (["2024-01-03", dt.date(2024, 1, 5), "recent"], [3, *range(5, 15)]),
        ((day for day in ("2024-01-03", "2024-01-04")), [3, 4]),
    ],
)
def test_what_is_covered(value: Any, days: list[int]) -> None:
    assert covered(value) == days


def test_what_has_changed_is_found_out_later() -> None:
    refresh = parse_refresh("Changed, 2024-01-03", today=TODAY)
    assert refresh.changed
    assert str(refresh) == "changed,2024-01-03..2024-01-03"
    assert not parse_refresh("recent", today=TODAY).changed
    only = parse_refresh(["changed"], today=TODAY)
    assert only.changed
    assert only.ranges == ()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "lately",
        "2024-02-30",
        "..",
        "2024-01-03..",
        "1..2..3",
        "01/02/2024",
        5,
        True,
        [5],
        [None],
    ],
)
def test_what_is_not_understood_is_one_sentence(value: Any) -> None:
    with pytest.raises(InvalidRequestError) as refusal:
        parse_refresh(value, today=TODAY)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 200


def test_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match=r"2024-01-05\.\.2024-01-03.*exchange them"):
        parse_refresh("2024-01-05..2024-01-03", today=TODAY)
