"""Who answers has to prove who it is; when it cannot, it is told why, after one try."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from leanfeed.errors import ConfigurationError, UnavailableError
from leanfeed.events import Event, RequestAnswered, listening
from leanfeed.values import Gap
from leanfeed_polygon.source import PolygonSource
from tests import build
from tests.polygon.certificates import Authority
from tests.polygon.conftest import Connect
from tests.polygon_server import PolygonServer, synthetic

_WEEK = build.sessions("2024-03-04", "2024-03-08")
_GAP = Gap(build.series(), _WEEK)
_MARKET = {("SPY", "minute"): synthetic(_WEEK, density=0.01)}


def failed(source: PolygonSource, gaps: list[Gap] | None = None) -> tuple[str, int]:
    """The message of a fetch that must fail, and how many requests were tried."""
    heard: list[Event] = []
    with listening(heard.append), pytest.raises(UnavailableError) as caught:
        list(source.fetch(gaps or [_GAP]))
    assert str(caught.value).isprintable()
    return str(caught.value), sum(isinstance(event, RequestAnswered) for event in heard)


def test_certificate_of_a_known_authority_is_believed(
    authority: Authority, connect: Connect
) -> None:
    with PolygonServer(_MARKET, tls=authority.context()) as server:
        source = connect(server, ca_file=str(authority.certificate))
        assert len(list(source.fetch([_GAP]))) == 5
        assert server.url.startswith("https://")


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_openssl_s_own_variables_hold(
    authority: Authority, connect: Connect, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    trusted = {
        "SSL_CERT_FILE": authority.certificate,
        "SSL_CERT_DIR": authority.trusted_folder(),
    }
    with PolygonServer(_MARKET, tls=authority.context()) as server:
        monkeypatch.setenv(variable, str(trusted[variable]))
        assert len(list(connect(server).fetch([_GAP]))) == 5


_Tell = Callable[[Authority], ssl.SSLContext]


@pytest.mark.parametrize(
    ("make", "is_known", "words"),
    [
        (lambda a: a.context(), False, "signed by nobody whom this machine trusts"),
        (lambda a: a.context(is_self_signed=True), True, "signed by nobody"),
        (lambda a: a.context(days=-1), True, "has expired. Check this machine's clock"),
        (lambda a: a.context("DNS:other.example"), True, "is for another address"),
    ],
    ids=["of an unknown authority", "signed by itself", "expired", "for another name"],
)
def test_certificate_that_proves_nothing_is_tried_once(
    authority: Authority, connect: Connect, make: _Tell, is_known: bool, words: str
) -> None:
    with PolygonServer(_MARKET, tls=make(authority)) as server:
        trusted = str(authority.certificate) if is_known else ""
        message, tries = failed(connect(server, ca_file=trusted))
        assert words in message
        assert server.url in message
        assert tries == 1
        many = [Gap(build.series(f"T{number}"), _WEEK) for number in range(40)]
        assert failed(connect(server, ca_file=trusted, in_flight=1), many)[1] <= 2
        assert server.seen == []


def test_wrong_name_is_told_as_such(authority: Authority, connect: Connect) -> None:
    with PolygonServer(_MARKET, tls=authority.context("IP:127.0.0.1")) as server:
        source = connect(
            server,
            base_url=f"https://localhost:{server.port}",
            ca_file=str(authority.certificate),
        )
        assert "is for another name. Check base_url" in failed(source)[0]


def test_nothing_older_than_tls_1_2_is_spoken(authority: Authority, connect: Connect) -> None:
    old = authority.context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with PolygonServer(_MARKET, tls=old) as server:
        message, tries = failed(connect(server, ca_file=str(authority.certificate)))
    assert "speaks no TLS from 1.2 on" in message
    assert tries == 1


def test_plain_text_where_tls_belongs_is_not_spoken_to(connect: Connect) -> None:
    with PolygonServer(_MARKET) as server:
        message, tries = failed(connect(server, base_url=server.url.replace("http:", "https:")))
        assert "speaks no TLS from 1.2 on: wrong version number" in message
        assert tries == 1
        assert server.seen == []


@pytest.fixture
def hanging_up() -> Iterator[str]:
    """The address of a host that ends every connection when the first bytes have come."""

    def serve() -> None:
        try:
            while True:
                connection, _ = server.accept()
                connection.recv(1)
                connection.close()
        except OSError:
            return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_handshake_that_is_broken_off_is_tried_again(hanging_up: str) -> None:
    source = PolygonSource(api_key="k", base_url=hanging_up, retry_pause=0)
    message, tries = failed(source)
    assert f"cannot be reached at {hanging_up}:" in message
    assert tries == 5


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_file_of_certificates_that_is_none_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "mine.pem"
    if content is not None:
        path.write_bytes(content)
    source = PolygonSource(api_key="k", base_url="https://127.0.0.1:1", ca_file=str(path))
    with pytest.raises(ConfigurationError, match=r"ca_file is '.*mine\.pem'.*PEM"):
        list(source.fetch([_GAP]))
