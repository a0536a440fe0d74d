"""The installed sources, each asked how it is; one that raises or hangs is named."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from functools import partial

from leanfeed import configured, registry
from leanfeed.background import in_background
from leanfeed.config import Settings
from leanfeed.doctor.check import Check
from leanfeed.errors import LeanfeedError, UnavailableError
from leanfeed.interfaces import DataSource, Diagnosing, Examining, Finding

__all__ = ["look_at"]


def look_at(settings: Settings, *, limit: float) -> Iterator[Check]:
    """What each source finds: those of the chain first, in its order, then the others.

    Of a source that the chain can do without only its first problem, or that it can be asked.

    Args:
        settings: the chain, and the settings of the sources.
        limit: seconds that a source may be silent.
    """
    needed = configured.needed(settings)
    ready = {type(s).__name__: s for s in settings.sources if not isinstance(s, str)}
    for name in dict.fromkeys([*needed, *registry.installed().sources]):
        make = partial(_ready, ready[name]) if name in ready else partial(_made, settings, name)
        is_needed = name in needed
        with closing(_heard(make, limit)) as findings:
            for finding in findings if is_needed else _first_problem(findings):
                yield Check(name, finding.topic, finding.is_well, finding.text, is_needed=is_needed)


def _ready(source: DataSource) -> DataSource:
    return source


def _made(settings: Settings, name: str) -> DataSource:
    return configured.source(settings, name)


def _first_problem(findings: Iterable[Finding]) -> Iterator[Finding]:
    """It alone; without any the first of the findings."""
    first = None
    for finding in findings:
        first = first or finding
        if not finding.is_well:
            yield finding
            return
    if first:
        yield first


def _heard(make: Callable[[], DataSource], limit: float) -> Generator[Finding, None, None]:
    """The findings of one source, as far as it comes."""
    problems = set()
    try:
        for finding in in_background(partial(_findings, make), silence_limit=limit):
            if not isinstance(finding, Finding):
                yield Finding("examine", False, f"gave {type(finding).__name__}, not a Finding.")
                return
            if finding.text in problems:
                continue
            if not finding.is_well:
                problems.add(finding.text)
            yield finding
    except UnavailableError:  # its own errors are findings, so this is what waited for it
        yield Finding("examine", False, f"Nothing was heard of it for {limit:g} s.")


def _findings(make: Callable[[], DataSource]) -> Iterator[Finding]:
    try:
        source = make()
        problem = source.diagnose() if isinstance(source, Diagnosing) else None
        yield Finding("ready", not problem, problem or "can be asked")
        if isinstance(source, Examining):
            yield from source.examine()
    except LeanfeedError as error:
        yield Finding("settings", False, str(error))
    except (Exception, SystemExit) as error:  # a stranger's plugin may fail in any way
        yield Finding("examine", False, f"It raised {type(error).__name__}: {error}")
