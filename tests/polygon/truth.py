"""What LEAN's files have to hold, made without leanfeed's help, and what is said against it."""

from __future__ import annotations

import datetime as dt
import sqlite3
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

from leanfeed import Bars, Report, Session
from tests.polygon.market import Market

__all__ = ["Truth"]

_NEW_YORK = ZoneInfo("America/New_York")
_LEDGER = ".leanfeed/ledger.sqlite"
#: Stay when a run is over.
_OF_RUNS = (".leanfeed/locks/", ".leanfeed/runs/")


class Truth:
    """The minute and daily rows of a market, by symbol, resolution and date."""

    def __init__(self, market: Market, sessions: Sequence[Session]) -> None:
        dates = {session.date for session in sessions}
        self.rows: dict[tuple[str, str, dt.date], list[str]] = {}
        for (ticker, timespan), bars in market.items():
            resolution = {"day": "daily"}.get(timespan, timespan)
            for date in dates:
                self.rows[ticker, resolution, date] = []
            for date, row in _rows(bars, resolution):
                if date in dates:
                    self.rows[ticker, resolution, date].append(row)

    def findings(self, folder: Path, report: Report) -> list[str]:
        """Every untruth of the folder, of its ledger and of the report, in words."""
        files = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
        files.pop(_LEDGER, None)
        stored = {name: _content(path) for name, path in files.items() if name.endswith(".zip")}
        left = (name for name in files if name not in stored and not name.startswith(_OF_RUNS))
        findings = [f"{name} is left over" for name in left]
        daily = {name: rows for name, rows in stored.items() if "/daily/" in name}
        for (ticker, resolution, date), rows in self.rows.items():
            if resolution == "daily":
                known = daily.get(f"equity/usa/daily/{ticker.lower()}.zip", [])
                found = [row for row in known if row.startswith(f"{date:%Y%m%d} ")]
                known[:] = [row for row in known if row not in found]
            else:
                name = f"equity/usa/{resolution}/{ticker.lower()}/{date:%Y%m%d}_trade.zip"
                found = stored.pop(name, [])
            findings += _judge(report, (ticker, resolution, date), rows, found)
        findings += [f"{name} was not asked for" for name in stored if "/daily/" not in name]
        findings += [f"{name} holds {rows} besides" for name, rows in daily.items() if rows]
        return findings + [f"the ledger forgets {key}" for key in self._forgotten(folder)]

    def _forgotten(self, folder: Path) -> Iterator[object]:
        """Sessions with trades of which the ledger says that there were none."""
        if not (folder / _LEDGER).exists():
            return
        with closing(sqlite3.connect(folder / _LEDGER)) as ledger:
            for name, day in ledger.execute("SELECT series, date FROM session WHERE rows = 0"):
                _, _, resolution, ticker, _ = name.split("/")
                key = (ticker.upper(), resolution, dt.datetime.strptime(str(day), "%Y%m%d").date())
                if self.rows[key]:
                    yield key


def _judge(
    report: Report, key: tuple[str, str, dt.date], rows: list[str], found: list[str]
) -> Iterator[str]:
    """Is one session on disk whole or not at all, and does the report say the same?"""
    ticker, resolution, date = key
    (series,) = (
        s
        for s in report.series
        if (s.series.symbol.ticker, s.series.resolution) == (ticker, resolution)
    )
    groups = {
        "written": series.written,
        "already there": series.present,
        "without trades": series.no_trades,
        "missing": series.missing,
    }
    said = [name for name, group in groups.items() if date in {s.date for s in group}]
    if found:
        expected = [["written"], ["already there"]]
    else:
        expected = [["missing"]] if rows else [["missing"], ["without trades"]]
    if said not in expected:
        yield f"{ticker} {resolution} {date} with {len(found)} rows is reported {said}"
    if found and found != rows:
        yield f"{ticker} {resolution} {date} holds {found[:3]} …, the truth is {rows[:3]} …"


def _rows(bars: Bars, resolution: str) -> Iterator[tuple[dt.date, str]]:
    """LEAN's text of each bar, and its date."""
    for time, *prices, volume in zip(*(column.tolist() for column in bars.columns), strict=True):
        local = dt.datetime.fromtimestamp(time / 1000, _NEW_YORK)
        midnight = local.replace(hour=0, minute=0, second=0)
        stamp = str(round((local - midnight).total_seconds() * 1000))
        if resolution == "daily":
            stamp = f"{local:%Y%m%d %H:%M}"
        numbers = (*(round(price * 10_000) for price in prices), round(volume))
        yield local.date(), ",".join((stamp, *map(str, numbers)))


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _content(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        return archive.read(name).decode().splitlines()
