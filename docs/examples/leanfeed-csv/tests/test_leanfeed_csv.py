"""The conformance kit, on files that are made here."""

import pytest
from leanfeed_csv import CsvSource

import leanfeed
from leanfeed.testing import SourceConformance, gap

HEADER = "time,open,high,low,close,volume\n"
#: The files of each symbol.
TEXTS = {
    "2024-11-25": "09:31,100,101,99,100,300\n09:32,100,102,100,101,5\n20:00,101,101,101,101,1\n",
    "2024-11-26": "04:01,101,101.5,101,101,20\n",
    "2024-11-27": "",
}
#: The same: minutes from midnight to the start of the bar, open, high, low, close, volume.
ROWS = {
    "2024-11-25": [
        (570, 100, 101, 99, 100, 300),
        (571, 100, 102, 100, 101, 5),
        (1199, 101, 101, 101, 101, 1),
    ],
    "2024-11-26": [(240, 101, 101.5, 101, 101, 20)],
}


class TestCsvSource(SourceConformance):
    @pytest.fixture(autouse=True)
    def provider(self, tmp_path):
        self.folder = tmp_path / "prices"
        for ticker in ("SPY", "QQQ"):
            (self.folder / ticker).mkdir(parents=True)
            for day, text in TEXTS.items():
                (self.folder / ticker / f"{day}.csv").write_text(HEADER + text, "utf-8")

    def source(self):
        return CsvSource(folder=self.folder)

    def gaps(self):
        return [gap(ticker, "minute", "2024-11-25", "2024-11-26") for ticker in ("SPY", "QQQ")]

    def bars(self, series, session):
        minutes, *columns = zip(*ROWS[str(session)], strict=True)
        return leanfeed.Bars([session.day[0] + 60_000 * minute for minute in minutes], *columns)

    def gaps_without_trades(self):
        return [gap("SPY", "minute", "2024-11-27")]

    def unknown_gaps(self):
        return [gap("SPY", "minute", "2024-11-29"), gap("IWM", "minute", "2024-11-25")]

    def failing_sources(self):
        yield CsvSource(folder=self.folder / "absent")
        yield CsvSource(folder=self.folder, key="k-123")  # there are no signatures

    def malformed_sources(self):
        for text in ("", "<html>", HEADER + "09:31,100,1"):
            for path in self.folder.rglob("*-25.csv"):
                path.write_text(text, "utf-8")
            yield self.source()

    def malformed_later_sources(self):
        (self.folder / "QQQ/2024-11-26.csv").write_text("<html>", "utf-8")
        yield self.source()

    def secrets(self):
        return ["k-123"]
