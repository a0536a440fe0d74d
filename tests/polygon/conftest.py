from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from leanfeed_polygon.source import PolygonSource
from tests.polygon.certificates import Authority
from tests.polygon_server import PolygonServer

Connect = Callable[..., PolygonSource]


@pytest.fixture(autouse=True)
def _quick(no_flushes: None) -> None:
    """What is tested here is what is written."""


@pytest.fixture
def connect() -> Connect:
    """A source for a server, with waits of no length."""

    def make(server: PolygonServer, **settings: Any) -> PolygonSource:
        defaults = {"api_key": server.key, "base_url": server.url, "retry_pause": 0}
        return PolygonSource(**{**defaults, **settings})

    return make


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Signs certificates that nobody else knows."""
    return Authority.made_in(tmp_path_factory.mktemp("authority"))
