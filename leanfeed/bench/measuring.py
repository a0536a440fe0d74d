"""Asks both sources for the same window, in workspaces that are alike, one after the other."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from attrs import evolve, field, frozen

from leanfeed import clock, pipeline
from leanfeed.bench.comparison import Comparison, compare
from leanfeed.bench.machine import machine, without_paths
from leanfeed.bench.providers import answers_here, lean_version, replaced
from leanfeed.bench.report import CLI, NATIVE, BenchReport, Leg
from leanfeed.bench.workspace import make_workspace
from leanfeed.dates import Date
from leanfeed.errors import ConfigurationError, InvalidRequestError
from leanfeed.lean.paths import zip_path
from leanfeed.plans import Plan
from leanfeed.report import Report
from leanfeed.report_text import complaint
from leanfeed.request import Symbols
from leanfeed.run import Run, prepare
from leanfeed.watch import Cancel

__all__ = ["benchmark"]

#: No market is closed for longer, so that a session which is settled lies within.
_LOOK_BACK = dt.timedelta(days=14)


@frozen
class _Measured:
    """One source, once."""

    error: str | None
    report: Report | None = None
    files: frozenset[PurePosixPath] = field(factory=frozenset)


def benchmark(
    symbols: Symbols = "SPY",
    *,
    resolution: str = "minute",
    start: Date | None = None,
    end: Date | None = None,
    repeats: int = 1,
    data_folder: str | os.PathLike[str] | None = None,
    config: str | os.PathLike[str] | None = None,
    stand_in: bool = False,
    cancel: Cancel | None = None,
) -> BenchReport:
    """Fetch a window with ``polygon``, then the same with ``lean-cli``, and compare rows and times.

    Each fetches into a temporary data folder of its own that holds LEAN's metadata and no bars.
    With `repeats` they take turns; one that did not complete is not asked again. A duration is that
    of the whole of :func:`leanfeed.ensure`.

    Args:
        symbols: as for :func:`leanfeed.ensure`.
        resolution: as for :func:`leanfeed.ensure`.
        start: first trading day; `end` unless given.
        end: last trading day, inclusive; `start` unless given. Without either, the last session
            that is settled.
        repeats: how many times each is asked.
        data_folder: where the metadata is taken from, as for :func:`leanfeed.ensure`. Nothing is
            written there.
        config: as for :func:`leanfeed.ensure`.
        stand_in: stand-ins answer instead of the providers. A ``base_url`` on this machine says so
            by itself.
        cancel: as for :func:`leanfeed.ensure`.

    Raises:
        InvalidRequestError: the window has no session, or cannot be asked for.
        ConfigurationError: the settings cannot work. Those of one source are its reason not to
            complete instead.
        WriteError: the disk refused.
        CancelledError: `cancel` was set.
    """
    if repeats < 1:
        raise InvalidRequestError(f"repeats is {repeats}: use 1 or more.")
    run = prepare(config, data_folder=data_folder, sources=(NATIVE, CLI))
    plan = _planned(run, symbols, resolution, start, end)
    asked = {
        "symbols": plan.request.symbols,
        "resolution": plan.request.resolutions,
        "start": plan.window[0],
        "end": plan.window[1],
        "config": config,
        "cancel": cancel,
    }
    measured: dict[str, list[_Measured]] = {NATIVE: [], CLI: []}
    comparisons: list[Comparison] = []
    with tempfile.TemporaryDirectory(prefix="leanfeed-bench-") as folder:
        for number in range(repeats):
            turn = Path(folder, str(number))
            for name, done in measured.items():
                if not _failed(done):
                    workspace = make_workspace(turn / name, data_folder=run.data_folder)
                    done.append(_measure(name, workspace, asked))
            if not any(map(_failed, measured.values())):
                files = frozenset().union(*(done[-1].files for done in measured.values()))
                comparisons.append(compare(turn / NATIVE, turn / CLI, files))
            shutil.rmtree(turn)
    return BenchReport(
        measured_at=clock.now(),
        symbols=tuple(map(str, plan.request.symbols)),
        resolutions=tuple(map(str, plan.request.resolutions)),
        window=plan.window,
        repeats=repeats,
        stand_in=stand_in or answers_here(run.settings),
        lean_version=lean_version(run.settings),
        machine=machine(),
        native=_leg(NATIVE, measured[NATIVE]),
        cli=_leg(CLI, measured[CLI]),
        comparison=_verdict(comparisons, repeats),
    )


def _planned(
    run: Run, symbols: Symbols, resolution: str, start: Date | None, end: Date | None
) -> Plan:
    """What is measured, looked for in the user's own data folder, whose calendar counts."""
    first = start or end
    if first is None:
        recent = clock.now().date() - _LOOK_BACK
        looked = run.look(run.request(symbols, resolution=resolution, start=recent))
        first = looked.plan.window[1]
    request = run.request(symbols, resolution=resolution, start=first, end=end or first)
    plan = run.look(request).plan
    if not plan.known + plan.missing:
        raise InvalidRequestError(
            f"No session from {request.start} to {request.end} is over and settled: choose other "
            "dates."
        )
    return plan


def _measure(name: str, workspace: Path, asked: dict[str, Any]) -> _Measured:
    if reason := replaced(name, asked["config"]):
        return _Measured(reason)
    try:
        report = pipeline.ensure(**asked, data_folder=workspace, sources=[name])
    except InvalidRequestError:
        raise
    except ConfigurationError as error:
        return _Measured(without_paths(str(error)))
    files = frozenset(
        zip_path(s.series, session.date) for s in report.series for session in s.written
    )
    return _Measured(_problem(report), report, files)


def _problem(report: Report) -> str | None:
    """Why the source is not taken to have completed."""
    said = [failure.message for failure in report.failures]
    if not said and not report.complete:
        said = [" ".join(complaint(report).split())]
    return without_paths(" ".join(said)) if said else None


def _failed(done: Sequence[_Measured]) -> bool:
    return bool(done) and done[-1].error is not None


def _leg(name: str, done: Sequence[_Measured]) -> Leg:
    reports = [one.report for one in done if one.report and one.error is None]
    last = done[-1]
    leg = Leg(name, tuple(report.duration_seconds for report in reports), last.error)
    if last.report is None:
        return leg
    return evolve(
        leg,
        sessions=last.report.written_sessions,
        http_requests=last.report.http_requests,
        http_retries=last.report.http_retries,
        cache_hits=last.report.cache_hits,
        bytes_fetched=last.report.bytes_fetched,
        bytes_written=last.report.bytes_written,
    )


def _verdict(comparisons: Sequence[Comparison], repeats: int) -> Comparison | None:
    if len(comparisons) < repeats:
        return None
    return next((one for one in comparisons if not one.is_equal), comparisons[-1])
