"""What the settings say of the two sources that are measured."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from leanfeed import config as configuration, configured
from leanfeed.bench.report import CLI
from leanfeed.config import Settings
from leanfeed.errors import ConfigurationError
from leanfeed.interfaces import Examining

__all__ = ["answers_here", "lean_version", "replaced"]


def replaced(name: str, config: str | os.PathLike[str] | None) -> str:
    """Why another source would be asked instead of this one; empty when it would not."""
    settings = configuration.load(config=config, arguments={"sources": [name]})
    if settings.sources == (name,):
        return ""
    return f"{settings.origins['sources'].rpartition(' ')[2]} turns it off: unset it to measure."


def answers_here(settings: Settings) -> bool:
    """Whether the ``base_url`` of a source leads to this machine, and so to no provider."""
    for kind, offer in configured.offers(settings):
        if kind != "source":
            continue
        with suppress(ConfigurationError, ValueError):
            given = settings.values(kind, offer.name, offer.factory).get("base_url")
            host = urlsplit(str(given.value)).hostname if given else None
            if host == "localhost" or (host and ip_address(host).is_loopback):
                return True
    return False


def lean_version(settings: Settings) -> str:
    """The version that the Lean CLI gives, when leanfeed can use it; else empty."""
    try:
        source = configured.source(settings, CLI)
    except ConfigurationError:
        return ""
    findings = source.examine() if isinstance(source, Examining) else ()
    program = next((finding for finding in findings if finding.topic == "lean"), None)
    number = re.search(r"\d+(?:\.\d+)+", program.text) if program and program.is_well else None
    return number[0] if number else ""
