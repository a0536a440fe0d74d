"""What people may ask for, and what is refused before anything happens."""

from __future__ import annotations

import datetime as dt

import pytest

from leanfeed import InvalidRequestError, Request, Resolution, Symbol

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)


def request(*tickers: str, start: str = "2024-01-02", end: str | None = None) -> Request:
    return Request(
        [Symbol(ticker) for ticker in tickers],
        [Resolution.MINUTE],
        dt.date.fromisoformat(start),
        dt.date.fromisoformat(end) if end else None,
        asked_at=NOW,
    )


@pytest.mark.parametrize(
    ("text", "ticker"),
    [
        ("spy", "SPY"),
        ("aApL", "AAPL"),
        ("brk.b", "BRK.B"),
        ("AAMpA", "AAMpA"),
        ("CpP", "CpP"),
        ("MTBpC.CL", "MTBpC.CL"),
        ("METw", "METw"),
        ("NFC.Uw", "NFC.Uw"),
        ("XYZ.WS.A", "XYZ.WS.A"),
    ],
)
def test_ticker_is_upper_case_but_for_letters_with_a_meaning(text: str, ticker: str) -> None:
    assert Symbol(text).ticker == ticker
    assert Symbol(text).file_ticker == ticker.lower()


@pytest.mark.parametrize("word", ["CON", "PRN", "NUL", "NA", "NAN", "TRUE", "ON", "NO", "ALL", "Y"])
def test_real_tickers_that_parsers_eat_are_accepted(word: str) -> None:
    assert Symbol(word).ticker == word


@pytest.mark.parametrize(
    "text",
    ["", " ", "../../etc/passwd", "..", "/abs", "C:\\x", "AAPL\n", "AAPL\r\nX", "\x1b[31m",
     "A" * 64, "ААРL", "ＡＡＰＬ", "İBM", "ıbm", "ß", "ſPY", "ﬁ",
     "AAPL;ls", "--help", "-rf", "%2e%2e", "AAPL?limit=1", "A..B", ".A", "A.", "A_B"],
)  # fmt: skip
def test_what_is_no_ticker_is_refused_in_one_printable_line(text: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Symbol(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("text", ["BRK-B", "BRK/B", "BRK B"])
def test_other_spellings_of_a_share_class_get_a_hint(text: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"BRK\.B"):
        Symbol(text)


@pytest.mark.parametrize("market", ["../../..", "/etc", "", "USA ", "u" * 31, "usa\n"])
def test_what_is_no_market_is_refused(market: str) -> None:
    with pytest.raises(InvalidRequestError, match="not a market"):
        Symbol("SPY", market=market)


def test_provider_prefix_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="prefix"):
        Symbol("X:BTCUSD")


def test_one_symbol_in_several_spellings_is_one() -> None:
    assert [s.ticker for s in request("aapl", "AAPL", "aApL").symbols] == ["AAPL"]


def test_two_symbols_of_one_file_are_refused() -> None:
    with pytest.raises(InvalidRequestError, match="AMpB and AMPB"):
        request("AMpB", "AMPB")


def test_nothing_asked_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="at least one"):
        request()
    with pytest.raises(InvalidRequestError, match="resolution"):
        Request([Symbol("SPY")], [], dt.date(2024, 1, 2), asked_at=NOW)


@pytest.mark.parametrize(
    ("start", "end", "word"),
    [
        ("2024-01-03", "2024-01-02", "before the start"),
        ("2999-01-01", None, "future"),
        ("2024-01-02", "2024-06-05", "future"),
    ],
)
def test_impossible_windows_are_refused(start: str, end: str | None, word: str) -> None:
    with pytest.raises(InvalidRequestError, match=word):
        request("SPY", start=start, end=end)


def test_today_may_be_asked_for_anywhere_on_earth() -> None:
    assert request("SPY", end="2024-06-04").end == dt.date(2024, 6, 4)


def test_negative_warmup_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="warm-up"):
        Request([Symbol("SPY")], [Resolution.DAILY], dt.date(2024, 1, 2), warmup=-1, asked_at=NOW)
