"""One recorded file: what is written reads back, and nothing else is read."""

from __future__ import annotations

import datetime as dt
from typing import get_args

import pytest
from hypothesis import given, strategies as st

from leanfeed.bars import Bars
from leanfeed.errors import ContractError
from leanfeed.recording.text import Failure, Head, Recorded, format_sections, parse_sections

HEADER = "time,open,high,low,close,volume\n"
HEAD = '# {"session":"2024-11-01","source":"polygon"}\n'
ROW = "2024-11-01T13:30:00Z,100.01,100.02,100,100.01,1200\n"


def numbers() -> st.SearchStrategy[float]:
    return st.builds(
        lambda digits, exponent: float(f"{digits}e-{exponent}"),
        st.integers(-(10**15) + 1, 10**15 - 1),
        st.integers(0, 10),
    )


@st.composite
def bars(draw: st.DrawFn) -> Bars:
    seconds = sorted(draw(st.sets(st.integers(0, 4_000_000_000), max_size=4)))
    columns = (
        draw(st.lists(numbers(), min_size=len(seconds), max_size=len(seconds))) for _ in range(5)
    )
    return Bars([1000 * second for second in seconds], *columns)


def texts() -> st.SearchStrategy[str]:
    return st.text(st.characters(codec="utf-8"), max_size=20)


@st.composite
def sections(draw: st.DrawFn) -> list[Recorded]:
    found = []
    for session in sorted(draw(st.sets(st.dates(), max_size=3))):
        error = draw(st.none() | st.sampled_from(get_args(Failure)))
        head = Head(
            session,
            draw(texts()),
            request_id=draw(texts()),
            recorded_at=draw(st.none() | st.datetimes(timezones=st.just(dt.UTC))),
            error=error,
            message=draw(texts()),
        )
        found.append(Recorded(head, Bars.empty() if error else draw(bars())))
    return found


@given(sections())
def test_what_is_written_reads_back(recorded: list[Recorded]) -> None:
    assert parse_sections(format_sections(recorded), "a.csv") == recorded


def test_the_text_is_what_the_documentation_shows() -> None:
    bars = Bars([1730467800000], [100.01], [100.02], [100], [100.01], [1200])
    head = Head(dt.date(2024, 11, 1), "polygon")
    assert format_sections([Recorded(head, bars)]) == HEADER + HEAD + ROW


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "header"),
        (HEAD + ROW, 1, "header"),
        (HEADER + ROW, 2, "no session"),
        (HEADER + HEAD + "\n", 3, "neither"),
        (HEADER + HEAD + ROW[:-1], 3, "ends within"),
        (HEADER + HEAD + ROW + ROW.replace(",1200", ""), 4, "neither"),
        (HEADER + HEAD + ROW.replace("1200", "1200,"), 3, "neither"),
        (HEADER + HEAD + ROW.replace("1200", "1.2e3"), 3, "neither"),
        (HEADER + HEAD + ROW.replace("1200", "nan"), 3, "neither"),
        (HEADER + HEAD + ROW.replace("1200", " 1200"), 3, "neither"),
        (HEADER + HEAD + ROW.replace("1200", "١٢"), 3, "neither"),
        (HEADER + HEAD + ROW.replace("1200", "9" * 400), 3, "neither"),
        (HEADER + HEAD + ROW.replace("Z", "+01:00"), 3, "neither"),
        (HEADER + HEAD + ROW.replace("-11-01", "-13-01"), 3, "month"),
        (HEADER + HEAD + HEAD, 3, "stands after"),
        (HEADER + HEAD.replace("11-01", "11-31"), 2, "date"),
        (HEADER + HEAD.replace('"}', '"'), 2, "truncated"),
        (HEADER + HEAD.replace("source", "sauce"), 2, "sauce"),
        (HEADER + HEAD.replace('"}', '","error":"KeyboardInterrupt"}'), 2, "error"),
        (HEADER + HEAD.replace('"}', '","error":"SourceError"}') + ROW, 3, "failed"),
    ],
)
def test_malformed_text_is_refused(text: str, line: int, reason: str) -> None:
    with pytest.raises(ContractError, match=rf"a\.csv, line {line}: .*{reason}.*\. Correct"):
        parse_sections(text, "a.csv")


@pytest.mark.parametrize(
    "bars",
    [
        Bars([1730467800500], [1], [1], [1], [1], [1]),
        Bars([1730467800000], [1], [1], [1], [float("nan")], [1]),
        Bars([1730467800000], [1], [float("inf")], [1], [1], [1]),
    ],
)
def test_bars_without_exact_text_are_refused(bars: Bars) -> None:
    with pytest.raises(ContractError):
        format_sections([Recorded(Head(dt.date(2024, 11, 1), "polygon"), bars)])
