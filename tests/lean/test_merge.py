"""Merging: nothing is lost, nothing is there twice, and doing it again changes nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, strategies as st

from leanfeed.lean.merge import merge_rows

FIRST = dt.date(2024, 1, 2)
DATES = [FIRST + dt.timedelta(days=n) for n in range(6)]

contents = st.dictionaries(
    st.tuples(st.sampled_from(DATES), st.integers(9, 11)), st.integers(0, 3), max_size=10
)
some_dates = st.sets(st.sampled_from(DATES))


def text(rows: dict[tuple[dt.date, int], int]) -> bytes:
    return "\n".join(f"{d:%Y%m%d} {h:02}:00,{v}" for (d, h), v in sorted(rows.items())).encode()


def only(rows: dict[tuple[dt.date, int], int], dates: set[dt.date]) -> bytes:
    return text({key: value for key, value in rows.items() if key[0] in dates})


@given(contents, contents, some_dates)
def test_days_are_replaced_and_all_others_kept(
    old: dict[tuple[dt.date, int], int], fresh: dict[tuple[dt.date, int], int], dates: set[dt.date]
) -> None:
    new = only(fresh, dates)

    merged = merge_rows([text(old)], new, dates)

    expected = {key: value for key, value in old.items() if key[0] not in dates}
    assert merged == text(expected | {k: v for k, v in fresh.items() if k[0] in dates})
    assert merge_rows([merged], new, dates) == merged


@given(contents, contents, some_dates, some_dates)
def test_the_order_of_disjoint_merges_does_not_matter(
    old: dict[tuple[dt.date, int], int],
    fresh: dict[tuple[dt.date, int], int],
    one: set[dt.date],
    other: set[dt.date],
) -> None:
    other -= one
    parts = [(only(fresh, dates), dates) for dates in (one, other)]
    forth, back = text(old), text(old)
    for (new, dates), (new_back, dates_back) in zip(parts, reversed(parts), strict=True):
        forth = merge_rows([forth], new, dates)
        back = merge_rows([back], new_back, dates_back)
    assert forth == back


@given(contents, contents)
def test_of_two_entries_the_first_wins(
    first: dict[tuple[dt.date, int], int], second: dict[tuple[dt.date, int], int]
) -> None:
    assert merge_rows([text(first), text(second)], b"", []) == text(second | first)


def test_a_new_file() -> None:
    assert merge_rows([], b"20240103 00:00,2\n20240102 00:00,1", DATES) == (
        b"20240102 00:00,1\n20240103 00:00,2"
    )


def test_foreign_rows_stay_as_they_are() -> None:
    old = b"20240105 00:00,007,\n20240102 00:00,b\n20240102 00:00,a"
    assert merge_rows([old], b"20240103 00:00,1", [DATES[1]]) == (
        b"20240102 00:00,b\n20240102 00:00,a\n20240103 00:00,1\n20240105 00:00,007,"
    )


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n"])
def test_line_ends_are_normalised(end: bytes) -> None:
    old = b"\xef\xbb\xbf20240102 00:00,1\r\n20240103 00:00,2" + end
    assert merge_rows([old], b"", []) == b"20240102 00:00,1\n20240103 00:00,2"
