"""The source `polygon`: equity trade bars from Polygon's REST aggregates."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from attrs import frozen

from leanfeed.errors import AuthenticationError, ContractError, SourceError
from leanfeed.interfaces import setting
from leanfeed.values import Delivery, Estimate, Gap, SecurityType, Series, TickType
from leanfeed_polygon import settings

if TYPE_CHECKING:
    from leanfeed_polygon.answers import Question
    from leanfeed_polygon.budget import Rate
    from leanfeed_polygon.downloads import Download
    from leanfeed_polygon.pages import Answer

__all__ = ["NAME", "PolygonSource"]

#: What `sources = [...]` calls it.
NAME = "polygon"


@frozen
class PolygonSource:
    """Asks Polygon.io, which is now called Massive, for raw trade bars of US equities.

    Its windows, and so its number of requests, are the fewest that the page limit allows. At most
    five requests are under way in a process.
    """

    api_key: str = setting(
        default="",
        help="the API key",
        env=("POLYGON_API_KEY", "MASSIVE_API_KEY"),
        lean_json="polygon-api-key",
        secret=True,
        converter=settings.key,
    )
    base_url: str = setting(
        default="https://api.polygon.io",
        help="scheme, host and port of the API",
        env=("POLYGON_BASE_URL",),
        converter=settings.base_url,
    )
    in_flight: int = setting(
        default=settings.MAX_IN_FLIGHT,
        help="requests under way at a time, 1 to 5",
        converter=settings.whole_number,
        validator=settings.between(1, settings.MAX_IN_FLIGHT),
    )
    daily: str = setting(
        default="day",
        help="make daily bars from Polygon's day aggregates, or from the minutes of regular hours",
        validator=settings.choice("day", "minutes"),
    )
    tier: str = setting(
        default="paid",
        help="the plan of the key: free (5 requests a minute) or paid",
        validator=settings.choice("free", "paid"),
    )
    requests_per_second: float = setting(
        default=90.0,
        help="pace of a paid plan; Polygon throttles from 100 on",
        converter=settings.number,
        validator=settings.between(0.02, 99),
    )
    budget_folder: str = setting(
        default="",
        help="where processes share the request budget; the user's cache folder unless given",
    )
    deadline: float = setting(
        default=60.0,
        help="seconds that one try of a request may take",
        converter=settings.number,
        validator=settings.between(0.1, 3600),
    )
    time_limit: float = setting(
        default=0.0,
        help="seconds that all requests of a run may take; 0: no limit",
        converter=settings.number,
        validator=settings.between(0, 1e6),
    )
    retries: int = setting(
        default=4,
        help="tries of one request after the first",
        converter=settings.whole_number,
        validator=settings.between(0, 20),
    )
    retry_pause: float = setting(
        default=1.0,
        help="seconds of the shortest wait between tries; it doubles each time",
        converter=settings.number,
        validator=settings.between(0, 60),
    )

    def supports(self, series: Series) -> bool:
        symbol = series.symbol
        return (
            symbol.security_type is SecurityType.EQUITY
            and symbol.market == "usa"
            and series.tick_type is TickType.TRADE
        )

    def diagnose(self) -> str | None:
        """Say what is missing: only the key can be."""
        if self.api_key:
            return None
        return (
            "Polygon wants an API key: set POLYGON_API_KEY, or polygon-api-key in lean.json. "
            "With `--sources replay` leanfeed works without one."
        )

    def estimate(self, gaps: Sequence[Gap]) -> Estimate:
        """One request for each window: :meth:`fetch` uses the same ones."""
        requests = sum(len(download.windows) for download in self._downloads(gaps))
        return Estimate(requests=requests, seconds=self._rate.spends(requests))

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        """Yield sessions symbol by symbol.

        An answer that cannot be trusted, or that the plan of the key does not include, costs its
        own sessions only: the others are delivered before its error is raised.
        """
        if problem := self.diagnose():
            raise AuthenticationError(problem)
        downloads = self._downloads(gaps)
        failures: list[SourceError] = []
        with closing(self._answers(downloads)) as answers:
            usable = _usable(answers, failures)
            for download in downloads:
                yield from download.deliveries(usable)
        if failures:
            raise failures[0]

    @property
    def _rate(self) -> Rate:
        from leanfeed_polygon.budget import FREE, Rate

        return FREE if self.tier == "free" else Rate(1, 1 / self.requests_per_second)

    def _downloads(self, gaps: Sequence[Gap]) -> tuple[Download, ...]:
        from leanfeed_polygon.downloads import downloads
        from leanfeed_polygon.windows import Timespan

        day = Timespan.DAY if self.daily == "day" else Timespan.MINUTE
        return downloads([gap for gap in gaps if self.supports(gap.series)], day_from=day)

    def _answers(
        self, downloads: Sequence[Download]
    ) -> Generator[Answer | SourceError, None, None]:
        """One answer for each window, in order."""
        from leanfeed_polygon.budget import Budget
        from leanfeed_polygon.client import Client
        from leanfeed_polygon.flight import in_order
        from leanfeed_polygon.pages import ask
        from leanfeed_polygon.refusals import NotEntitledError

        client = Client(
            base_url=self.base_url,
            api_key=self.api_key,
            name=NAME,
            budget=Budget(self._rate, settings.cache_folder(self.budget_folder), self.api_key),
            deadline=self.deadline,
            retries=self.retries,
            pause=self.retry_pause,
            time_limit=self.time_limit,
        )

        def work(question: Question) -> Answer | SourceError:
            try:
                return ask(client, question)
            except (ContractError, NotEntitledError) as error:
                return error

        questions = (question for download in downloads for question in download.questions)
        try:
            with closing(in_order(work, questions, threads=self.in_flight)) as answers:
                yield from answers
        finally:
            client.close()


def _usable(
    answers: Iterable[Answer | SourceError], failures: list[SourceError]
) -> Iterator[Answer | None]:
    for answer in answers:
        if isinstance(answer, SourceError):
            failures.append(answer)
            yield None
        else:
            yield answer
