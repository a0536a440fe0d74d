from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from leanfeed.errors import ContractError, SourceError, UnavailableError
from leanfeed_polygon.answers import Page, Question, read_page
from leanfeed_polygon.refusals import NotEntitledError, quoting, refusal
from leanfeed_polygon.windows import Timespan, Window, windows
from tests.build import sessions

_SESSIONS = sessions("2023-01-03", "2023-01-04")
_MINUTES = Question("AAPL", Timespan.MINUTE, windows(_SESSIONS, Timespan.MINUTE)[0])
_START = _MINUTES.window.start
_QUOTE = quoting("a-secret-key")


def _row(minute: int = 0, **changes: Any) -> dict[str, Any]:
    row = {"v": 1.5, "vw": 2, "o": 2, "c": 2.5, "h": 3, "l": 1.25, "t": _START + minute * 60_000}
    return row | changes


def _body(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "ticker": "AAPL",
        "resultsCount": len(rows),
        "adjusted": False,
        "results": list(rows),
        "status": "OK",
        "request_id": "r-1",
    } | changes


def _read(body: object, question: Question = _MINUTES) -> Page:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_page(text, question, quote=_QUOTE)


def test_rows_become_columns() -> None:
    text = json.dumps(_body(_row(), _row(5, v="BIG", n=3, otc=True)))
    page = _read(text.replace('"BIG"', "6.3896155e+07").encode())
    assert page.request_id == "r-1"
    assert page.next_url == ""
    assert page.bars.time.tolist() == [_START, _START + 300_000]
    assert page.bars.volume.tolist() == [1.5, 63_896_155.0]
    columns = (page.bars.open, page.bars.high, page.bars.low, page.bars.close)
    assert [column[0] for column in columns] == [2.0, 3.0, 1.25, 2.5]


@pytest.mark.parametrize("status", ["OK", "DELAYED"])
def test_nothing_traded(status: str) -> None:
    body = _body(status=status)
    assert len(_read(body).bars) == 0
    del body["results"]
    assert len(_read(body).bars) == 0
    assert len(_read(body | {"results": None}).bars) == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ticker": "AAPl"}, "about AAPl"),
        ({"ticker": ""}, "no ticker"),
        ({"adjusted": True}, "adjusted"),
        ({"status": "CLOSED"}, "status is unknown"),
        ({"resultsCount": 2}, "counts 2 bars and holds 1"),
        ({"resultsCount": 2, "results": None}, "counts 2 bars and holds 0"),
        ({"resultsCount": None, "results": None}, "counts None bars"),
        ({"results": {}}, "another shape"),
        ({"results": [None]}, "another shape"),
    ],
)
def test_an_answer_to_another_question_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ContractError, match=reason):
        _read(_body(_row()) | changes)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (_row(1, h=2.25), "a high below"),
        (_row(1, l=2.25), "a low above"),
        (_row(1, o=0, l=0), "no price"),
        (_row(1, l=-1), "no price"),
        (_row(1, l=1e-40), "no price"),
        (_row(1, h=1e308), "no price"),
        (_row(1, v=-1), "no volume"),
        (_row(1, v=1e-40), "no volume"),
        (_row(1, v=1e308), "no volume"),
        (_row(0), "does not come after"),
        (_row(1, t=_START + 61_000), "does not start on a minute"),
        (_row(1, t=_START // 1000), "does not come after"),
        (_row(10_000), "outside the window"),
        (_row(1, t=_START * 1_000_000), "another shape"),
        (_row(1, t="2023-01-03"), "another shape"),
        (_row(1, c=None), "another shape"),
        (_row(1, c="2.5"), "another shape"),
        ({"t": _START + 60_000}, "another shape"),
    ],
)
def test_one_bad_bar_rejects_the_page(bad: dict[str, Any], reason: str) -> None:
    with pytest.raises(ContractError, match=reason) as caught:
        _read(_body(_row(), bad))
    assert "AAPL" in str(caught.value)


def test_the_message_names_the_bar() -> None:
    with pytest.raises(ContractError, match="the bar of 2023-01-03T09:01:00"):
        _read(_body(_row(), _row(1, h=2.25)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>sign in</html>",
        b'{"status":"OK","resul',
        b'{"status":"\xff"}',
        b'{"status":"OK"}x',
    ],
)
def test_what_is_no_answer_of_the_api_is_worth_another_try(body: bytes) -> None:
    with pytest.raises(UnavailableError):
        _read(body)


@pytest.mark.parametrize("body", [b"[]", b"null", b"{}", b"[" * 200_000, b'{"x":' * 200_000])
def test_json_of_another_shape_is_typed(body: bytes) -> None:
    with pytest.raises((ContractError, UnavailableError)):
        _read(body)


def test_a_status_inside_a_200_is_believed() -> None:
    with pytest.raises(NotEntitledError, match=r"not entitled.*\(request id r-1\)"):
        _read({"status": "NOT_AUTHORIZED", "request_id": "r-1", "message": "You are not entitled"})
    with pytest.raises(UnavailableError, match="went wrong"):
        _read({"status": "ERROR", "error": "went wrong"})


@pytest.mark.parametrize(
    "stamp",
    ["2024-03-08T05:00", "2024-03-08T21:00", "2024-03-11T04:00", "2024-03-11T20:00",
     "2024-11-01T04:00", "2024-11-01T20:00", "2024-11-04T05:00", "2024-11-04T21:00"],
)  # fmt: skip
def test_a_day_may_be_stamped_at_midnight_or_at_four(stamp: str) -> None:
    time = int(np.datetime64(stamp, "ms").astype(np.int64))
    day = stamp[:10]
    question = Question("AAPL", Timespan.DAY, windows(sessions(day, day), Timespan.DAY)[0])
    assert _read(_body(_row(t=time)), question).bars.time.tolist() == [time]
    with pytest.raises(ContractError, match="outside"):
        _read(_body(_row(t=time + 86_400_000)), question)


def test_quotes_are_one_short_line_without_the_key() -> None:
    said = _QUOTE("a-secret-key\r\nforged\x1b[31m" + "x" * 500)
    assert said.startswith(r"***\r\nforged\x1b[31mxxx")
    assert len(said) == 200


def _recorded(folder: Path, pattern: str) -> list[Any]:
    found = sorted(folder.glob(pattern))
    assert found, f"no recorded answer matches {pattern}"
    return [json.loads(path.read_text()) for path in found]


_EVER = Window(0, 2**52, ())


@pytest.mark.parametrize(
    ("pattern", "timespan"),
    [
        ("openbb/*AAPL*_asc_*.json", Timespan.DAY),
        ("openbb/*BTCUSD*.json", Timespan.DAY),
        ("embedded/*DELAYED.json", Timespan.DAY),
        ("massive-client-python/v2_aggs_ticker_AAPL_range_*.json", Timespan.DAY),
        ("docs_examples/aggs_stocks_day.json", Timespan.DAY),
        ("hand_made_shapes/aggs_*_200.json", Timespan.MINUTE),
    ],
)
def test_recorded_answers_are_read_and_their_adjusted_prices_refused(
    polygon_recorded: Path, pattern: str, timespan: Timespan
) -> None:
    for body in _recorded(polygon_recorded, pattern):
        question = Question(body["ticker"], timespan, _EVER)
        with pytest.raises(ContractError, match="adjusted"):
            _read(body, question)
        page = _read(body | {"adjusted": False}, question)
        assert page.bars.time.tolist() == [row["t"] for row in body.get("results", [])]
        assert page.bars.volume.tolist() == [row["v"] for row in body.get("results", [])]
        assert page.next_url == body.get("next_url", "")


def test_recorded_minutes_are_read(polygon_recorded: Path) -> None:
    (body,) = _recorded(polygon_recorded, "febrd/aggs_minute_*.json")
    rows = body["results"]
    body |= {"adjusted": False, "resultsCount": len(rows)}  # the recording was shortened
    assert _read(body).bars.close.tolist() == [row["c"] for row in rows]


def test_recorded_refusals_keep_the_provider_s_words(polygon_recorded: Path) -> None:
    (recorded,) = _recorded(polygon_recorded, "embedded/error_bodies.json")
    for case in recorded["bodies"]:
        body = case["body"]
        error = refusal(case["http"], json.dumps(body).encode(), request_id="r-2", quote=_QUOTE)
        assert isinstance(error, SourceError)
        assert (body.get("error") or body["message"]) in str(error)
        assert (body.get("request_id") or "r-2") in str(error)


@pytest.mark.parametrize("hours", [1, 5, -1, 15, 17, 23])
def test_a_day_with_another_stamp_is_not_taken_for_its_neighbour(hours: int) -> None:
    days = sessions("2024-03-04", "2024-03-08")
    (window,) = windows(days, Timespan.DAY)
    question = Question("SPY", Timespan.DAY, window)
    stamp = days[3].day[0] + hours * 3_600_000
    row = {"t": stamp, "o": 1, "h": 1, "l": 1, "c": 1, "v": 1}
    body = {"ticker": "SPY", "status": "OK", "adjusted": False, "resultsCount": 1, "results": [row]}
    with pytest.raises(ContractError, match="does not start on a day"):
        read_page(json.dumps(body).encode(), question, quote=str)
