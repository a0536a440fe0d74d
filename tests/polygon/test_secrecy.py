from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from leanfeed.errors import AuthenticationError, ContractError, SourceError
from leanfeed.events import listening
from leanfeed.values import Gap
from tests.build import series, sessions
from tests.polygon.conftest import Connect
from tests.polygon_server import PolygonServer, Reply, Seen, error, first, synthetic

_WEEK = sessions("2024-03-04", "2024-03-08")
_GAP = Gap(series(), _WEEK)


@pytest.fixture
def server() -> Iterator[PolygonServer]:
    with PolygonServer({("SPY", "minute"): synthetic(_WEEK, density=0.1)}) as running:
        yield running


def test_a_wrong_key_is_named_and_not_shown(server: PolygonServer, connect: Connect) -> None:
    with pytest.raises(AuthenticationError, match="Unknown API Key") as caught:
        list(connect(server, api_key="wrong-key").fetch([_GAP]))
    assert "wrong-key" not in str(caught.value)


@pytest.mark.parametrize("status", [200, 302])
def test_another_host_never_hears_of_the_key(
    server: PolygonServer, connect: Connect, status: int
) -> None:
    with PolygonServer({}) as stranger:
        path = f"/v2/aggs/ticker/SPY/range/1/minute/{_WEEK[1].extended[0]}/2024-03-09"
        text = '{"status":"OK","ticker":"SPY","resultsCount":0,"next_url":"%s"}'
        url = f"{stranger.url}{path}"
        reply = Reply(status, (text % url).encode(), {"Location": url})
        server.faults.append(first(99, reply))
        with pytest.raises(ContractError):
            list(connect(server).fetch([_GAP]))
        assert stranger.seen == []


def test_the_key_is_in_the_header_and_nowhere_else(
    server: PolygonServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    heard: list[object] = []

    def echo(_seen: Seen, honest: Reply) -> Reply:
        return error(401, error=f"{server.key} is\r\nunknown\x1b[31m")

    source = connect(server)
    with listening(heard.append):
        list(source.fetch([_GAP]))
        server.faults.append(echo)
        with pytest.raises(AuthenticationError) as caught:
            list(source.fetch([_GAP]))
    assert r"*** is\r\nunknown\x1b[31m" in str(caught.value)
    assert all(seen.headers["authorization"] == f"Bearer {server.key}" for seen in server.seen)
    assert len(heard) == 2
    shown = [source, *heard, repr(caught.value), caplog.text, *map(repr, _causes(caught.value))]
    shown += [seen.path + str(seen.params) for seen in server.seen]
    assert server.key not in " ".join(map(str, shown))


@pytest.mark.parametrize("words", ["not entitled to this data", "this data timeframe"])
def test_a_plan_that_echoes_the_key_does_not_show_it(
    server: PolygonServer, connect: Connect, words: str
) -> None:
    server.faults.append(first(99, error(403, message=f"{server.key} has {words}")))
    with pytest.raises(SourceError, match=rf"\*\*\* has {words}") as caught:
        list(connect(server).fetch([_GAP]))
    assert server.key not in " ".join(map(repr, _causes(caught.value)))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__
