"""What a report says, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from leanfeed.values import Series, Session
from leanfeed.wording import capped, counted, grouped, other_names, ranges, size, unlisted_lines

if TYPE_CHECKING:
    from leanfeed.report import Report, SeriesReport

__all__ = ["DRY_RUN", "as_html", "complaint", "headline", "summary", "verdict"]

#: Why a session is missing that was only planned.
DRY_RUN = "a dry run asks nobody"
#: Lines for what became of the series.
_MOST = 8


def summary(report: Report) -> str:
    """The whole report on one screen; of many series the incomplete ones come first."""
    lines = [headline(report)]
    worst_first = sorted(report.series, key=lambda s: s.complete)
    outcomes = grouped((s.series, _outcome(s)) for s in report.series)
    if len(outcomes) > _MOST:
        outcomes = grouped((s.series, _outcome(s)) for s in worst_first)
    lines += capped(outcomes, limit=_MOST) + capped(unlisted_lines(report.unlisted))
    lines += _problems(report) + capped(_damage_lines(report)) + capped(_warnings(report))
    return "\n".join([*lines, _costs(report)])


def as_html(report: Report) -> str:
    """The report as a small table, a row for each resolution, with the problems below it."""
    from leanfeed.html import count_rows, table  # late: only notebooks want it

    heads = ("", "symbols", "already there", "written", "refreshed", "without trades", "missing")
    groups = ("present", "written", "refreshed", "no_trades", "missing")
    notes = [*capped(unlisted_lines(report.unlisted)), *_problems(report)]
    notes += [*capped(_damage_lines(report)), *capped(_warnings(report)), _costs(report)]
    return table(
        headline(report),
        heads,
        count_rows(report.series, groups),
        "\n".join(note.strip() for note in notes),
    )


def headline(report: Report) -> str:
    """The window, the folder and the verdict."""
    start, end = report.window
    warmup = ""
    if report.extended_window != report.window:
        warmup = f", warm-up from {report.extended_window[0]}"
    return f"{start} … {end}{warmup} in {report.data_folder}: {verdict(report)}"


def _costs(report: Report) -> str:
    again = f" ({report.http_retries} of them retries)" if report.http_retries else ""
    empty = Counter(s.sources.get(day, "") for s in report.series for day in s.no_trades)
    given = ""
    for source, count in report.by_source.items():
        without = f" ({empty[source]} of them without trades)" if empty[source] else ""
        given += f"{count} from {source}{without}, "
    return (
        f"  {given}{report.cache_hits} already there; "
        f"{counted(report.http_requests, 'request')}{again}, {size(report.bytes_fetched)} fetched, "
        f"{size(report.bytes_written)} written in {report.duration_seconds:.1f} s"
    )


def complaint(report: Report) -> str:
    """What is not as it was asked for, and why."""
    return "\n".join([f"{verdict(report)}:", *_problems(report)])


def _problems(report: Report) -> list[str]:
    missing, refreshed = _missing_lines(report), _refresh_lines(report)
    return capped(missing) + capped(refreshed) + capped(_failure_lines(report))


def verdict(report: Report) -> str:
    """``complete``, or how much is not as it was asked for."""
    parts = []
    if report.missing_sessions:
        parts.append(f"{counted(report.missing_sessions, 'session')} still missing")
    if report.not_refreshed:
        parts.append(f"{counted(report.not_refreshed, 'session')} not refreshed")
    return ", ".join(parts) or "complete"


def _outcome(s: SeriesReport) -> str:
    counts = {
        "already there": len(s.present),
        "written": len(s.written),
        "refreshed and unchanged": len(s.refreshed) - len(s.changed),
        "refreshed and changed": len(s.changed),
        "provisional": len(s.provisional),
        "without trades": len(s.no_trades),
        "missing": len(s.missing),
    }
    found = ", ".join(f"{n} {what}" for what, n in counts.items() if n) or "no sessions"
    if s.suspicious:
        days = ranges(s.suspicious)
        found += f"; no trades on {days} between full sessions is suspicious: refresh it"
    if s.no_trades and not (s.present or s.written or s.refreshed or s.missing):
        found += " (no trade at all: is the ticker right?)"
    return found + other_names(s.series, s.asked_as)


def _missing_lines(report: Report) -> list[str]:
    """What is missing and why, with one line for series that lack the same for one reason."""
    return _by_reason(report, "missing", lambda s: s.missing)


def _refresh_lines(report: Report) -> list[str]:
    """What fetching again changed, and where it was not possible."""
    changed = _by_reason(report, "changed", lambda s: s.changed)
    return changed + _by_reason(report, "not refreshed", lambda s: s.not_refreshed)


def _by_reason(
    report: Report, what: str, of: Callable[[SeriesReport], Mapping[Session, str]]
) -> list[str]:
    lines: list[tuple[Series, str]] = []
    for s in report.series:
        by_reason: dict[str, list[Session]] = {}
        for session, reason in of(s).items():
            by_reason.setdefault(reason, []).append(session)
        lines += [
            (s.series, f"{what} {ranges(sessions)}{other_names(s.series, s.asked_as)}: {reason}")
            for reason, sessions in by_reason.items()
        ]
    return grouped(lines)


def _failure_lines(report: Report) -> list[str]:
    return [f"  {failure.source} gave up: {failure.message}" for failure in report.failures]


def _warnings(report: Report) -> list[str]:
    return [f"  {warning}" for warning in report.warnings]


def _damage_lines(report: Report) -> list[str]:
    lines = []
    for s in report.series:
        lines += [
            f"  {path} was replaced; the old file, which was damaged or larger, is {kept}"
            for path, kept in s.kept_aside.items()
        ]
        is_dry = DRY_RUN in s.missing.values()
        end = "would be replaced" if is_dry else "nobody could replace it"
        lines += [f"  {path} is damaged, and {end}" for path in s.damaged]
    return lines
