from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from leanfeed.interfaces import Examining, Finding
from leanfeed_polygon.source import PolygonSource
from tests.polygon.certificates import Authority
from tests.polygon.conftest import Connect
from tests.polygon_server import PolygonServer


def found(source: PolygonSource) -> dict[str, Finding]:
    assert isinstance(source, Examining)
    return {finding.topic: finding for finding in source.examine()}


def test_all_is_well_and_the_key_is_neither_shown_nor_sent(connect: Connect) -> None:
    with PolygonServer({}) as server:
        source = connect(server, tier="free")
        findings = found(source)
        assert list(findings) == ["API key", "plan", "network", "clock"]
        assert all(finding.is_well for finding in findings.values())
        assert findings["plan"].text == "tier is free: requests go out at 5 in 60 s"
        assert server.url in findings["network"].text
        assert "90 a second" in found(connect(server))["plan"].text
        assert server.key not in str(findings)
        assert len(server.seen) == 2
        assert not any("authorization" in seen.headers for seen in server.seen)


def test_without_a_key_the_rest_is_looked_at_all_the_same(connect: Connect) -> None:
    with PolygonServer({}) as server:
        findings = found(connect(server, api_key=""))
    assert not findings["API key"].is_well
    assert "POLYGON_API_KEY" in findings["API key"].text
    assert findings["network"].is_well


@pytest.mark.parametrize(("shift", "words"), [(-7200, "s ahead of"), (7200, "s behind")])
def test_clock_that_is_wrong_is_told(connect: Connect, shift: int, words: str) -> None:
    with PolygonServer({}) as server:
        server.head_date = formatdate(time.time() + shift, usegmt=True)
        clock = found(connect(server))["clock"]
    assert not clock.is_well
    assert words in clock.text


def test_provider_that_is_not_there_is_told_and_its_clock_is_not() -> None:
    findings = found(PolygonSource(api_key="k", base_url="http://127.0.0.1:1"))
    assert not findings["network"].is_well
    assert "127.0.0.1:1" in findings["network"].text
    assert "clock" not in findings


def test_certificate_and_settings_are_part_of_the_way(
    authority: Authority, connect: Connect
) -> None:
    with PolygonServer({}, tls=authority.context()) as server:
        assert found(connect(server, ca_file=str(authority.certificate)))["network"].is_well
        assert "signed by nobody" in found(connect(server))["network"].text
        assert "ca_file is" in found(connect(server, ca_file="nowhere"))["network"].text


def test_provider_that_never_answers_is_not_waited_for(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leanfeed_polygon.examination._DEADLINE", 0.3)
    with PolygonServer({}, latency=20) as server:
        started = time.monotonic()
        network = found(connect(server))["network"]
        assert time.monotonic() - started < 2
    assert "no whole answer came within 0.3 s" in network.text
