from __future__ import annotations

import pytest

from leanfeed.errors import ContractError
from leanfeed.values import SecurityType, Symbol
from leanfeed_polygon.answers import Question
from leanfeed_polygon.pages import next_target, target
from leanfeed_polygon.symbols import PREFIXES, path_part, provider_ticker
from leanfeed_polygon.windows import Timespan, windows
from tests.build import sessions

_WINDOW = windows(sessions("2024-03-08", "2024-03-11"), Timespan.MINUTE)[0]
_QUESTION = Question("BRK.B", Timespan.MINUTE, _WINDOW)
_NEXT = _WINDOW.start + 60_000
_PATH = f"/v2/aggs/ticker/BRK.B/range/1/minute/{_NEXT}/2024-03-11"


def _next(url: str, base_url: str = "https://api.polygon.io") -> str:
    return next_target(url, _QUESTION, base_url=base_url, after=_WINDOW.start)[0]


def test_minutes_are_asked_for_by_instants_and_days_by_dates() -> None:
    path, _, query = target(_QUESTION).partition("?")
    assert path == f"/v2/aggs/ticker/BRK.B/range/1/minute/{_WINDOW.start}/{_WINDOW.end - 1}"
    assert query == "adjusted=false&sort=asc&limit=50000"
    days = windows(sessions("2024-03-08", "2024-03-11"), Timespan.DAY)[0]
    assert "/range/1/day/2024-03-08/2024-03-11?" in target(Question("SPY", Timespan.DAY, days))


@pytest.mark.parametrize(
    "host",
    ["", "https://api.polygon.io", "https://api.massive.com", "https://API.massive.com:443",
     "http://127.0.0.1:8080"],
)  # fmt: skip
def test_only_path_and_query_of_next_url_are_kept(host: str) -> None:
    assert _next(f"{host}{_PATH}?cursor=abc", "http://127.0.0.1:8080") == f"{_PATH}?cursor=abc"


def test_a_key_in_next_url_is_dropped() -> None:
    assert _next(f"https://api.polygon.io{_PATH}?apiKey=k&cursor=abc") == f"{_PATH}?cursor=abc"
    assert _next(f"https://api.polygon.io{_PATH}?%61pikey=k") == _PATH


@pytest.mark.parametrize(
    "url",
    [
        f"https://evil.example{_PATH}?cursor=abc",
        f"https://api.polygon.io.evil.example{_PATH}",
        f"https://evil.example@api.polygon.io{_PATH}",
        f"https://api.polygon.io:8443{_PATH}",
        f"http://api.polygon.io{_PATH}",
        f"http://127.0.0.1:8080{_PATH}",
        f"//evil.example{_PATH}",
        f"file:///{_PATH}",
        "https://[::1",
        f"https://api.polygon.io{_PATH}\r\nHost: evil.example",
        f"https://api.polygon.io{_PATH.replace('BRK.B', 'SPY')}",
        f"https://api.polygon.io{_PATH.replace('BRK.B', 'x/../BRK.B')}",
        f"https://api.polygon.io{_PATH.replace('minute', 'second')}",
        f"https://api.polygon.io{_PATH.replace(str(_NEXT), str(_WINDOW.start))}",
        f"https://api.polygon.io{_PATH.replace(str(_NEXT), str(_WINDOW.end + 1))}",
        f"https://api.polygon.io{_PATH.replace(str(_NEXT), '2024-03-11')}",
    ],
)
def test_a_next_url_that_leads_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(ContractError, match="next_url"):
        _next(url)


@pytest.mark.parametrize(
    ("symbol", "ticker", "in_path"),
    [
        (Symbol("brk.b"), "BRK.B", "BRK.B"),
        (Symbol("AAMpA"), "AAMpA", "AAMpA"),
        (Symbol("SPX", SecurityType.INDEX), "I:SPX", "I:SPX"),
        (Symbol("BTCUSD", SecurityType.CRYPTO, "coinbase"), "X:BTCUSD", "X:BTCUSD"),
        (Symbol("EURUSD", SecurityType.FOREX, "oanda"), "C:EURUSD", "C:EURUSD"),
    ],
)
def test_polygon_spells_symbols_its_own_way(symbol: Symbol, ticker: str, in_path: str) -> None:
    assert provider_ticker(symbol) == ticker
    assert path_part(ticker) == in_path


def test_options_have_their_prefix_and_a_slash_cannot_leave_its_part_of_the_path() -> None:
    assert PREFIXES[SecurityType.OPTION] == "O:"
    assert path_part("A/../B?x") == "A%2F..%2FB%3Fx"
