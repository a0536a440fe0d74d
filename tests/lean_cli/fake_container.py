"""What LEAN's downloader does inside the container, with bars that anybody can reckon.

Its windows run from midnight UTC to midnight UTC, and it replaces the file of a day whole.
"""

from __future__ import annotations

import datetime as dt
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
ONE_DAY = dt.timedelta(days=1)
#: When a minute or a second is traded, on New York's clocks, pre-market and post-market included.
TRADED = [dt.time(4), dt.time(9, 29), dt.time(9, 30), dt.time(9, 45), dt.time(10), dt.time(15, 59)]
TRADED += [dt.time(19), dt.time(19, 59)]
#: Enough that the two bars of a night are less than a tenth.
MORNING = [dt.time(11, minute) for minute in range(12)]
NIGHT = [dt.time(3, 58), dt.time(3, 59)]
FAILED = (
    "Something went wrong while running the downloader data provider, see the logs above for more "
    "information"
)

Say = Callable[[str], None]


def price(ticker: str, day: dt.date) -> int:
    """The open of every bar of the day, times 10,000."""
    return 1_000_000 + 100 * (day.toordinal() % 1000) + sum(map(ord, ticker))


def days(start: dt.date, end: dt.date) -> Iterator[dt.date]:
    for ordinal in range((start - ONE_DAY).toordinal(), end.toordinal() + 1):
        day = dt.date.fromordinal(ordinal)
        if day.weekday() < 5:
            yield day


def row(stamp: object, cents: int) -> str:
    return f"{stamp},{cents},{cents + 50},{cents - 50},{cents + 10},100"


def day_rows(
    ticker: str, day: dt.date, start: dt.date, end: dt.date, traded: Sequence[dt.time]
) -> list[str]:
    """The rows of a day that lie in the window."""
    first, last = (dt.datetime.combine(d, dt.time(), dt.UTC) for d in (start, end))
    rows = []
    for time in traded:
        if first <= dt.datetime.combine(day, time, NEW_YORK) < last:
            since_midnight = (time.hour * 60 + time.minute) * 60_000
            rows.append(row(since_midnight, price(ticker, day)))
    return rows


def store(path: Path, entry: str, rows: list[str]) -> None:
    if rows:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(entry, "\n".join(rows))


def download(
    root: Path,
    ticker: str,
    resolution: str,
    start: dt.date,
    end: dt.date,
    traded: Sequence[dt.time],
) -> list[Path]:
    """Write the files of one ticker, and say which."""
    low = ticker.lower()
    folder = root / "equity" / "usa" / resolution
    if resolution in ("daily", "hour"):
        rows = [row(f"{day:%Y%m%d} 00:00", price(ticker, day)) for day in days(start, end)]
        store(folder / f"{low}.zip", f"{low}.csv", rows)
        return [folder / f"{low}.zip"]
    paths = []
    for day in days(start, end):
        path = folder / low / f"{day:%Y%m%d}_trade.zip"
        rows = day_rows(ticker, day, start, end, traded)
        store(path, f"{day:%Y%m%d}_{low}_{resolution}_trade.csv", rows)
        paths += [path] if rows else []
    return paths


def spoil(path: Path, kind: str) -> None:
    """Make of a sound zip what a broken disk, a broken program or a prankster would leave."""
    with zipfile.ZipFile(path) as archive:
        entry = archive.namelist()[0]
        text = archive.read(entry).decode()
    rows = text.split("\n")
    if kind == "cut":
        path.write_bytes(path.read_bytes()[:-30])
    elif kind == "zero bytes":
        path.write_bytes(b"")
    elif kind == "html":
        path.write_text("<html>")
    elif kind == "no entry":
        zipfile.ZipFile(path, "w").close()
    elif kind == "empty entry":
        store(path, entry, [""])
    elif kind == "wrong entry":
        store(path, "../x.csv", rows)
    elif kind == "unsorted":
        store(path, entry, rows[::-1])
    elif kind == "a column too many":
        store(path, entry, [f"{rows[0]},1", *rows[1:]])
    elif kind == "low above high":
        stamp, open_, high, low, *rest = rows[0].split(",")
        store(path, entry, [",".join((stamp, open_, low, high, *rest)), *rows[1:]])
    elif kind == "link":
        path.symlink_to(path.rename(path.with_suffix(".elsewhere")))
    elif kind == "folder":
        path.unlink()
        path.mkdir()
    elif kind == "bomb":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(entry, bytes(20_000_000))
    elif kind == "absent":
        path.unlink()


#: How a ticker can break the container, by what LEAN logs before it ends.
BREAKS = {
    "broken": ["ERROR:: Failed after 10 attempts for /v2/aggs. Last response: NotFound"],
    "refused": ["ERROR:: Failed after 10 attempts for /v3/reference. Last response: Forbidden"],
    "throttled": ["TRACE:: was throttled due to too many requests. Waiting 90 seconds"] * 3,
    "breaks in silence": [],
    "refused at eleven": ["ERROR:: Failed after 10 attempts. Last response: Forbidden"],
    "broken at eleven": ["ERROR:: Unhandled exception. System.OutOfMemoryException"],
}


def run(given: dict[str, Any], config: dict[str, Any], play: dict[str, Any], say: Say) -> None:
    """Download ticker after ticker; the first that breaks ends it all."""
    root = Path(config["data-folder"])
    start, end = (dt.datetime.strptime(given[k], "%Y%m%d").date() for k in ("start", "end"))
    tickers = list(dict.fromkeys(t.strip().upper() for t in given["ticker"].split(",")))
    resolution = given["resolution"].lower()
    traded = {
        "pre-market only": TRADED[:2],
        "post-market only": TRADED[-2:],
        "at night": sorted([dt.time(3, 59), *TRADED, *MORNING, dt.time(20)]),
        "half the night": [*NIGHT, *TRADED],
    }.get(play["outcome"], TRADED)

    def log(text: str) -> None:
        say(f"20250926 13:11:24.649 {text}")

    if play["outcome"] == "throttled at first":
        log(BREAKS["throttled"][0])
    for number, ticker in enumerate(tickers, 1):
        kind = play["tickers"].get(ticker, "ok")
        if kind == "broken unless alone":
            kind = "broken" if len(tickers) > 1 else "ok"
        if kind.endswith("at eleven"):
            before_eleven = [time for time in traded if time < dt.time(11)]
            download(root, ticker, resolution, start, end, before_eleven)
        if kind in BREAKS:
            for text in BREAKS[kind]:
                log(text)
            say(FAILED)
            sys.exit(1)
        if kind == "null":
            log(f"TRACE:: No data returned for {ticker}: it does not support this request")
            continue
        if kind == "unknown":
            log(f"TRACE:: No data found for {ticker} between {start} and {end}")
        elif kind != "no files":
            paths = download(root, ticker, resolution, start, end, traded)
            if kind != "ok":
                wanted = root / play.get("spoiled", paths[0].relative_to(root))
                spoil(wanted, kind)
        log(f"TRACE:: RunDownload(): {number} ({number} out of {len(tickers)} symbols)")
        log(f"TRACE:: RunDownload(): Download completed for {ticker} at {resolution}")
    folder = root / "equity" / "usa" / resolution / tickers[0].lower()
    if play["outcome"] == "linked folder":
        folder.symlink_to(folder.rename(root / "elsewhere"))
    if play["outcome"] == "strangers":
        store(root / "equity/usa/minute/zzz/20240103_trade.zip", "zzz.csv", ["0,1,1,1,1,1"])
        (folder / "notes.txt").write_text("hello")
    say("All downloads completed in 1.00 seconds.")
