"""What to download in which call of the Lean CLI, so that a gap needs few calls and no detours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence

from attrs import evolve, frozen

from leanfeed.values import Gap, Resolution, Session

__all__ = ["Job", "jobs"]

#: What LEAN's own hour files hold, regular hours only, its downloader does not write: its 09:00 bar
#: mixes in half an hour of pre-market. So hours are made of minutes.
_DOWNLOADED = {Resolution.HOUR: Resolution.MINUTE}

#: Unwanted sessions of a ticker that are downloaded rather than starting the CLI once more. A start
#: costs about a minute (login, container, NuGet, .NET); these cost LEAN's client about as much.
_DETOUR = {Resolution.SECOND: 5, Resolution.MINUTE: 60, Resolution.DAILY: 2500}


@frozen
class _Stretch:
    """Sessions of one ticker that are downloaded together, with all between them."""

    gaps: tuple[Gap, ...]
    first: Session
    last: Session


@frozen
class Job:
    """One call of the Lean CLI: some tickers, one resolution, one window."""

    #: What is downloaded; the gaps may be of hours that are made of it.
    resolution: Resolution
    gaps: tuple[Gap, ...]

    @property
    def tickers(self) -> tuple[str, ...]:
        """In the order in which the CLI takes them, each once."""
        return tuple(dict.fromkeys(gap.series.symbol.ticker for gap in self.gaps))

    @property
    def first(self) -> dt.date:
        """The first wanted session."""
        return min(gap.sessions[0].date for gap in self.gaps)

    @property
    def last(self) -> dt.date:
        """The last wanted session, inclusive."""
        return max(gap.sessions[-1].date for gap in self.gaps)

    def of(self, tickers: Collection[str]) -> Job:
        """The same for some of its tickers only."""
        return evolve(
            self, gaps=tuple(gap for gap in self.gaps if gap.series.symbol.ticker in tickers)
        )


def jobs(gaps: Sequence[Gap], *, batch: int) -> list[Job]:
    """The calls that fill the gaps, older windows of a ticker before newer ones.

    The sessions of a ticker are cut into windows where more unwanted sessions lie between two of
    them than a start of the CLI is worth: 5 of seconds, 60 of minutes, 2500 of days. At most
    `batch` tickers share a call, those whose windows begin and end at most so far apart.
    """
    found: list[Job] = []
    for resolution in (Resolution.DAILY, Resolution.MINUTE, Resolution.SECOND):
        asked = [gap for gap in gaps if _downloaded(gap) is resolution and gap.sessions]
        by_ticker: dict[str, list[Gap]] = {}
        for gap in asked:
            by_ticker.setdefault(gap.series.symbol.ticker, []).append(gap)
        detour = _DETOUR[resolution]
        stretches = [s for group in by_ticker.values() for s in _stretches(group, detour)]
        found += (
            Job(resolution, tuple(gap for stretch in members for gap in stretch.gaps))
            for members in _batches(stretches, batch=batch, detour=detour)
        )
    return found


def _downloaded(gap: Gap) -> Resolution:
    resolution = gap.series.resolution
    return _DOWNLOADED.get(resolution, resolution)


def _stretches(gaps: Sequence[Gap], detour: int) -> Iterator[_Stretch]:
    """Cut what one ticker lacks into stretches without long pauses."""
    stretches: list[list[Session]] = []
    for session in sorted({s for gap in gaps for s in gap.sessions}, key=lambda s: s.number):
        if stretches and session.number - stretches[-1][-1].number - 1 <= detour:
            stretches[-1].append(session)
        else:
            stretches.append([session])
    for stretch in stretches:
        inside = set(stretch)
        cut = (Gap(gap.series, tuple(s for s in gap.sessions if s in inside)) for gap in gaps)
        yield _Stretch(tuple(gap for gap in cut if gap.sessions), stretch[0], stretch[-1])


def _batches(
    stretches: Sequence[_Stretch], *, batch: int, detour: int
) -> Iterator[Sequence[_Stretch]]:
    """Stretches that share a call. None waits for one that lies before it in time."""
    open_batches: list[list[_Stretch]] = []
    for stretch in sorted(stretches, key=lambda s: s.first.number):
        for members in open_batches:
            leader = members[0]
            if (
                len(members) < batch
                and stretch.first.number - leader.first.number <= detour
                and abs(stretch.last.number - leader.last.number) <= detour
            ):
                members.append(stretch)
                break
        else:
            open_batches.append([stretch])
    return iter(open_batches)
