"""The source `polygon`: equity trade bars from Polygon's REST aggregates."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from attrs import frozen

from leanfeed.errors import AuthenticationError, SourceError
from leanfeed.interfaces import setting
from leanfeed.values import (
    Delivery,
    Estimate,
    Gap,
    Resolution,
    SecurityType,
    Series,
    TickType,
)
from leanfeed_polygon import settings

if TYPE_CHECKING:
    from leanfeed_polygon.budget import Rate
    from leanfeed_polygon.client import Client
    from leanfeed_polygon.roads import Road

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
        """The requests that :meth:`fetch` sends when none fails and the plan includes all."""
        requests = sum(len(road.questions) for road in self._roads(gaps))
        return Estimate(requests=requests, seconds=self._rate.spends(requests))

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        """Yield sessions symbol by symbol, then day by day what whole days of the market fill.

        An answer that cannot be trusted, or dates that the plan of the key does not include, cost
        their own sessions only: the others are delivered before one error for all is raised.
        """
        if problem := self.diagnose():
            raise AuthenticationError(problem)
        from leanfeed_polygon.refusals import summary

        failures: list[SourceError] = []
        # A plan may include no second bars at all: what is refused of them says nothing of others.
        seconds = [gap for gap in gaps if gap.series.resolution is Resolution.SECOND]
        others = [gap for gap in gaps if gap.series.resolution is not Resolution.SECOND]
        with closing(self._client()) as client:
            for kind in (others, seconds):
                failures += yield from self._travel(client, self._roads(kind))
        if failures:
            raise summary(failures)

    def _travel(
        self, client: Client, roads: Sequence[Road]
    ) -> Generator[Delivery, None, list[SourceError]]:
        """Ask everything on some roads, deliver what comes, and return what went wrong.

        The question about the oldest days alone comes first: a plan that does not reach back so far
        refuses it whole, while it may answer for the newer part of a longer window without a word.
        """
        from leanfeed_polygon.asking import outcomes, send
        from leanfeed_polygon.plan_limits import PlanLimits

        roads = sorted(roads, key=lambda road: road.questions[0].sessions[-1].date)
        questions = [question for road in roads for question in road.questions]
        sessions = (session for question in questions for session in question.sessions)
        limits = PlanLimits(partial(send, client), sessions)
        failures: list[SourceError] = []
        detours: list[Road] = []
        with closing(outcomes(limits, questions, threads=self.in_flight)) as found:
            for road in roads:
                lost: list[SourceError] = []
                is_open = False
                for made in road.deliveries(found):
                    if isinstance(made, SourceError):
                        lost.append(made)
                    else:
                        is_open = True
                        yield made
                detour = () if is_open or not lost else road.detour(lost)
                detours += detour
                failures += () if detour else lost
        if refused := limits.error():
            failures.append(refused)
        if detours:
            failures += yield from self._travel(client, detours)
        return failures

    @property
    def _rate(self) -> Rate:
        from leanfeed_polygon.budget import FREE, Rate

        return FREE if self.tier == "free" else Rate(1, 1 / self.requests_per_second)

    def _roads(self, gaps: Sequence[Gap]) -> tuple[Road, ...]:
        from leanfeed_polygon.roads import roads
        from leanfeed_polygon.windows import Timespan

        day = Timespan.DAY if self.daily == "day" else Timespan.MINUTE
        return roads([gap for gap in gaps if self.supports(gap.series)], day_from=day)

    def _client(self) -> Client:
        from leanfeed_polygon.budget import Budget
        from leanfeed_polygon.client import Client
        from leanfeed_polygon.pages import is_official

        # Both official hosts count together.
        provider = "" if is_official(self.base_url) else self.base_url
        folder = settings.cache_folder(self.budget_folder)
        return Client(
            base_url=self.base_url,
            api_key=self.api_key,
            name=NAME,
            budget=Budget(self._rate, folder, self.api_key, provider),
            deadline=self.deadline,
            retries=self.retries,
            pause=self.retry_pause,
            time_limit=self.time_limit,
        )
