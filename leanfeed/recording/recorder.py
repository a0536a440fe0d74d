"""Writes down what the sources of one run answer, as they answer."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, cast

from attrs import define, field

from leanfeed import __version__, clock
from leanfeed.bars import Bars
from leanfeed.errors import ConfigurationError, SourceError, WriteError
from leanfeed.options import ChainBars
from leanfeed.recording.about import FILE, About
from leanfeed.recording.calls import Call, answered_lines, asked_lines, series_name
from leanfeed.recording.folder import Recording
from leanfeed.recording.text import Failure, Head, Recorded
from leanfeed.values import Delivery, Gap, Series, Session

if TYPE_CHECKING:
    from leanfeed import report

__all__ = ["Recorder"]

#: Seconds that sessions of an hour or daily file wait for others of the same file.
_FLUSH_EVERY = 20.0


@define
class Recorder:
    """A :class:`~leanfeed.recording.tape.Tape` that adds to a recording."""

    _recording: Recording
    #: What the run was asked for.
    _request: str
    #: Makes the text of a source fit to be kept: without the secrets of the run.
    _redacted: Callable[[str], str]

    @classmethod
    def open(cls, folder: Path, *, request: str, redacted: Callable[[str], str]) -> Recorder:
        """Begin a recording in a new or empty folder, or go on with the one that is there.

        Raises:
            ConfigurationError: there is something else in the folder, or it cannot be read.
            WriteError: the disk refused.
        """
        _check(folder)
        about = About(title="Recorded answers", made_by="leanfeed record", synthetic=False)
        try:
            recording = Recording.extend(folder, about)
        except SourceError as error:
            raise ConfigurationError(f"The recording cannot be continued: {error}") from error
        return cls(recording, redacted(request), redacted)

    @contextlib.contextmanager
    def turn(self, source: str) -> Iterator[_RecordedTurn]:
        """Write down a source's turn, as far as it comes."""
        turn = _RecordedTurn(self._recording, self._redacted(source), self._request, self._redacted)
        try:
            yield turn
        finally:
            turn.close()


@define
class _RecordedTurn:
    _recording: Recording
    _source: str
    _request: str
    _redacted: Callable[[str], str]
    _answers: list[tuple[Series, Session, str]] = field(factory=list, init=False)
    _waiting: dict[Series, list[Recorded]] = field(factory=dict, init=False)
    _flushed_at: float = field(factory=monotonic, init=False)
    _asked: Sequence[Gap] | None = field(default=None, init=False)
    _unsupported: list[str] = field(factory=list, init=False)
    _failure: report.Failure | None = field(default=None, init=False)
    _is_named: bool = field(default=False, init=False)

    def answered(self, delivery: Delivery) -> None:
        """Keep a session: at once where it has a file of its own, else with others."""
        if not isinstance(delivery.bars, Bars | ChainBars):
            raise WriteError(f"{delivery.series} cannot be recorded: record trades.")
        series, session = delivery.series, delivery.session
        recorded = Recorded(Head(session.date, self._source), delivery.bars)
        self._waiting.setdefault(series, []).append(recorded)
        is_due = monotonic() - self._flushed_at > _FLUSH_EVERY
        if is_due or series.resolution.is_file_per_session:
            self._flush(None if is_due else series)
        self._answers.append((series, session, _clean(self._redacted(delivery.request_id))))

    def ended(
        self, wanted: Sequence[Gap], asked: Sequence[Gap], failure: report.Failure | None
    ) -> None:
        """Remember what it was asked, and how it ended."""
        self._asked, self._failure = asked, failure
        supported = {gap.series for gap in asked}
        self._unsupported = [series_name(g.series) for g in wanted if g.series not in supported]

    def close(self) -> None:
        """Write down the turn. One that was broken off was asked for what it answered."""
        self._flush()
        if self._asked is None:
            asked = answered_lines((series, session, "") for series, session, _ in self._answers)
        else:
            asked = asked_lines(self._asked)
        if not (asked or self._unsupported):
            return
        self._name()
        failure = self._failure
        self._recording.write_call(
            Call(
                source=self._source,
                recorded_at=clock.now(),
                leanfeed=__version__,
                request=self._request,
                asked=asked,
                unsupported=tuple(self._unsupported),
                answered=answered_lines(self._answers),
                error=cast(Failure, failure.error) if failure else None,
                message=_clean(failure.message) if failure else None,
            )
        )

    def _flush(self, only: Series | None = None) -> None:
        if only is None:
            self._flushed_at = monotonic()
        for series in list(self._waiting) if only is None else [only]:
            self._name()
            with _continued():
                self._recording.write(series, self._waiting.pop(series))

    def _name(self) -> None:
        """Let the recording name the source, now that it holds something of it."""
        if not self._is_named:
            with _continued():
                self._recording.add_source(self._source)
            self._is_named = True


@contextlib.contextmanager
def _continued() -> Iterator[None]:
    """What was recorded before is no fault of the source."""
    try:
        yield
    except SourceError as error:
        raise WriteError(f"The recording cannot be continued: {error}") from error


def _clean(text: str) -> str:
    """Text that a file can hold, whatever bytes it was made of."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _check(folder: Path) -> None:
    """Do not scatter files in a folder that is something else."""
    try:
        # Hidden files are no obstacle: a lock, or what keeps versions.
        names = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
    except FileNotFoundError:
        return
    except OSError as error:
        raise ConfigurationError(
            f"The recording {folder} cannot be read ({error.strerror}): name a folder."
        ) from error
    if names and FILE not in names:
        raise ConfigurationError(
            f"{folder} is no recording and not empty: name a new folder, or a recording to add to."
        )
