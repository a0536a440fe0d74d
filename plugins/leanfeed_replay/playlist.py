"""What the calls of a recording say about some gaps: who answered, in which order, what failed."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import Factory, define, frozen

from leanfeed import errors
from leanfeed.errors import SourceError
from leanfeed.recording.calls import Call, Span, series_name, spans
from leanfeed.values import Gap, Series, Session

__all__ = ["Cue", "Playlist", "make_playlist"]

#: A session of a series, as a call spells it.
_Place = tuple[str, dt.date]


@frozen
class Cue:
    """One session to be served."""

    series: Series
    session: Session
    #: Whose answer it is; empty where no call tells, so that the files have to.
    source: str = ""
    request_id: str = ""
    #: Sources that had no answer, by a call: what a file has of them is older.
    refused: frozenset[str] = frozenset()


@frozen
class Playlist:
    """What is to be done about some gaps."""

    #: In the order in which the sources delivered.
    cues: Sequence[Cue]
    #: What a source raised instead of answering for one of the sessions.
    failure: SourceError | None = None


def make_playlist(calls: Sequence[Call], gaps: Iterable[Gap], sources: Sequence[str]) -> Playlist:
    """Find out what these sources answered, the first one that did for each session.

    Args:
        calls: what is recorded, the oldest first.
        gaps: what is asked for.
        sources: whose answers are wanted, in the order of their chain.

    Raises:
        ValueError: a call is malformed.
    """
    wanted: dict[_Place, tuple[Series, Session]] = {
        (series_name(gap.series), session.date): (gap.series, session)
        for gap in gaps
        for session in gap.sessions
    }
    known = _Known(_by_series(wanted))
    for source in sources:
        known.learn(source, [call for call in calls if call.source == source])
    undecided = [place for place in wanted if place not in known.answers]
    cues = []
    for place in _oldest_first([*known.order, *undecided]):
        source, request_id = known.answers.get(place, ("", ""))
        refused = frozenset(known.refusals.get(place, ()))
        cues.append(Cue(*wanted[place], source, request_id, refused))
    failures = (error for place in undecided for error in known.refusals.get(place, {}).values())
    return Playlist(cues, next(filter(None, failures), None))


@define
class _Known:
    """What has been learnt from calls about the sessions that are wanted."""

    #: The dates of each series, ascending.
    _wanted: Mapping[str, Sequence[dt.date]]
    #: Who answered, and the request id.
    answers: dict[_Place, tuple[str, str]] = Factory(dict)
    #: Who did not answer, and why; None: it did not know.
    refusals: dict[_Place, dict[str, SourceError | None]] = Factory(dict)
    #: The answers as they came.
    order: list[_Place] = Factory(list)

    def learn(self, source: str, calls: Sequence[Call]) -> None:
        """Add what one source said: of each session the newest call that asked for it."""
        asked_in: dict[_Place, Call] = {}
        for call in calls:
            asked_in.update((place, call) for place, _ in self._places(call.asked))
        answered = set()
        for call in calls:
            for place, span in self._places(call.answered):
                if asked_in.get(place) is not call:
                    continue
                answered.add(place)
                if place not in self.answers:
                    self.answers[place] = (source, span.request_id)
                    self.order.append(place)
        for place, call in asked_in.items():
            if place not in answered:
                self.refusals.setdefault(place, {})[source] = _raised(call)

    def _places(self, lines: Iterable[str]) -> Iterator[tuple[_Place, Span]]:
        for span in spans(lines):
            dates = self._wanted.get(span.series, ())
            first, last = bisect_left(dates, span.first), bisect_right(dates, span.last)
            for date in dates[first:last]:
                yield (span.series, date), span


def _raised(call: Call) -> SourceError | None:
    if call.error is None:
        return None
    kind: type[SourceError] = getattr(errors, call.error)
    return kind(call.message or "")


def _by_series(places: Iterable[_Place]) -> dict[str, list[dt.date]]:
    dates: dict[str, list[dt.date]] = {}
    for series, date in sorted(places):
        dates.setdefault(series, []).append(date)
    return dates


def _oldest_first(places: Sequence[_Place]) -> Iterator[_Place]:
    """The series in the order given, and the dates of each ascending."""
    dates = {series: iter(found) for series, found in _by_series(places).items()}
    for series, _ in places:
        yield series, next(dates[series])
