"""Which proxy stands between this machine and the provider, by the environment or the settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from attrs import field, frozen
from urllib3.util import make_headers

from leanfeed.addresses import is_loopback
from leanfeed.errors import ConfigurationError
from leanfeed_polygon.refusals import UnreachableError

__all__ = ["Proxy", "proxy_for"]


@frozen
class Proxy:
    """Whom to connect to instead of the provider."""

    #: Scheme, host and port, without user and password.
    url: str
    #: What tells the proxy user and password.
    headers: Mapping[str, str] = field(repr=False)


def proxy_for(base_url: str, *, asked: str) -> Proxy | None:
    """The proxy that was asked for, or the one that the environment names for an address.

    ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY`` in either case, and what the operating system
    has set, as :func:`urllib.request.getproxies` finds them. This machine is never asked through a
    proxy of the environment.

    Raises:
        ConfigurationError: the key would travel unencrypted to another machine.
        UnreachableError: the environment names a proxy that cannot be used.
    """
    base = urlsplit(base_url)
    if asked:
        if base.scheme == "http" and not is_loopback(urlsplit(asked).hostname or ""):
            raise ConfigurationError(
                f"proxy would be sent the key unencrypted, because base_url is {base_url}: use "
                "https in base_url."
            )
        return Proxy(asked, {})
    if is_loopback(base.hostname or "") or proxy_bypass(base.netloc):
        return None
    proxy = _of_environment(base.scheme)
    if proxy and not proxy.url:
        raise UnreachableError(
            "The proxy that HTTPS_PROXY or ALL_PROXY names is none that leanfeed can use. Give "
            "one such as http://proxy.example:3128, or name Polygon's host in NO_PROXY."
        )
    return proxy


def _of_environment(scheme: str) -> Proxy | None:
    """The proxy named for a scheme, without an address when it cannot be used.

    Raises nothing, for what is raised carries along its frame, and that the password.
    """
    named = getproxies()
    text = named.get(scheme) or named.get("all")
    if not text:
        return None
    try:
        url = urlsplit(text if "://" in text else f"http://{text}")
        host, port = url.hostname or "", url.port
    except ValueError:
        return Proxy("", {})
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", host) or url.scheme not in ("http", "https"):
        return Proxy("", {})
    headers: Mapping[str, str] = {}
    if url.username is not None:
        who = f"{unquote(url.username)}:{unquote(url.password or '')}"
        headers = make_headers(proxy_basic_auth=who)
    bracketed = f"[{host}]" if ":" in host else host
    return Proxy(f"{url.scheme}://{bracketed}" + (f":{port}" if port else ""), headers)
