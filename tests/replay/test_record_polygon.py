"""A real source on real sockets, well and ill: replayed without its provider it says the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

import leanfeed
from tests import build
from tests.polygon_server import Fault, PolygonServer, Reply, Seen, error, synthetic
from tests.replay.test_record import story, texts, zips

KEY = "key+of/7=digits"
SESSIONS = build.sessions("2024-11-18", "2024-11-29")
ASKED = {"resolution": "minute,daily", "start": "2024-11-18", "end": "2024-11-29"}


def spent(seen: Seen, reply: Reply) -> Reply:
    return error(429, error="Too many requests") if "QQQ" in seen.path else reply


def cut(seen: Seen, reply: Reply) -> Reply:
    return evolve(reply, body=reply.body[: len(reply.body) // 2]) if "QQQ" in seen.path else reply


def refused(seen: Seen, reply: Reply) -> Reply:
    return error(401, error=f"Unknown API Key {KEY}")


@pytest.mark.parametrize("fault", [None, spent, cut, refused])
def test_polygon_is_replayed_without_polygon(
    fault: Fault | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = {
        (ticker, timespan): synthetic(SESSIONS, timespan, density=0.1, seed=seed)
        for seed, ticker in enumerate(("SPY", "QQQ"))
        for timespan in ("minute", "day")
    }
    monkeypatch.setenv("LEANFEED_POLYGON_RETRIES", "0")
    with PolygonServer(market, key=KEY, faults=[fault] if fault else []) as server:
        monkeypatch.setenv("POLYGON_API_KEY", server.key)
        monkeypatch.setenv("POLYGON_BASE_URL", server.url)
        first = leanfeed.ensure(
            ["SPY", "QQQ"], data_folder="data", sources="polygon", record="rec", **ASKED
        )
    monkeypatch.delenv("POLYGON_API_KEY")
    again = leanfeed.ensure(["SPY", "QQQ"], data_folder="data2", replay="rec", **ASKED)
    assert story(again) == story(first)
    assert zips("data2") == zips("data")
    assert bool(first.failures) == bool(fault)
    everything = "".join(texts("rec").values()) + "".join(map(str, Path("rec").rglob("*")))
    assert KEY not in everything
    assert "digits" not in everything
    if not fault:
        assert "_trade 2024-11-18.." in everything
