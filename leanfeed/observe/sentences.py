"""Events as sentences for people, one printable line each."""

from __future__ import annotations

from leanfeed.events import (
    ClockDiffers,
    Event,
    FileDamaged,
    RequestAnswered,
    RunFinished,
    RunStarted,
    RunWaiting,
    SessionStored,
    SourceFailed,
    SourceFinished,
    SourceSaid,
    SourceStarted,
    SourceWarned,
    Waiting,
)
from leanfeed.plans import Plan
from leanfeed.report import Report
from leanfeed.wording import counted, duration, size

__all__ = ["sentence"]


def sentence(event: Event) -> str:
    """Say what happened. Texts of providers and programs cannot break the line."""
    return _one_line(_text(event))


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _text(event: Event) -> str:
    match event:
        case RunStarted(plan):
            return f"run started: {_asked(plan)}"
        case RunWaiting(series, seconds):
            others = f" and {len(series) - 1} more" if len(series) > 1 else ""
            return f"another run is fetching {series[0]}{others}: waited {duration(seconds)} for it"
        case SourceStarted(source, sessions, reason):
            because = f", because {reason}" if reason else ""
            return f"{source}: asked for {counted(sessions, 'session')}{because}"
        case SourceWarned(source, text):
            return f"{source}: {text}"
        case SourceSaid(source, text):
            return f"{source} says: {text}"
        case RequestAnswered(source, target, status, bytes_fetched, seconds, is_retry):
            again = ", again" if is_retry else ""
            answer = f"{status or 'no answer'} for {target}{again}"
            return f"{source}: {answer}, {bytes_fetched} bytes in {seconds:.2f} s"
        case Waiting(source, seconds, awaited):
            return f"{source}: waiting {duration(seconds)} for {awaited}"
        case ClockDiffers(source, seconds):
            where = "ahead of" if seconds > 0 else "behind"
            return (
                f"the system's clock is {duration(abs(seconds))} {where} that of {source}, "
                "which the run goes by: set the clock"
            )
        case SessionStored(written):
            where = f" in {written.path}" if written.path else ""
            bars = counted(written.rows, "bar")
            return f"{written.source}: {written.series} {written.session}: {bars}{where}"
        case FileDamaged():
            return f"damaged file {event.path}: {event.reason}"
        case SourceFailed(source, error, message):
            return f"{source}: {error}: {message}"
        case SourceFinished(source, sessions, seconds):
            return f"{source}: gave {counted(sessions, 'session')} in {seconds:.1f} s"
        case RunFinished(report, is_cancelled):
            return f"run {'cancelled' if is_cancelled else 'finished'}: {_done(report)}"
        case _:
            return repr(event)


def _asked(plan: Plan) -> str:
    symbols = counted(len(plan.request.symbols), "symbol")
    resolutions = " and ".join(plan.request.resolutions)
    start, end = plan.window
    warmup = ""
    if plan.extended_window != plan.window:
        warmup = f" with warm-up from {plan.extended_window[0]}"
    again = f", {plan.refresh} to be fetched again" if plan.refresh else ""
    return (
        f"{symbols}, {resolutions}, {start} … {end}{warmup}: "
        f"{counted(plan.missing, 'session')} missing, {plan.known} cached{again}"
    )


def _done(report: Report) -> str:
    given = ", ".join(f"{count} from {source}" for source, count in report.by_source.items())
    return (
        f"{given or 'nothing fetched'}, {report.cache_hits} cached, "
        f"{report.missing_sessions} missing, {counted(report.http_requests, 'request')}, "
        f"{size(report.bytes_written)} written, {report.duration_seconds:.1f} s"
    )
