"""The one error of a backtest whose data is not complete."""

from __future__ import annotations

from leanfeed.errors import IncompleteError
from leanfeed.report import Report, SeriesReport
from leanfeed.report_text import verdict
from leanfeed.values import Session
from leanfeed.wording import grouped, ranges

__all__ = ["DataNotReadyError"]


class DataNotReadyError(IncompleteError):
    """Sessions that a backtest needs are missing.

    The message is a few sentences for the user of a service: what is missing, which source could
    not give it and why, and what to do. The whole story is in :attr:`report`.
    """

    def __init__(self, report: Report) -> None:
        super().__init__(_message(report))
        #: What happened, session by session.
        self.report = report

    def __reduce__(self) -> tuple[type[DataNotReadyError], tuple[Report]]:
        return type(self), (self.report,)


def _message(report: Report) -> str:
    where = grouped((s.series, ranges([*_lacking(s)])) for s in report.series if not s.complete)
    what = f"The data is not ready: {verdict(report)}, {'; '.join(map(str.strip, where))}."
    failures = [f"{failure.source}: {failure.message}" for failure in report.failures]
    return " ".join([what, *(failures or _reasons(report))])


def _reasons(report: Report) -> list[str]:
    """Why, and what to do, where no source has failed."""
    reasons = {reason: None for s in report.series for reason in _lacking(s).values()}
    why = "; ".join(list(reasons)[:3])
    return [f"Why: {why}.", "Check the tickers and the dates, or configure another source."]


def _lacking(s: SeriesReport) -> dict[Session, str]:
    return {**s.missing, **s.not_refreshed}
