"""What the Lean CLI staged, read without trusting it and cut into whole sessions."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from leanfeed.bars import Bars
from leanfeed.contract import problem_with
from leanfeed.errors import ContractError, DamagedFileError
from leanfeed.lean.consolidate import hourly
from leanfeed.lean.lines import parse_bars
from leanfeed.lean.paths import entry_name, zip_path
from leanfeed.lean.zips import entries
from leanfeed.values import Delivery, Gap, Resolution, Series, Session

__all__ = ["staged"]

#: The share of a day's bars that may lie outside its trading hours: they are left out. More mean
#: that its clock is another one.
_MOST_OUTSIDE = 0.1
#: Bytes of a zip and of its content. A day of seconds has less than 5 MB, all days there were less.
_LARGEST = 16_000_000


def staged(
    staging: Path, gaps: Sequence[Gap], resolution: Resolution
) -> Iterator[Delivery | ContractError]:
    """The sessions of one ticker that came whole, oldest first, and an error for each bad one.

    Only the files of wanted sessions are opened, so the partial day before the window, which LEAN's
    downloader writes in winter, is not looked at. Of a day's file the bars from the first
    pre-market to the last post-market minute are taken; one with many bars outside, or none in the
    regular hours, is bad. Hours are made of minutes. A session without a bar is not delivered: that
    there is no file never means that there was no trading.

    Args:
        staging: the data folder of the Lean CLI.
        gaps: what is wanted of the ticker.
        resolution: what was downloaded.
    """
    sessions = sorted({s for gap in gaps for s in gap.sessions}, key=lambda session: session.date)
    downloaded = Series(gaps[0].series.symbol, resolution, gaps[0].series.tick_type)
    for session, found in _found(staging, downloaded, sessions):
        if isinstance(found, ContractError):
            yield found
            continue
        for gap in gaps:
            if session not in gap.sessions:
                continue
            is_hour = gap.series.resolution is Resolution.HOUR
            bars = hourly(found, session) if is_hour else found
            if not len(bars):
                continue
            delivery = Delivery(gap.series, session, bars)
            problem = problem_with(delivery)
            yield _broken(f"{gap.series} {session}", problem) if problem else delivery


def _found(
    staging: Path, series: Series, sessions: Sequence[Session]
) -> Iterator[tuple[Session, Bars | ContractError]]:
    """Each session of which the staging folder has something."""
    if series.resolution.is_file_per_session:
        for session in sessions:
            bars = _read(staging, series, session)
            if isinstance(bars, ContractError):
                yield session, bars
            elif len(bars):
                yield session, _in_hours(bars, series, session)
        return
    bars = _read(staging, series, sessions[0])
    if isinstance(bars, ContractError):
        yield sessions[0], bars
    elif len(bars):
        for session in sessions:
            yield session, bars.between(*session.day)


def _in_hours(bars: Bars, series: Series, session: Session) -> Bars | ContractError:
    """The bars of a day that lie in its trading hours, if they look like those of a whole day."""
    inside = bars.between(*session.extended)
    outside = len(bars) - len(inside)
    path = zip_path(series, session.date)
    if outside > _MOST_OUTSIDE * len(bars):
        cause = f"{outside} of its {len(bars)} bars lie outside the trading hours"
        return _broken(path, f"{cause}, as in another time zone")
    if not any(len(inside.between(*interval)) for interval in session.regular):
        return _broken(path, "it has no bar in the regular hours")
    return inside


def _read(staging: Path, series: Series, session: Session) -> Bars | ContractError:
    """The bars of the file that holds the session; none when there is no such file."""
    day = session.date if series.resolution.is_file_per_session else None
    path, entry = zip_path(series, day), entry_name(series, day)
    try:
        if not _is_there(staging, path):
            return Bars.empty()
        contents = entries(staging / path, limit=_LARGEST)
    except DamagedFileError:
        return _broken(path, "it is not a sound zip")
    except OSError as error:
        return _broken(path, f"the system refuses it ({error.strerror})")
    except ContractError as error:
        return error
    if list(contents) != [entry]:
        return _broken(path, f"it does not hold {entry}, and only that")
    try:
        bars = parse_bars(contents[entry], series, session.time_zone, day=day)
    except DamagedFileError as error:
        return _broken(path, str(error).partition(":")[0])
    if not isinstance(bars, Bars) or not len(bars):
        return _broken(path, "it is empty")
    if not (bars.time[1:] > bars.time[:-1]).all():
        return _broken(path, "its rows do not ascend")
    return bars


def _is_there(staging: Path, path: PurePosixPath) -> bool:
    """Whether a file lies there; no link is followed on the way.

    Raises:
        ContractError: what lies there is not a file, or is too large.
        OSError: the system refuses to look.
    """
    try:
        for folder in reversed(path.parents[:-1]):
            if not stat.S_ISDIR((staging / folder).lstat().st_mode):
                raise _broken(path, f"{folder} is not a folder")
        found = (staging / path).lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(found.st_mode):
        raise _broken(path, "it is not a regular file")
    if found.st_size > _LARGEST:
        raise _broken(path, f"it has more than {_LARGEST // 1_000_000} MB")
    return True


def _broken(what: object, cause: str) -> ContractError:
    return ContractError(
        f"What the Lean CLI staged as {what} cannot be trusted: {cause}. Run again, or look at "
        "what it said."
    )
