from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leanfeed.errors import ContractError
from leanfeed_polygon.answers import Answer
from leanfeed_polygon.grouped import MarketQuestion, read_market
from leanfeed_polygon.refusals import quoting
from tests.build import sessions

(_DAY,) = sessions("2024-03-05", "2024-03-05")
_CLOSE = _DAY.regular[0][1]
_QUOTE = quoting("a-secret-key")


def _row(ticker: str, **changes: Any) -> dict[str, Any]:
    row = {"T": ticker, "v": 1.5, "vw": 2, "o": 2, "c": 2.5, "h": 3, "l": 1.25, "t": _CLOSE, "n": 1}
    return row | changes


def _read(*rows: Any, tickers: str = "AAPL SPY", **changes: Any) -> Answer:
    body = {
        "queryCount": len(rows),
        "resultsCount": len(rows),
        "adjusted": False,
        "results": list(rows),
        "status": "OK",
        "request_id": "r-1",
    }
    question = MarketQuestion(_DAY, frozenset(tickers.split()))
    return read_market(json.dumps(body | changes).encode(), question, quote=_QUOTE)


def test_rows_become_bars_by_ticker() -> None:
    answer = _read(_row("AAPL", v=3), _row("SPY", o=2.5), _row("spy", v=1))
    assert answer.request_id == "r-1"
    assert answer.sessions == {_DAY}
    assert set(answer.bars) == {"AAPL", "SPY"}
    assert answer.bars["AAPL"].volume.tolist() == [3.0]
    assert answer.bars["SPY"].open.tolist() == [2.5]
    assert answer.bars["SPY"].time.tolist() == [_CLOSE]
    assert answer.faults == {}


@pytest.mark.parametrize("close", ["2024-03-08", "2024-03-11", "2024-11-01", "2024-11-04"])
def test_the_stamp_at_four_belongs_to_its_day_in_summer_and_in_winter(close: str) -> None:
    (day,) = sessions(close, close)
    question = MarketQuestion(day, frozenset(["SPY"]))
    body = {"status": "OK", "results": [_row("SPY", t=day.regular[0][1])]}
    assert len(read_market(json.dumps(body).encode(), question, quote=_QUOTE).bars["SPY"]) == 1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"h": 2.25}, "a high below"),
        ({"l": 2.25}, "a low above"),
        ({"o": 0, "l": 0}, "no price"),
        ({"v": -1}, "no volume"),
        ({"t": _CLOSE + 86_400_000}, "outside"),
        ({"t": str(_CLOSE)}, "another shape"),
        ({"c": None}, "another shape"),
        ({"c": "2.5"}, "another shape"),
        ({"c": [2.5]}, "another shape"),
        ({"v": True}, "another shape"),
    ],
)
def test_a_bad_row_is_refused_when_its_ticker_is_asked_for(
    bad: dict[str, Any], reason: str
) -> None:
    answer = _read(_row("AAPL"), _row("SPY", **bad))
    assert set(answer.bars) == {"AAPL"}
    assert reason in str(answer.faults["SPY"])
    assert "SPY on 2024-03-05" in str(answer.faults["SPY"])
    stranger = _read(_row("AAPL"), _row("SPY", **bad), tickers="AAPL")
    assert (set(stranger.bars), stranger.faults) == ({"AAPL"}, {})


def test_a_ticker_may_come_twice_only_if_both_say_the_same() -> None:
    assert _read(_row("SPY"), _row("SPY"), _row("X", o=1), _row("X", o=2)).faults == {}
    twice = _read(_row("SPY"), _row("AAPL"), _row("SPY", v=0))
    assert set(twice.bars) == {"AAPL"}
    assert "two bars that differ" in str(twice.faults["SPY"])


@pytest.mark.parametrize(
    ("rows", "changes"),
    [
        ([_row("SPY"), {"v": 1}], {}),
        ([_row("SPY"), _row("X", T=None)], {}),
        ([_row("SPY"), None], {}),
        ([_row("SPY")], {"resultsCount": 2}),
        ([_row("SPY")], {"status": "CLOSED"}),
        ([], {"results": None}),
    ],
)
def test_a_page_that_does_not_say_whose_rows_it_holds_is_refused(
    rows: list[Any], changes: dict[str, Any]
) -> None:
    with pytest.raises(ContractError, match="the market on 2024-03-05"):
        _read(*rows, **changes)


def test_recorded_answers_are_read(polygon_recorded: Path) -> None:
    (day,) = sessions("2020-10-14", "2020-10-14")
    for body in _recorded(polygon_recorded):
        tickers = frozenset(row["T"] for row in body["results"])
        question = MarketQuestion(day, tickers)
        with pytest.raises(ContractError, match="adjusted"):
            read_market(json.dumps(body).encode(), question, quote=_QUOTE)
        raw = json.dumps(body | {"adjusted": False}).encode()
        answer = read_market(raw, question, quote=_QUOTE)
        assert {t: bars.close[0] for t, bars in answer.bars.items()} == {
            row["T"]: row["c"] for row in body["results"]
        }


def _recorded(folder: Path) -> Iterator[dict[str, Any]]:
    found = [*folder.glob("*/grouped_stocks.json"), *folder.glob("*/v2_aggs_grouped_*.json")]
    assert len(found) == 2
    for path in found:
        yield json.loads(path.read_text())
