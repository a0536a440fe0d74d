"""Where a data folder has the sessions of some series, and the stamps of those files."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path, PurePosixPath

from leanfeed.default_plugins.stamps import Place, Stamps, stamp_of, stamps_joined, stamps_of
from leanfeed.default_plugins.windows import Window
from leanfeed.lean import paths
from leanfeed.values import Series, Session

__all__ = ["by_file", "stamps"]

_ANY_DAY = dt.date(2000, 1, 1)
_DAY = f"{_ANY_DAY:%Y%m%d}"


def stamps(asked: Sequence[tuple[Series, Window]], data_folder: Path) -> Callable[[], list[Stamps]]:
    """Begin to ask for the stamps of the files that hold the settled sessions of some series.

    What is returned waits for them, and has them in the order of the series. It raises an OSError
    where the system refuses.
    """
    alone = [pair for pair in asked if pair[0].resolution.is_file_per_session]
    answer = stamps_of([_place(*pair, data_folder) for pair in alone])

    def all_of_them() -> list[Stamps]:
        of_each = iter(answer())
        return [
            next(of_each)
            if series.resolution.is_file_per_session
            else _shared_stamps(series, window, data_folder)
            for series, window in asked
        ]

    return all_of_them


def _place(series: Series, window: Window, data_folder: Path) -> Place:
    folder, name = paths.zip_parts(series, _ANY_DAY)
    return Place(os.path.join(data_folder, folder), window.file_names(name[len(_DAY) :]))


def _shared_stamps(series: Series, window: Window, data_folder: Path) -> Stamps:
    if not series.is_chain:
        return stamp_of(data_folder / paths.zip_path(series), len(window.settled))
    return stamps_joined(
        stamp_of(data_folder / path, len(sessions))
        for path, sessions in by_file(series, window.settled)
    )


def by_file(
    series: Series, sessions: Sequence[Session]
) -> Iterator[tuple[PurePosixPath, tuple[Session, ...]]]:
    """The hour or daily zips of some sessions, each with those that it holds, oldest first."""
    if not series.is_chain:
        yield paths.zip_path(series), tuple(sessions)
        return
    for _, group in groupby(sessions, key=lambda session: session.date.year):
        part = tuple(group)
        yield paths.zip_path(series, part[0].date), part
