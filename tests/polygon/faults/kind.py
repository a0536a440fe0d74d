"""One kind of fault: what the server does instead of answering, and how a run has to end."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from leanfeed.cli.exit_codes import ExitCode
from tests.polygon.replies import Fault, Reply, Seen

__all__ = [
    "HARMLESS",
    "KEY_REFUSED",
    "RATE_REFUSED",
    "REFUSED",
    "TRANSIENT",
    "UNTRUE",
    "End",
    "Kind",
    "Mode",
    "Scene",
    "fault",
    "text",
]


@frozen
class End:
    """How a run ends in which the fault has its effect."""

    #: The class of the failure in the report; empty: the run is complete.
    error: str = ""
    exit_code: ExitCode = ExitCode.COMPLETE
    #: Another try gets the honest answer, so only a fault that stays has an effect.
    passes: bool = False


HARMLESS = End()
TRANSIENT = End("UnavailableError", ExitCode.UNAVAILABLE, passes=True)
RATE_REFUSED = End("RateLimitedError", ExitCode.RATE_LIMITED, passes=True)
UNTRUE = End("ContractError", ExitCode.INCOMPLETE)
REFUSED = End("SourceError", ExitCode.INCOMPLETE)
KEY_REFUSED = End("AuthenticationError", ExitCode.CONFIGURATION)


@frozen
class Scene:
    """What a fault has to go by: one request, and what an honest server would answer."""

    seen: Seen
    honest: Reply
    #: Scheme, host and port of a server that must never see a request.
    other_host: str

    @property
    def key(self) -> str:
        return self.seen.headers["authorization"].removeprefix("Bearer ")

    @property
    def host(self) -> str:
        return self.seen.headers["host"]

    @property
    def body(self) -> bytes:
        """The honest body, inflated."""
        is_gzip = self.honest.headers.get("Content-Encoding") == "gzip"
        return gzip.decompress(self.honest.body) if is_gzip else self.honest.body

    @property
    def page(self) -> dict[str, Any]:
        """The honest page, for changes."""
        page: dict[str, Any] = json.loads(self.body)
        return page


@frozen
class Kind:
    """A fault by name. Where `commit` gives None, the request is none of its business."""

    name: str
    commit: Reply | Callable[[Scene], Reply | None]
    end: End
    #: Settings of the source that the run needs, for it to end soon.
    settings: Mapping[str, str] = field(factory=dict, kw_only=True)


class Mode(StrEnum):
    """Which of the requests that a kind concerns it strikes."""

    ONCE = "once"
    OFTEN = "often"
    ALWAYS = "always"

    def strikes(self, count: int) -> bool:
        """Does it strike the request number `count`, from 0?

        `OFTEN` is every third one, four times: so no request is ever out of tries.
        """
        if self is Mode.OFTEN:
            return count % 3 == 1 and count < 12
        return self is Mode.ALWAYS or count == 0


def fault(kind: Kind, mode: Mode, *, other_host: str) -> Fault:
    """Make a test server commit it."""
    concerned = itertools.count()

    def strike(seen: Seen, honest: Reply) -> Reply:
        scene = Scene(seen, honest, other_host)
        bad = kind.commit if isinstance(kind.commit, Reply) else kind.commit(scene)
        return bad if bad and mode.strikes(next(concerned)) else honest

    return strike


def text(content: Any, status: int = 200, **headers: str) -> Reply:
    """An answer that is not compressed; what is neither text nor bytes becomes JSON."""
    if not isinstance(content, str | bytes):
        content = json.dumps(content)
    body = content.encode() if isinstance(content, str) else content
    return Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})
