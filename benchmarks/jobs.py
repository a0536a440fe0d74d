"""What is fetched: the windows that every contestant is given."""

from __future__ import annotations

from attrs import frozen

from benchmarks.market import sessions
from benchmarks.pages import Span

__all__ = ["JOBS", "SPANS", "WARM_UP", "Work"]

#: The market has bars of these days.
SPANS = {"minute": Span("2024-01-02", "2024-12-31"), "second": Span("2024-03-04", "2024-03-15")}


@frozen
class Work:
    """Tickers, a resolution and a window, both days inclusive."""

    name: str
    title: str
    tickers: tuple[str, ...]
    timespan: str
    start: str
    end: str

    @property
    def files(self) -> int:
        """How many files there must be afterwards."""
        return len(self.tickers) * len(sessions(self.start, self.end))


def _minutes(name: str, title: str, count: int) -> Work:
    tickers = tuple(f"S{number:03}" for number in range(count))
    return Work(name, title, tickers, "minute", SPANS["minute"].start, SPANS["minute"].end)


JOBS = {
    job.name: job
    for job in (
        _minutes("minute-year", "1 symbol-year of minutes", 1),
        _minutes("minute-years-5", "5 symbol-years of minutes", 5),
        _minutes("minute-years-20", "20 symbol-years of minutes", 20),
        # The second week, across the start of daylight saving time.
        Work("seconds", "5 sessions of seconds", ("S000",), "second", "2024-03-11", "2024-03-15"),
    )
}

#: What each process does before its clock starts: all that is imported late is there then.
WARM_UP = {
    "minute": Work("warm-up", "1 session", ("S000",), "minute", "2024-06-03", "2024-06-03"),
    "second": Work("warm-up", "1 session", ("S000",), "second", "2024-03-04", "2024-03-04"),
}
