"""One kind of fault: what the server does instead of answering, and how a run has to end."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from threading import Lock
from typing import Any

from attrs import define, field, frozen

from leanfeed.cli.exit_codes import ExitCode
from tests.polygon.replies import Reply, Seen

__all__ = [
    "BARRED",
    "HARMLESS",
    "KEY_REFUSED",
    "RATE_REFUSED",
    "REFUSED",
    "TRANSIENT",
    "UNTRUE",
    "Culprit",
    "End",
    "Kind",
    "Mode",
    "Scene",
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

    def code(self, *, is_any_written: bool) -> ExitCode:
        """The exit code: a provider that gave something could be reached."""
        if self.exit_code is ExitCode.UNAVAILABLE and is_any_written:
            return ExitCode.INCOMPLETE
        return self.exit_code


HARMLESS = End()
TRANSIENT = End("UnavailableError", ExitCode.UNAVAILABLE, passes=True)
RATE_REFUSED = End("RateLimitedError", ExitCode.RATE_LIMITED, passes=True)
BARRED = End("UnavailableError", ExitCode.UNAVAILABLE)
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

        `OFTEN` is every third one, four times at most.
        """
        if self is Mode.OFTEN:
            return count % 3 == 1 and count < 12
        return self is Mode.ALWAYS or count == 0


@define
class Culprit:
    """A test server's fault: commits one kind in one mode, and counts.

    Often is not twice running for one question: so none is ever out of tries.
    """

    kind: Kind
    mode: Mode
    #: See :class:`Scene`.
    other_host: str
    #: Requests that the kind concerned, and those that it struck.
    concerned: int = 0
    struck: int = 0
    _last_path: str = ""
    _lock: Lock = field(factory=Lock)

    def __call__(self, seen: Seen, honest: Reply) -> Reply:
        commit = self.kind.commit
        bad = commit if isinstance(commit, Reply) else commit(Scene(seen, honest, self.other_host))
        if bad is None:
            return honest
        with self._lock:
            is_again = self.mode is Mode.OFTEN and seen.path == self._last_path
            strikes = self.mode.strikes(self.concerned) and not is_again
            self.concerned += 1
            if strikes:
                self.struck += 1
                self._last_path = seen.path
        return bad if strikes else honest


def text(content: Any, status: int = 200, **headers: str) -> Reply:
    """An answer that is not compressed; what is neither text nor bytes becomes JSON."""
    if not isinstance(content, str | bytes):
        content = json.dumps(content)
    body = content.encode() if isinstance(content, str) else content
    return Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})
