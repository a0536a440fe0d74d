"""The default planner: a session of the market's calendar that is not on disk is missing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import define, evolve

from leanfeed.checks import between, whole_number
from leanfeed.default_plugins.judging import judge
from leanfeed.default_plugins.stored_series import (
    Stored,
    check_files,
    stored_series,
    unlisted,
)
from leanfeed.default_plugins.windows import Window
from leanfeed.errors import ConfigurationError
from leanfeed.interfaces import setting
from leanfeed.lean.hours_database import open_database
from leanfeed.lean.map_files import changes_of_each
from leanfeed.lean.market_hours import hours_in
from leanfeed.ledger import Ledger
from leanfeed.plans import Plan, SeriesPlan
from leanfeed.request import Request
from leanfeed.values import Symbol

__all__ = ["CalendarPlanner"]


@define
class CalendarPlanner:
    """Compares LEAN's market hours with the files of the data folder.

    A file that cannot be read is damaged, and what it should hold is missing.
    """

    settle_minutes: int = setting(
        default=15,
        converter=whole_number,
        validator=between(0, 24 * 60),
        help="minutes after the end of a session from which its bars count as final",
    )

    def plan(self, request: Request, data_folder: Path) -> Plan:
        """See :class:`~leanfeed.interfaces.GapPlanner`."""
        _check_readable(data_folder)
        changes = changes_of_each(data_folder, request.symbols)
        windows = self._windows(request, data_folder)
        planned: list[SeriesPlan] = []
        asked = set(request.series)
        wanted: list[tuple[Stored, Window]] = []
        for stored in stored_series(request, changes):
            window = windows[stored.asked_as[0]].of(stored)
            if window.sessions or stored.series in asked:
                wanted.append((stored, window))
        with Ledger(data_folder) as ledger:
            planned += _judged(wanted, request, ledger)
        check_files(s.series.symbol for s in planned)
        end = request.end or max((window.end for window in windows.values()), default=request.start)
        start = min((window.start for window in windows.values()), default=request.start)
        return Plan(
            request=request,
            window=(request.start, end),
            extended_window=(start, end),
            series=tuple(planned),
            unlisted={
                symbol: sessions
                for symbol, window in windows.items()
                if (sessions := unlisted(window.sessions, changes[symbol]))
            },
        )

    def _windows(self, request: Request, data_folder: Path) -> dict[Symbol, Window]:
        """The window of each symbol; those of a market share it."""
        of_market: dict[str, Window] = {}
        windows = {}
        database = open_database(data_folder)
        for symbol in request.symbols:
            hours = hours_in(database, symbol)
            if hours.key not in of_market:
                settle = self.settle_minutes * 60_000
                of_market[hours.key] = Window.asked(request, hours, settle=settle)
            windows[symbol] = of_market[hours.key]
        return windows


def _judged(
    wanted: Sequence[tuple[Stored, Window]], request: Request, ledger: Ledger
) -> Iterator[SeriesPlan]:
    judged = judge([(stored.series, window) for stored, window in wanted], request, ledger)
    try:
        for (stored, _), planned in zip(wanted, judged, strict=True):
            is_same = planned.asked_as == stored.asked_as
            yield planned if is_same else evolve(planned, asked_as=stored.asked_as)
    except OSError as error:
        raise ConfigurationError(
            f"{error.filename or ledger.data_folder} cannot be read: {error.strerror}; "
            "check its permissions."
        ) from error


def _check_readable(data_folder: Path) -> None:
    try:
        for folder in (data_folder, *data_folder.absolute().parents):
            if folder.exists() and not folder.is_dir():
                raise ConfigurationError(f"The data folder {folder} is a file: name a folder.")
        is_readable = not data_folder.exists() or os.access(data_folder, os.R_OK | os.X_OK)
    except (OSError, ValueError) as error:  # a name that no file system takes
        raise ConfigurationError(f"The data folder cannot be used: {error}.") from None
    if not is_readable:
        raise ConfigurationError(
            f"The data folder {data_folder} cannot be read: check its permissions."
        )
