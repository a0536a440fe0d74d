"""A recording: a folder of text that can be reviewed, compared and committed.

    recording.toml                                 what it is, who made it, synthetic or not
    equity/usa/minute/demo/20241101_trade.csv      minute and second: one file per session
    equity/usa/daily/demo_trade.csv                hour and daily: one file per series
    calls/polygon-9c1e6f40b7d2.toml                who was asked what and when, and how it ended

The paths of bars follow LEAN's data folder. A session that is in no file was not recorded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Self

import msgspec
from attrs import frozen

from leanfeed.errors import ContractError, UnavailableError
from leanfeed.lean.contract_names import style_of
from leanfeed.recording.about import FILE, About, format_about, load_about
from leanfeed.recording.calls import Call
from leanfeed.recording.files import locked, read, write
from leanfeed.recording.text import Recorded, format_sections, parse_sections
from leanfeed.recording.toml_text import format_toml, parse_toml
from leanfeed.values import Series

__all__ = ["Recording", "Sections"]

_CALLS = "calls"
_IGNORE = ".gitignore"
#: Drafts of a run that was killed, and the lock, are nothing to commit.
_IGNORED = f".*\n!{_IGNORE}\n"

#: The sections of one file, by session and source.
Sections = Mapping[tuple[dt.date, str], Recorded]


@frozen
class Recording:
    """A folder that holds what sources answered. Threads and processes may write to it at once."""

    folder: Path
    about: About

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open a recording; its ``recording.toml`` is all that is read.

        Raises:
            UnavailableError: there is no recording, or it cannot be read.
            ContractError: it is malformed, or of a form that this leanfeed does not know.
        """
        return cls(folder, load_about(folder))

    @classmethod
    def create(cls, folder: Path, about: About) -> Self:
        """Begin a recording, or say anew what an existing one is.

        Raises:
            WriteError: the disk refused.
        """
        with locked(folder):
            write(folder / FILE, format_about(about))
        return cls(folder, about)

    @classmethod
    def extend(cls, folder: Path, about: About) -> Self:
        """Begin a recording, or go on with the one that is there.

        Raises:
            UnavailableError: it cannot be read.
            ContractError: it is malformed, or of a form that this leanfeed does not know.
            WriteError: the disk refused.
        """
        with locked(folder):
            if (folder / FILE).exists():
                about = load_about(folder)
            write(folder / FILE, format_about(about))
            write(folder / _IGNORE, _IGNORED)
        return cls(folder, about)

    def add_source(self, source: str) -> None:
        """Say that it holds what a source answers.

        Raises:
            UnavailableError: it cannot be read.
            ContractError: it is malformed, or of a form that this leanfeed does not know.
            WriteError: the disk refused.
        """
        with locked(self.folder):
            about = load_about(self.folder)
            if source not in about.sources:
                sources = (*about.sources, source)
                about = msgspec.structs.replace(about, sources=sources)
                write(self.folder / FILE, format_about(about))

    def sections(self, series: Series, day: dt.date) -> Sections:
        """What the file holds that is for this session, and for others of the series.

        Raises:
            ContractError: the file is malformed, or lies outside the folder.
            UnavailableError: the file cannot be read.
        """
        return self._sections(self._path(series, day), series)

    def calls(self) -> list[Call]:
        """Every call, the oldest first.

        Raises:
            ContractError: a file is malformed, or lies outside the folder.
            UnavailableError: a file cannot be read.
        """
        folder = self.folder / _CALLS
        try:
            paths = sorted(path for path in folder.glob("*.toml") if path.name[0] != ".")
        except OSError as error:
            raise UnavailableError(
                f"{folder} cannot be read: {error.strerror}. Check its permissions."
            ) from error
        texts = ((str(path), self._read(path)) for path in paths)
        calls = [parse_toml(text, name, Call) for name, text in texts if text is not None]
        return sorted(calls, key=lambda call: call.recorded_at)

    def write(self, series: Series, recorded: Iterable[Recorded]) -> None:
        """Add sessions. What the same source had answered for a session before is replaced.

        Raises:
            ContractError: a bar has no exact text, or the file to be added to is malformed.
            WriteError: the disk refused.
        """
        for path, part in groupby(recorded, key=lambda r: self._path(series, r.head.session)):
            added = {section.key: section for section in part}
            with locked(self.folder):
                sections = {**self._sections(path, series), **added}
                in_order = (sections[key] for key in sorted(sections))
                write(path, format_sections(in_order, is_chain=series.is_chain))

    def write_call(self, call: Call) -> None:
        """Add a call. One that asked the same of the same source is replaced.

        Raises:
            WriteError: the disk refused.
        """
        with locked(self.folder):
            write(self.folder / _CALLS / call.file_name, format_toml(call))

    def _path(self, series: Series, day: dt.date) -> Path:
        symbol = series.symbol
        folder = self.folder / symbol.security_type / symbol.market / series.resolution
        if series.resolution.is_file_per_session:
            return folder / symbol.file_ticker / f"{day:%Y%m%d}_{series.tick_type}.csv"
        return folder / f"{symbol.file_ticker}_{series.tick_type}.csv"

    def _sections(self, path: Path, series: Series) -> Sections:
        text = self._read(path)
        if text is None:
            return {}
        style = style_of(series) if series.is_chain else None
        parsed = parse_sections(text, str(path), style=style)
        recorded = {section.key: section for section in parsed}
        for day, _ in recorded:
            if self._path(series, day) != path:
                raise ContractError(f"{path} holds the session {day}. Rename the file.")
        return recorded

    def _read(self, path: Path) -> str | None:
        # A recording may come from a stranger: a link in it must not reach other files.
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise ContractError(f"{path} lies outside the recording. Replace the link by a file.")
        return read(path)
