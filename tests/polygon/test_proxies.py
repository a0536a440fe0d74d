"""Proxies of the environment are used, never shown, and never given the key."""

from __future__ import annotations

import base64
import os
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from leanfeed.errors import ConfigurationError, SourceError, UnavailableError
from leanfeed.events import Event, RequestAnswered, listening
from leanfeed.values import Gap
from leanfeed_polygon.source import PolygonSource
from tests import build
from tests.polygon.certificates import NAME, Authority
from tests.polygon.conftest import Connect
from tests.polygon.proxy_server import ProxyServer
from tests.polygon_server import PolygonServer, synthetic

_WEEK = build.sessions("2024-03-04", "2024-03-08")
_GAP = Gap(build.series(), _WEEK)
_MARKET = {("SPY", "minute"): synthetic(_WEEK, density=0.01)}
_PASSWORD = "open-sesame"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def server(authority: Authority) -> Iterator[PolygonServer]:
    with PolygonServer(_MARKET, tls=authority.context()) as running:
        yield running


@pytest.fixture
def far(server: PolygonServer, authority: Authority, connect: Connect) -> PolygonSource:
    """A source for a host that only a proxy finds."""
    return connect(server, base_url=f"https://{NAME}", ca_file=str(authority.certificate))


def failed(source: PolygonSource) -> tuple[str, int]:
    """The message of a fetch that must fail, which shows no password, and the number of tries."""
    heard: list[Event] = []
    with listening(heard.append), pytest.raises(UnavailableError) as caught:
        list(source.fetch([_GAP]))
    full = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert _PASSWORD not in "".join(full.format())
    return str(caught.value), sum(isinstance(event, RequestAnswered) for event in heard)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_proxy_of_the_environment_is_used_and_sees_no_key(
    server: PolygonServer,
    far: PolygonSource,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    scheme: str,
) -> None:
    with ProxyServer(server.port) as proxy:
        monkeypatch.setenv(variable, f"{scheme}me:{_PASSWORD}%21@{proxy.address}")
        assert len(list(far.fetch([_GAP]))) == 5
    (head,) = proxy.heads
    assert head.startswith(f"CONNECT {NAME}:443 HTTP/1.")
    told = base64.b64encode(f"me:{_PASSWORD}!".encode()).decode()
    assert f"proxy-authorization: Basic {told}".lower() in head.lower()
    assert server.key.encode() not in proxy.bytes_seen
    (seen,) = server.seen
    assert "proxy-authorization" not in seen.headers


def test_hosts_of_no_proxy_are_asked_directly(
    server: PolygonServer, far: PolygonSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProxyServer(server.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        monkeypatch.setenv("NO_PROXY", "other.example, .polygon.test")
        message, _ = failed(far)
    assert f"cannot be reached at https://{NAME}: its name has no address" in message
    assert proxy.heads == []


def test_this_machine_is_asked_directly_unless_a_proxy_is_asked_for(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PolygonServer(_MARKET) as server, ProxyServer(server.port) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{proxy.address}")
        assert len(list(connect(server).fetch([_GAP]))) == 5
        assert proxy.heads == []
        asked = connect(server, proxy=f"http://{proxy.address}")
        assert len(list(asked.fetch([_GAP]))) == 5
        assert len(proxy.heads) == 1


@pytest.mark.parametrize(
    ("status", "tries", "words"),
    [
        (407, 1, "wants another user or password: https://{} through http://{}, HTTP 407"),
        (403, 1, "does not connect: https://{} through http://{}, HTTP 403"),
        (502, 5, "does not connect: https://{} through http://{}, HTTP 502"),
    ],
)
def test_proxy_that_refuses_is_named_without_user_and_password(
    server: PolygonServer,
    far: PolygonSource,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    tries: int,
    words: str,
) -> None:
    with ProxyServer(server.port, status=status) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:{_PASSWORD}@{proxy.address}")
        message, tried = failed(far)
    assert words.format(NAME, proxy.address) in message
    assert "me:" not in message
    assert tried == tries
    assert server.seen == []


def test_refusal_of_a_proxy_without_a_tunnel_is_the_same(connect: Connect) -> None:
    with PolygonServer(_MARKET) as server, ProxyServer(server.port, status=407) as proxy:
        message, tries = failed(connect(server, proxy=f"http://{proxy.address}"))
    assert "wants a user and a password" in message
    assert tries == 1


def test_proxy_that_is_not_there_is_named(
    far: PolygonSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{_PASSWORD}@127.0.0.1:1")
    message, tries = failed(far)
    assert f"https://{NAME} through http://127.0.0.1:1: Connection refused" in message
    assert tries == 5


@pytest.mark.parametrize(
    "proxy",
    [f"socks5://me:{_PASSWORD}@127.0.0.1:1", f"http://me:{_PASSWORD}@", "http://[", "ftp://a",
     f"http://me:{_PASSWORD}@127.0.0.1:port", f"http://me:{_PASSWORD}@a b"],
)  # fmt: skip
def test_proxy_that_cannot_be_used_ends_the_source_only(
    far: PolygonSource, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    message, tries = failed(far)
    assert "none that leanfeed can use" in message
    assert tries == 0


def test_key_is_not_sent_to_a_far_proxy_in_plain_text(connect: Connect) -> None:
    with PolygonServer(_MARKET) as server:
        source = connect(server, proxy="http://proxy.example:3128")
        with pytest.raises(ConfigurationError, match="unencrypted"):
            list(source.fetch([_GAP]))


@pytest.mark.parametrize(
    "proxy", [f"http://me:{_PASSWORD}@127.0.0.1:3128", "socks5://127.0.0.1", "127.0.0.1:3128"]
)
def test_proxy_of_the_settings_is_an_address_without_a_password(proxy: str) -> None:
    with pytest.raises(ConfigurationError, match="proxy is") as caught:
        PolygonSource(proxy=proxy)
    assert _PASSWORD not in str(caught.value)


def test_netrc_is_not_read(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    with PolygonServer(_MARKET) as server:
        list(connect(server).fetch([_GAP]))
        assert {seen.headers["authorization"] for seen in server.seen} == {f"Bearer {server.key}"}


def test_host_without_a_name_or_a_way_is_told_apart() -> None:
    with pytest.raises(SourceError, match="its name has no address"):
        list(_at("https://polygon.invalid").fetch([_GAP]))
    with pytest.raises(SourceError, match=r"127\.0\.0\.1:1: Connection refused"):
        list(_at("http://127.0.0.1:1").fetch([_GAP]))


def _at(base_url: str) -> PolygonSource:
    return PolygonSource(api_key="k", base_url=base_url, retries=0)
