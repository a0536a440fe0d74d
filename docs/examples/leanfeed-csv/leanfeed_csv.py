"""Minute bars from CSV files: prices/SPY/2024-11-25.csv."""

import hashlib
import hmac
from pathlib import Path

from attrs import frozen

import leanfeed

HEADER = "time,open,high,low,close,volume"
MINUTE = 60_000  # milliseconds


@frozen
class CsvSource:
    """A folder with a file for each symbol and day. One without rows: there was no trading."""

    folder: Path = leanfeed.setting(default="prices", help="where the files are", converter=Path)
    key: leanfeed.Secret = leanfeed.setting(
        default="", help="checks the signature beside each file", secret=True
    )

    def supports(self, series):
        return series.resolution == "minute" and series.tick_type == "trade"

    def diagnose(self):
        if not self.folder.is_dir():
            return f"There is no folder {self.folder}: set LEANFEED_CSV_FOLDER."
        return None

    def fetch(self, gaps):
        if problem := self.diagnose():
            raise leanfeed.UnavailableError(problem)
        for gap in gaps:
            for session in gap.sessions:
                path = self.folder / gap.series.symbol.ticker / f"{session}.csv"
                if path.exists():
                    bars = self.read(path, session)
                    yield leanfeed.Delivery(gap.series, session, bars)

    def read(self, path, session):
        try:
            text = path.read_text("utf-8")
            if self.key:
                self.check(text, path.with_suffix(".sig").read_text("ascii"))
            return parsed(text, session)
        except OSError as error:
            raise leanfeed.UnavailableError(
                f"{error.filename} cannot be read: {error.strerror}."
            ) from error
        except ValueError as error:
            raise leanfeed.ContractError(f"{path} is damaged: {error}. Fetch it again.") from error

    def check(self, text, signature):
        expected = hmac.new(self.key.reveal().encode(), text.encode(), hashlib.sha256)
        if not hmac.compare_digest(expected.hexdigest(), signature.strip()):
            raise ValueError("its signature is wrong")


def parsed(text, session):
    """The bars of one file, which stamps a bar with its end, on the clock of the market."""
    header, *rows, last = text.split("\n")
    if header != HEADER or last:
        raise ValueError("the header or the end is missing")
    columns = [[] for _ in HEADER.split(",")]
    for row in rows:
        clock, *numbers = row.split(",")
        hours, minutes = clock.split(":")
        time = session.day[0] + (int(hours) * 60 + int(minutes)) * MINUTE - MINUTE
        for column, value in zip(columns, (time, *map(float, numbers)), strict=True):
            column.append(value)
    return leanfeed.Bars(*columns)


@leanfeed.hookimpl
def leanfeed_data_sources():
    return {"csv": CsvSource}
