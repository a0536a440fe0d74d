"""A recording: a folder of text that can be reviewed, compared and committed.

    recording.toml                                 what it is, who made it, synthetic or not
    equity/usa/minute/demo/20241101_trade.csv      minute and second: one file per session
    equity/usa/daily/demo_trade.csv                hour and daily: one file per series

The paths follow LEAN's data folder. A session that is in no file was not recorded.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Self

from attrs import frozen

from leanfeed.errors import ContractError, UnavailableError, WriteError
from leanfeed.values import Series
from leanfeed_replay.about import About, format_about, parse_about
from leanfeed_replay.text import Recorded, format_sections, parse_sections

__all__ = ["Recording"]

_ABOUT = "recording.toml"


@frozen
class Recording:
    """A folder that holds what sources answered."""

    folder: Path
    about: About

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open a recording; its ``recording.toml`` is all that is read.

        Raises:
            UnavailableError: there is no recording, or it cannot be read.
            ContractError: it is malformed, or of a form that this leanfeed does not know.
        """
        path = folder / _ABOUT
        text = _read(path)
        if text is None:
            raise UnavailableError(
                f"There is no recording in {folder}: {_ABOUT} is missing. Check the setting "
                "`folder` of the source replay."
            )
        return cls(folder, parse_about(text, str(path)))

    @classmethod
    def create(cls, folder: Path, about: About) -> Self:
        """Begin a recording, or say anew what an existing one is.

        Raises:
            WriteError: the disk refused.
        """
        _write(folder / _ABOUT, format_about(about))
        return cls(folder, about)

    def read(self, series: Series, dates: Iterable[dt.date]) -> Iterator[Recorded]:
        """Yield what was recorded for these sessions, in the order of `dates`.

        Raises:
            ContractError: a file is malformed, or lies outside the folder.
            UnavailableError: a file cannot be read.
        """
        for path, days in groupby(dates, key=lambda day: self._path(series, day)):
            recorded = self._sections(path, series)
            yield from (recorded[day] for day in days if day in recorded)

    def write(self, series: Series, recorded: Iterable[Recorded]) -> None:
        """Add sessions to the recording. A session that was recorded before is replaced.

        Raises:
            ContractError: a bar has no exact text, or the file to be added to is malformed.
            WriteError: the disk refused.
        """
        for path, part in groupby(recorded, key=lambda r: self._path(series, r.head.session)):
            sections = self._sections(path, series) | {r.head.session: r for r in part}
            _write(path, format_sections(sections[day] for day in sorted(sections)))

    def _path(self, series: Series, day: dt.date) -> Path:
        symbol = series.symbol
        folder = self.folder / symbol.security_type / symbol.market / series.resolution
        if series.resolution.is_file_per_session:
            return folder / symbol.file_ticker / f"{day:%Y%m%d}_{series.tick_type}.csv"
        return folder / f"{symbol.file_ticker}_{series.tick_type}.csv"

    def _sections(self, path: Path, series: Series) -> dict[dt.date, Recorded]:
        # A recording may come from a stranger: a link in it must not reach other files.
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise ContractError(f"{path} lies outside the recording. Replace the link by a file.")
        text = _read(path)
        if text is None:
            return {}
        recorded = {r.head.session: r for r in parse_sections(text, str(path))}
        for day in recorded:
            if self._path(series, day) != path:
                raise ContractError(f"{path} holds the session {day}. Rename the file.")
        return recorded


def _read(path: Path) -> str | None:
    """The text of a regular file; None when there is none."""
    try:
        return path.read_text("utf-8") if path.is_file() else None
    except UnicodeDecodeError as error:
        raise ContractError(f"{path} is not UTF-8 text. Record it again.") from error
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be read: {error.strerror}. Check its permissions."
        ) from error


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            draft.write_text(text, "utf-8", newline="\n")
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise WriteError(
            f"{path} cannot be written: {error.strerror}. Check permissions and free space."
        ) from error
