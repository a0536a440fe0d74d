"""The line to one host: its connections, one request on it, and the answer as it came."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from time import monotonic

from attrs import define, field, frozen
from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Timeout
from urllib3.exceptions import HTTPError

from leanfeed.errors import ConfigurationError, UnavailableError
from leanfeed.events import RequestAnswered, announce
from leanfeed_polygon.bodies import CHUNK, read_body
from leanfeed_polygon.clocks import seconds_ahead
from leanfeed_polygon.proxies import Proxy, proxy_for
from leanfeed_polygon.reach import unreachable
from leanfeed_polygon.refusals import Quote
from leanfeed_polygon.wires import Wires

__all__ = ["Line", "Reply"]


@frozen
class Reply:
    """An answer whose body is whole."""

    status: int
    body: bytes
    request_id: str
    retry_after: str
    #: See :func:`~leanfeed_polygon.clocks.seconds_ahead`.
    seconds_ahead: float


@define(eq=False)
class Line:
    """Sends requests to one host and nowhere else, from any number of threads.

    Redirects are not followed. Certificates are always checked, and nothing older than TLS 1.2 is
    spoken. A ``.netrc`` is not read.

    Raises:
        ConfigurationError: the certificates or the proxy of the settings cannot be used.
        UnreachableError: the proxy of the environment cannot be used.
    """

    base_url: str
    #: The source's name in what is announced.
    name: str
    #: Makes foreign text fit for a message.
    quote: Quote = field(repr=False)
    #: Sent with each request.
    headers: Mapping[str, str] = field(repr=False)
    #: Connections that are kept.
    size: int
    #: Whose certificates are trusted instead of the system's; empty: the system's.
    ca_file: str = ""
    #: The address of a proxy; empty: as the environment says.
    proxy: str = ""
    _wires: Wires = field(factory=Wires, init=False, repr=False)
    _proxy: Proxy | None = field(init=False)
    _pool: PoolManager = field(init=False, repr=False)

    @_proxy.default
    def _find_proxy(self) -> Proxy | None:
        return proxy_for(self.base_url, asked=self.proxy)

    @_pool.default
    def _make_pool(self) -> PoolManager:
        proxy = self._proxy
        urls = (self.base_url, proxy.url if proxy else "")
        tls = _tls(self.ca_file) if any(url.startswith("https:") for url in urls) else None
        if proxy is None:
            pool = PoolManager(num_pools=1, maxsize=self.size, ssl_context=tls)
        else:
            pool = ProxyManager(
                proxy.url,
                num_pools=1,
                proxy_headers=proxy.headers,
                proxy_ssl_context=tls,
                maxsize=self.size,
                ssl_context=tls,
            )
        return self._wires.guard(pool)

    @property
    def where(self) -> str:
        """The address, and through which proxy it is asked."""
        return f"{self.base_url} through {self._proxy.url}" if self._proxy else self.base_url

    def exchange(
        self, target: str, *, deadline: float, method: str = "GET", is_retry: bool = False
    ) -> Reply:
        """Send one request for `target`, a path with its query, and take the whole answer.

        Raises:
            StoppedError: :meth:`cut` was called before anything was sent.
            UnavailableError: no whole answer came, within `deadline` seconds or at all.
            ContractError: the answer is too large.
        """
        started, sent = monotonic(), time.time()
        with self._wires.exchange(deadline):
            response: BaseHTTPResponse | None = None
            sizes: list[int] = []
            try:
                response = self._pool.urlopen(
                    method,
                    self.base_url + target,
                    headers=self.headers,
                    redirect=False,
                    retries=False,
                    preload_content=False,
                    decode_content=False,
                    timeout=Timeout(connect=5, read=30),
                )
                came, headers = time.time(), response.headers
                encoding = headers.get("Content-Encoding", "identity").lower()
                return Reply(
                    response.status,
                    read_body(_metered(response, sizes), encoding=encoding),
                    headers.get("X-Request-Id", ""),
                    headers.get("Retry-After", ""),
                    seconds_ahead(
                        headers.get("Date", ""), headers.get("Age", ""), sent=sent, came=came
                    ),
                )
            except (HTTPError, OSError) as error:
                if monotonic() - started >= deadline:
                    raise UnavailableError(
                        f"Polygon cannot be reached at {self.where}: no whole answer came within "
                        f"{deadline:.3g} s. Check the network and run again."
                    ) from None
                raise unreachable(
                    error,
                    where=self.where,
                    quote=self.quote,
                    is_answering=response is not None,
                ) from None
            finally:
                announce(
                    RequestAnswered(
                        source=self.name,
                        target=target,
                        status=response.status if response else 0,
                        bytes_fetched=sum(sizes),
                        duration_seconds=monotonic() - started,
                        is_retry=is_retry,
                    )
                )
                if response:
                    response.close()  # returns a connection that is read to its end

    def cut(self) -> None:
        """End every exchange at once, and let none begin; from any thread."""
        self._wires.cut()

    def close(self) -> None:
        """End every exchange, and give the connections back."""
        self.cut()
        self._pool.clear()


def _tls(ca_file: str) -> ssl.SSLContext:
    """Without a file OpenSSL's own variables hold, ``SSL_CERT_FILE`` and ``SSL_CERT_DIR``."""
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:  # so is ssl.SSLError
        reason = error.strerror or "it holds no certificate"
        raise ConfigurationError(
            f"ca_file is {ca_file!r}, which cannot be used: {reason}. Name a file of certificates "
            "in PEM."
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _metered(response: BaseHTTPResponse, sizes: list[int]) -> Iterator[bytes]:
    """The body as it comes over the wire; the size of each part is added to `sizes`."""
    for chunk in response.stream(CHUNK, decode_content=False):
        sizes.append(len(chunk))
        yield chunk
