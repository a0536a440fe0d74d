"""What a plan says, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leanfeed.html import count_rows, table
from leanfeed.values import Choice, Estimate
from leanfeed.wording import (
    capped,
    counted,
    duration,
    grouped,
    other_names,
    ranges,
    size,
    unlisted_lines,
)

if TYPE_CHECKING:
    from leanfeed.plans import Plan, SeriesPlan

__all__ = ["as_html", "as_text"]

#: Lines for what is there of the series; the longest list fits on a screen.
_MOST = 8


def as_text(plan: Plan) -> str:
    """The whole plan on one screen; of many series those come first that lack most."""
    outcomes = grouped((s.series, _outcome(s)) for s in plan.series)
    if len(outcomes) > _MOST:
        most_first = sorted(plan.series, key=lambda s: -len(s.wanted))
        outcomes = grouped((s.series, _outcome(s)) for s in most_first)
    lines = [_headline(plan), *capped(outcomes, limit=_MOST)]
    return "\n".join([*lines, *capped(unlisted_lines(plan.unlisted)), *_cost_lines(plan)])


def as_html(plan: Plan) -> str:
    """The plan as a small table, a row for each resolution, with the costs below it."""
    heads = ("", "symbols", "present", "without trades", "missing", "to refresh", "not settled")
    groups = ("present", "no_trades", "missing", "refresh", "unsettled")
    notes = [*capped(unlisted_lines(plan.unlisted)), *_cost_lines(plan)]
    return table(
        _headline(plan),
        heads,
        count_rows(plan.series, groups),
        "\n".join(note.strip() for note in notes),
    )


def _cost_lines(plan: Plan) -> list[str]:
    costs = plan.estimates.items() if plan.gaps else ()
    lines = [f"  {source} would need: {_cost(estimate)}" for source, estimate in costs]
    lines += [_choice(choice) for choice in plan.choices]
    return [*lines, f"  about {size(plan.bytes)} to be written"] if plan.bytes else lines


def _cost(estimate: Estimate | None) -> str:
    if estimate is None:
        return "cannot tell"
    limit = f", {duration(estimate.seconds)} at its rate limit" if estimate.seconds >= 1 else ""
    fetched = f", about {size(estimate.bytes)} to be fetched" if estimate.bytes else ""
    return counted(estimate.requests, "request") + limit + fetched


def _choice(choice: Choice) -> str:
    days = f"{counted(len(choice.dates), 'day')} of {choice.resolution} bars ({_dates(choice)})"
    return (
        f"  {choice.source} first for {days}: {_cost(choice.cost)}, "
        f"rather than {_cost(choice.other_cost)} with {choice.rather_than}"
    )


def _dates(choice: Choice) -> str:
    first, last = choice.dates[0], choice.dates[-1]
    return f"{first} … {last}" if first != last else str(first)


def _outcome(s: SeriesPlan) -> str:
    parts = [f"{len(s.present)} present"] if s.present else []
    if s.no_trades:
        parts.append(f"{len(s.no_trades)} without trades")
    if s.suspicious:
        parts.append(f"{len(s.suspicious)} of them suspicious ({ranges(s.suspicious)})")
    if s.missing:
        parts.append(f"{len(s.missing)} missing ({ranges(s.missing)})")
    if s.refresh:
        parts.append(f"{len(s.refresh)} to be fetched again ({ranges(s.refresh)})")
    if s.foreign:
        parts.append(f"{len(s.foreign)} not leanfeed's own ({ranges(s.foreign)})")
    if s.unsettled:
        parts.append(f"{len(s.unsettled)} not settled yet ({ranges(s.unsettled)})")
    if s.damaged:
        parts.append(f"damaged: {', '.join(s.damaged)}")
    return (", ".join(parts) or "no sessions") + other_names(s.series, s.asked_as)


def _headline(plan: Plan) -> str:
    start, end = plan.window
    warmup = ""
    if plan.extended_window != plan.window:
        warmup = f", with warm-up from {plan.extended_window[0]}"
    what = f"{counted(plan.missing, 'session')} missing" if plan.missing else "nothing missing"
    return f"{start} … {end}{warmup} in {plan.data_folder}: {what}, {plan.present} present"
