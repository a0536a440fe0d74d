"""What a data folder holds, read with nothing of leanfeed's, and what it should hold."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from leanfeed import Series, Session
from leanfeed.lean import paths
from leanfeed.lean.zips import zip_bytes
from tests.torture.plugin import truth

__all__ = [
    "OLD_DAYS",
    "claims",
    "present",
    "put_old",
    "row_texts",
    "temporaries",
    "torn",
    "true_rows",
    "zips",
]

#: Rows of two sessions that stood there before, and not as leanfeed would write them.
OLD_DAYS = ("20231228 00:00,1,2,1,2,5", "20231229 00:00,10,20,10,20,50.0")


def put_old(folder: Path, series: Iterable[Series]) -> dict[str, bytes]:
    """Put what stood there before: files of others, and rows of old sessions; returns the files."""
    for one in series:
        if one.resolution.is_file_per_session:
            session = folder / paths.series_folder(one)
            for kind in ("trade", "quote"):
                target = session / f"20231229_{kind}.zip"
                _put(target, f"20231229_{one.symbol.file_ticker}_minute_{kind}.csv", "1,2,3,4,5,6")
        else:
            _put(folder / paths.zip_path(one), paths.entry_name(one), *OLD_DAYS)
    return zips(folder)


def _put(path: Path, name: str, *rows: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zip_bytes(name, "\n".join(rows).encode()))


def zips(folder: Path) -> dict[str, bytes]:
    """Every file of LEAN's, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".leanfeed" not in path.parts and path.suffix != ".tmp"
    }


def temporaries(folder: Path) -> list[str]:
    """Files that only a run that is at work may have."""
    return sorted(p.name for p in folder.rglob("*") if p.suffix == ".tmp")


def claims(folder: Path) -> list[str]:
    """What runs that are at work, or were killed, have claimed."""
    return [path.name for path in (folder / ".leanfeed/runs").glob("*.json")]


def row_texts(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        assert archive.testzip() is None
        return archive.read(name).decode("ascii").split("\n")


def torn(folder: Path) -> list[str]:
    """Files that cannot be read to their end."""
    found = []
    for name in zips(folder):
        try:
            assert all(row.count(",") == 5 for row in row_texts(folder / name))
        except Exception as error:
            found.append(f"{name}: {error!r}")
    return found


@lru_cache(maxsize=1000)
def true_rows(series: Series, session: Session) -> list[str]:
    """What LEAN should read of a session."""
    bars = truth(series, session)
    columns = (bars.open, bars.high, bars.low, bars.close)
    prices = zip(*(np.rint(column * 10_000).astype(int) for column in columns), strict=True)
    times = [_time(series, session, int(time)) for time in bars.time]
    return [
        ",".join(map(str, (time, *row, int(volume))))
        for time, row, volume in zip(times, prices, bars.volume, strict=True)
    ]


def _time(series: Series, session: Session, time: int) -> str:
    since_midnight = time - session.day[0]  # no clock is changed on a trading day
    if series.resolution.is_file_per_session:
        return str(since_midnight)
    minutes = since_midnight // 60_000
    return f"{session.date:%Y%m%d} {minutes // 60:02}:{minutes % 60:02}"


def present(
    folder: Path, wanted: Mapping[Series, Iterable[Session]], *, but: Mapping[Path, bytes] = {}
) -> set[str]:
    """The sessions that are there, such as ``SPY minute 2024-01-02``.

    Files that are as in `but` do not count: somebody has damaged them.

    Raises:
        AssertionError: one is there with other rows than it should have.
    """
    found = set()
    for series, sessions in wanted.items():
        for session in sessions:
            path = folder / paths.zip_path(series, session.date)
            is_there = path.exists() and but.get(path) != path.read_bytes()
            rows = row_texts(path) if is_there else []
            if not series.resolution.is_file_per_session:
                rows = [row for row in rows if row.startswith(f"{session.date:%Y%m%d}")]
            if rows:
                assert rows == true_rows(series, session), f"{series} {session}"
                found.add(f"{series} {session}")
    return found
