"""How a call of the Lean CLI went, told by what it said: its exit code proves nothing.

All failures exit with 1 and speak on standard output, and some that look like success exit with 0.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence

from attrs import frozen

from leanfeed.errors import (
    AuthenticationError,
    RateLimitedError,
    SourceError,
    UnavailableError,
)
from leanfeed_lean_cli.program import Ending

__all__ = ["Problem", "ended_early", "finished", "no_data", "problem"]

_OTHER_VERSION = (
    "This version of the Lean CLI does not take what leanfeed gives it: update both with "
    "`pip install -U lean leanfeed`."
)
_DOCKER_PS = "`docker ps` shows whether a container named lean_cli_… is left: remove it."
_LONGEST_QUOTE = 300
#: How it exits when it has removed its container, or never had one. Python ends by SIGINT when one
#: more comes while it is exiting.
_CLEAN = (0, 1, -signal.SIGINT)

#: What it says, what that is, and what to do.
_FAILURES: Sequence[tuple[str, type[SourceError], str]] = (
    (
        "Modules json not found",
        UnavailableError,
        "Run `lean --version` once with a network: it downloads its list of providers.",
    ),
    (
        "don't have an internet connection",
        UnavailableError,
        "Connect to the internet and run again.",
    ),
    (
        "Invalid credentials, please log in",
        AuthenticationError,
        "Run `lean login`; it says the same when QuantConnect's servers fail.",
    ),
    ("UserID not valid", AuthenticationError, "Run `lean login` with the right user id."),
    (
        "Module subscription not found|No active subscription",
        AuthenticationError,
        "The organization needs QuantConnect's Polygon module: subscribe to it, or use the source "
        "polygon, which needs only the key.",
    ),
    (
        "make sure Docker is installed and running",
        UnavailableError,
        "Start Docker, and see with `docker info` that you may use it.",
    ),
    (
        "No such image",
        UnavailableError,
        "Run `docker pull quantconnect/lean:latest`, or name another image in the setting `image`; "
        "leanfeed does not pull gigabytes unasked.",
    ),
    (
        "Something went wrong while pulling",
        UnavailableError,
        "Pull the image with `docker pull` and run again.",
    ),
    (
        "Last response: (?:Unauthorized|Forbidden)|Unknown API Key|NOT_AUTHORIZED",
        AuthenticationError,
        "Polygon refuses the key, or its plan does not include this: set POLYGON_API_KEY.",
    ),
    (
        "was throttled due to too many requests|Last response: (?:TooManyRequests|429)",
        RateLimitedError,
        "Wait a minute and run again, or use the source polygon, which keeps to the limit.",
    ),
    (r"\bAborted!", UnavailableError, f"It asked for something. {_OTHER_VERSION}"),
    (
        "requires a Lean configuration file|old Lean CLI root folder|Error: 'data-folder'"
        "|Invalid value for|No such option|Missing option|start date cannot be greater"
        "|does not match the yyyyMMdd format|data provider does not support",
        UnavailableError,
        _OTHER_VERSION,
    ),
)
_CONTAINER_FAILED = "Something went wrong while running the downloader data provider"
#: What LEAN logs when something broke, in the order of how much it tells.
_CAUSES = ("Failed after|Unhandled exception", "ERROR::|Exception", _CONTAINER_FAILED)
#: What comes after the sentence that says what is wrong.
_AFTERTHOUGHT = re.compile(
    r"Visit https?://|A new release of the Lean CLI|Run `pip install --upgrade"
)

_COUNT = re.compile(r"\(([0-9]+) out of [0-9]+ symbols\)")
_NO_DATA = r"No data (?:found|returned|available) for"
_OVER = re.compile(rf"(?:Download completed for|{_NO_DATA})(?P<rest>.*)")
_WORD = re.compile(r"[A-Z0-9]+(?:\.[A-Z0-9]+)*")


@frozen
class Problem:
    """Why a call did not end well."""

    error: SourceError
    #: It may be the fault of the ticker that was under way: others may still come.
    is_about_ticker: bool = False


def problem(
    ending: Ending, lines: Sequence[str], *, deadline: float, has_container: bool = True
) -> Problem | None:
    """What went wrong, with the CLI's own words; None when it says that it succeeded.

    Args:
        ending: how the program ended.
        lines: what it said, cleaned of secrets.
        deadline: the seconds it was given.
        has_container: one may be left.
    """
    left = _left(ending, lines) if has_container else ""
    if ending.is_stopped:
        return Problem(UnavailableError(f"The run was stopped, and so was the Lean CLI.{left}"))
    # What was overcome before a ticker was completed is not why the next one failed.
    tail = lines[max((i + 1 for i, line in enumerate(lines) if _COUNT.search(line)), default=0) :]
    known = _known(tail)
    if ending.is_late:
        kind = RateLimitedError if isinstance(known, RateLimitedError) else UnavailableError
        said = f" Its last words: {_quoted(lines[-1])}." if lines else " It had said nothing."
        return Problem(
            kind(
                f"The Lean CLI was not done after {deadline:g} s.{said}{left} Raise the setting "
                "`timeout`, or ask for less at a time."
            )
        )
    if ending.exit_code == 0:
        return None
    if known is not None:
        return Problem(known)
    if any(_CONTAINER_FAILED in line for line in tail):
        return Problem(_failed(_cause(tail), "Look at what it said above."), is_about_ticker=True)
    if ending.exit_code < 0:
        return Problem(
            UnavailableError(
                f"The Lean CLI was ended from outside, by signal {-ending.exit_code}: {_DOCKER_PS}"
            )
        )
    telling = [line for line in lines if not _AFTERTHOUGHT.search(line)]
    said = telling[-1] if telling else f"nothing said, exit code {ending.exit_code}"
    return Problem(_failed(said, "Run `lean data download` by hand to see more."))


def ended_early(ending: Ending, lines: Sequence[str]) -> bool:
    """Whether it may have ended before its container did."""
    return (
        ending.is_stopped
        or ending.is_late
        or ending.exit_code not in _CLEAN
        or any("Aborted!" in line for line in lines)
    )


def _left(ending: Ending, lines: Sequence[str]) -> str:
    """What is to be said of the container, when the Lean CLI was interrupted."""
    if ending.is_killed:
        return f" It had to be killed: {_DOCKER_PS}"
    if ending.exit_code not in _CLEAN or any("Aborted!" in line for line in lines):
        return f" It may have ended before its container did: {_DOCKER_PS}"
    return ""


def finished(lines: Sequence[str], tickers: Sequence[str]) -> int:
    """How many of the tickers it says it was done with: it takes them one after the other."""
    done = 0
    for line in lines:
        if count := _COUNT.search(line):
            done = max(done, int(count[1]))
        if (match := _OVER.search(line)) and (ticker := _first(match["rest"], tickers)):
            done = max(done, tickers.index(ticker) + 1)
    return min(done, len(tickers))


def no_data(lines: Sequence[str], ticker: str) -> bool:
    """Whether it said that the provider has nothing of the ticker."""
    matches = (re.search(rf"{_NO_DATA}(.*)", line) for line in lines)
    return any(match is not None and ticker in _WORD.findall(match[1]) for match in matches)


def _known(lines: Sequence[str]) -> SourceError | None:
    """What the newest line says that means something."""
    is_overcome = False
    for line in reversed(lines):
        for text, error, advice in _FAILURES:
            if re.search(text, line) and not (is_overcome and error is RateLimitedError):
                return error(_sentence(line, advice))
        # The last answer was another one: the provider had stopped throttling.
        is_overcome = is_overcome or "Last response" in line
    return None


def _cause(lines: Sequence[str]) -> str:
    return next(line for text in _CAUSES for line in reversed(lines) if re.search(text, line))


def _failed(said: str, advice: str) -> UnavailableError:
    return UnavailableError(_sentence(said, advice))


def _sentence(said: str, advice: str) -> str:
    return f"The Lean CLI failed: {_quoted(said)}. {advice}"


def _quoted(line: str) -> str:
    line = line.removeprefix("Error: ").rstrip(".")
    return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1] + "…"


def _first(text: str, tickers: Sequence[str]) -> str:
    return next((word for word in _WORD.findall(text) if word in tickers), "")
