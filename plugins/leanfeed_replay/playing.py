"""Serves what a recording knows about some gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import Factory, define

from leanfeed.errors import ContractError, SourceError
from leanfeed.recording.folder import Recording, Sections
from leanfeed.recording.text import Recorded
from leanfeed.values import Delivery, Gap, Series, Session
from leanfeed_replay.playlist import Cue, Playlist, make_playlist

__all__ = ["Player"]


@define
class Player:
    """One answer from a recording."""

    _recording: Recording
    _playlist: Playlist
    #: Whose answers are wanted; empty: anybody's.
    _source: str
    #: The failure that was recorded, as far as it has shown.
    failure: SourceError | None = None
    #: What was asked for and not recorded, as far as it has shown.
    missed: list[tuple[Series, Session]] = Factory(list)
    #: Files that hold all sessions of a series.
    _shared: dict[Series, Sections] = Factory(dict)

    @classmethod
    def load(cls, folder: Path, gaps: Sequence[Gap], source: str) -> Player:
        """Look up what the calls of a recording say of these gaps.

        Raises:
            SourceError: there is no recording, or a call is malformed.
        """
        recording = Recording.load(folder)
        calls = recording.calls()
        named = (*recording.about.sources, *(call.source for call in calls))
        sources = (source,) if source else tuple(dict.fromkeys(named))
        try:
            playlist = make_playlist(calls, gaps, sources)
        except ValueError as error:
            raise ContractError(f"A call in {folder} is malformed: {error}. Correct it.") from error
        return cls(recording, playlist, source, playlist.failure)

    def unrecorded(self) -> list[tuple[Series, Session]]:
        """All that was asked for and not recorded."""
        return [
            (cue.series, cue.session)
            for cue in self._playlist.cues
            if not cue.refused and self._recorded(cue) is None
        ]

    def deliveries(self) -> Iterator[Delivery]:
        """Yield what was recorded; :attr:`failure` and :attr:`missed` are whole after the last.

        Raises:
            SourceError: a file is malformed or cannot be read.
        """
        for cue in self._playlist.cues:
            recorded = self._recorded(cue)
            if recorded is None:
                if not cue.refused:
                    self.missed.append((cue.series, cue.session))
            elif recorded.failure is not None:
                self.failure = self.failure or recorded.failure
            else:
                request_id = cue.request_id or recorded.head.request_id
                yield Delivery(cue.series, cue.session, recorded.bars, request_id)

    def _recorded(self, cue: Cue) -> Recorded | None:
        """The section for a session, of the one who answered or of the first who has one."""
        day, source = cue.session.date, cue.source or self._source
        if source in cue.refused:
            return None
        if cue.series.resolution.is_file_per_session:
            sections = self._recording.sections(cue.series, day)
        else:
            if cue.series not in self._shared:
                self._shared[cue.series] = self._recording.sections(cue.series, day)
            sections = self._shared[cue.series]
        if source:
            return sections.get((day, source))
        found = (one for key, one in sections.items() if key[0] == day)
        return next((one for one in found if one.head.source not in cue.refused), None)
