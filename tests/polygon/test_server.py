from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import urllib3

from tests.build import sessions
from tests.polygon.wire_format import rows
from tests.polygon_server import PolygonServer, synthetic

_DAYS = sessions("2024-03-07", "2024-03-12")


def _get(server: PolygonServer, target: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {server.key}", "Accept-Encoding": "gzip"}
    url = target if "://" in target else server.url + target
    path = url.replace("https://api.polygon.io", server.url)
    answer = urllib3.request("GET", path, headers=headers)
    body: dict[str, Any] = answer.json()
    return body


def test_hours_start_on_the_hour_and_mix_pre_market_with_regular_minutes() -> None:
    bars = synthetic(_DAYS[:1])
    with PolygonServer({("SPY", "minute"): bars}) as server:
        body = _get(server, "/v2/aggs/ticker/SPY/range/1/hour/2024-03-07/2024-03-07?limit=50000")
        paged = _get(server, "/v2/aggs/ticker/SPY/range/1/hour/2024-03-07/2024-03-07?limit=100")
    assert (body["queryCount"], body["resultsCount"]) == (960, 16)
    opening = _DAYS[0].regular[0][0]
    (mixed,) = (row for row in body["results"] if row["t"] < opening < row["t"] + 3_600_000)
    assert mixed["o"] == bars.open[np.searchsorted(bars.time, opening - 1_800_000)]
    # A limit of 100 minutes leaves one whole hour.
    assert (paged["queryCount"], paged["resultsCount"]) == (100, 1)
    assert f"/{body['results'][1]['t']}/" in paged["next_url"]


def test_pages_follow_each_other_and_dates_are_new_york_s() -> None:
    bars = synthetic(_DAYS, "day")
    target = "/v2/aggs/ticker/SPY/range/1/day/2024-03-08/2024-03-11?adjusted=false&limit=1"
    with PolygonServer({("SPY", "day"): bars}) as server:
        first = _get(server, target)
        second = _get(server, first["next_url"])
    assert [page["results"][0]["t"] for page in (first, second)] == bars.time[1:3].tolist()
    assert [page["adjusted"] for page in (first, second)] == [False, False]
    assert "next_url" not in second


def test_nothing_traded_is_an_answer_without_results() -> None:
    with PolygonServer({}) as server:
        body = _get(server, "/v2/aggs/ticker/SPY/range/1/minute/2024-03-08/2024-03-11")
    assert "results" not in body
    assert (body["resultsCount"], body["status"], body["adjusted"]) == (0, "OK", True)


@pytest.mark.parametrize(
    ("volume", "text"),
    [(112117471.0, "1.12117471e+08"), (394280.0, "394280"), (1e6, "1e+06"), (9099.618093,) * 2],
)
def test_numbers_are_written_as_go_writes_them(volume: float, text: object) -> None:
    bars = synthetic(_DAYS[:1], "day")
    bars.volume[0] = volume
    assert rows(bars).startswith(f'{{"v":{text},')
    assert json.loads(rows(bars))["v"] == volume
