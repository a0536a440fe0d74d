"""Why one session is in its state, in sentences, and what to do about it."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from leanfeed.coverages.coverage import Cell
from leanfeed.coverages.states import Reason, State
from leanfeed.ledger import Entry, Unanswered, suspicious
from leanfeed.plans import SeriesPlan
from leanfeed.values import SecurityType

__all__ = ["explained"]

_A_WEEK = dt.timedelta(days=7)


def explained(
    cell: Cell,
    planned: SeriesPlan,
    remembered: Mapping[dt.date, Entry],
    asked_at: dt.datetime,
    *,
    damage: Sequence[str],
    data_folder: Path,
    unanswered: Unanswered | None,
) -> Iterator[str]:
    """The sentences, the most important first.

    Args:
        cell: the session.
        planned: what the planner says of it.
        remembered: what the ledger holds of its series.
        asked_at: the instant that decides what is complete.
        damage: what is the matter with files that cannot be read.
        data_folder: where the files are.
        unanswered: what the ledger holds of a run that asked for it in vain.
    """
    session, fact = cell.session, cell.fact
    entry = remembered.get(session.date)
    yield cell.reason.text
    yield from damage
    match cell.reason:
        case Reason.FOUND if entry is not None and entry.source:
            yield f"{entry.source} had given other bars, which somebody has replaced or changed."
        case Reason.AFFIRMED if planned.suspicious:
            yield "The sessions around it are full: it is believed for a day, and then asked again."
        case Reason.DOUBTED if fact is not None:
            yield from _doubts(cell, planned, remembered, fact.affirmed_at)
        case Reason.NEVER_STORED if unanswered is None:
            yield "As far as leanfeed remembers, nobody was asked for it."
        case Reason.UNSETTLED:
            end = dt.datetime.fromtimestamp(session.extended[1] / 1000, dt.UTC)
            verb = "ends" if end > asked_at else "ended"
            yield f"Its last bar {verb} at {end:%Y-%m-%d %H:%M} UTC."
    if unanswered is not None and cell.state in (State.MISSING, State.DAMAGED):
        when = dt.datetime.fromtimestamp(unanswered.asked_at / 1000, dt.UTC)
        yield f"Last asked for at {when:%Y-%m-%d %H:%M} UTC, in vain: {unanswered.reason}."
    if cell.state in (State.MISSING, State.DAMAGED) or cell.reason is Reason.EARLY:
        yield from _advice(cell, planned, data_folder)


def _doubts(
    cell: Cell,
    planned: SeriesPlan,
    remembered: Mapping[dt.date, Entry],
    affirmed_at: dt.datetime,
) -> Iterator[str]:
    """Why "there was no trading" is not believed."""
    rows = {date: entry.rows for date, entry in remembered.items()}
    end = dt.datetime.fromtimestamp(cell.session.extended[1] / 1000, dt.UTC)
    if affirmed_at < end:
        yield "The session was not over when it was said."
    elif cell.session.date in suspicious(planned.series.resolution, rows):
        yield "The sessions around it are full, so it may be a hole in the provider's data."
    elif not any(rows.values()):
        yield "Nothing is known of the symbol: providers answer alike for one that they lack."
    elif affirmed_at < end + _A_WEEK:
        yield "It was said within a week of the session, and providers fill in late data."


def _advice(cell: Cell, planned: SeriesPlan, data_folder: Path) -> Iterator[str]:
    symbol = planned.asked_as[0]
    if symbol.market != "usa":
        return
    kind = symbol.security_type
    which = "" if kind is SecurityType.EQUITY else f"--security-type {kind} "
    yield (
        f"To fetch it: leanfeed ensure {symbol} {which}--resolution {planned.series.resolution} "
        f"--start {cell.session} --end {cell.session} --data-folder {shlex.quote(str(data_folder))}"
    )
