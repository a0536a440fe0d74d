"""The source `polygon`: equity trade bars from Polygon's REST aggregates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from attrs import frozen

from leanfeed import checks
from leanfeed.errors import AuthenticationError, SourceError
from leanfeed.interfaces import Finding, setting
from leanfeed.secret import Secret
from leanfeed.stopping import on_stop
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

    api_key: Secret = setting(
        default="",
        help="the API key",
        env=("POLYGON_API_KEY", "MASSIVE_API_KEY"),
        lean_json="polygon-api-key",
        secret=True,
        converter=settings.key,
    )
    base_url: str = setting(
        default="https://api.polygon.io",
        help="scheme, host and port of the API; plain http only to this machine",
        env=("POLYGON_BASE_URL",),
        converter=settings.base_url,
    )
    in_flight: int = setting(
        default=settings.MAX_IN_FLIGHT,
        help="requests under way at a time, at most 5 in a process",
        converter=checks.whole_number,
        validator=checks.between(1, settings.MAX_IN_FLIGHT),
    )
    daily: str = setting(
        default="day",
        help="daily bars: Polygon's `day` aggregates, or made from `minutes` of regular hours",
        validator=checks.choice("day", "minutes"),
    )
    tier: str = setting(
        default="paid",
        help="the plan of the key: `free` (5 requests a minute) or `paid`",
        validator=checks.choice("free", "paid"),
    )
    requests_per_second: float = setting(
        default=90.0,
        help="pace of a paid plan; Polygon throttles from 100 on",
        converter=checks.number,
        validator=checks.between(0.02, 99),
    )
    budget_folder: str = setting(
        default="",
        help="where processes share the request budget; the user's cache folder unless given",
    )
    ca_file: str = setting(
        default="",
        help="a file of certificates (PEM) to trust instead of the system's",
    )
    proxy: str = setting(
        default="",
        help="a proxy for all requests; as `HTTPS_PROXY` and `NO_PROXY` say unless given",
        converter=settings.proxy,
    )
    deadline: float = setting(
        default=60.0,
        help="seconds that one try of a request may take, look-up of the name included",
        converter=checks.number,
        validator=checks.between(0.1, 3600),
    )
    time_limit: float = setting(
        default=0.0,
        help="seconds that all requests of a run may take; 0: no limit",
        converter=checks.number,
        validator=checks.between(0, 1e6),
    )
    retries: int = setting(
        default=4,
        help="tries of one request after the first",
        converter=checks.whole_number,
        validator=checks.between(0, 20),
    )
    retry_pause: float = setting(
        default=1.0,
        help="seconds of the shortest wait between tries; it doubles each time",
        converter=checks.number,
        validator=checks.between(0, 60),
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
        return "Polygon wants an API key: set POLYGON_API_KEY, or polygon-api-key in lean.json."

    def estimate(self, gaps: Sequence[Gap]) -> Estimate:
        """The requests that :meth:`fetch` sends when none fails and the plan includes all."""
        from leanfeed_polygon.volume import expected_bytes

        questions = [question for road in self._roads(gaps) for question in road.questions]
        return Estimate(
            requests=len(questions),
            seconds=self._rate.spends(len(questions)),
            bytes=expected_bytes(questions),
        )

    def examine(self) -> Iterable[Finding]:
        """Look at the key, its plan, the way to the provider, and the clock.

        The key is not sent: one request without it takes five seconds at most, and what stands
        between answers it as well as Polygon.
        """
        from leanfeed_polygon.examination import key_found, plan_found, provider_found

        yield key_found(self.diagnose())
        yield plan_found(self.tier, self._rate)
        yield from provider_found(self.base_url, name=NAME, ca_file=self.ca_file, proxy=self.proxy)

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        """Yield sessions symbol by symbol, then day by day what whole days of the market fill.

        An answer that cannot be trusted, or dates that the plan of the key does not include, cost
        their own sessions only: the others are delivered before one error for all is raised.
        """
        if problem := self.diagnose():
            raise AuthenticationError(problem)
        from leanfeed_polygon.refusals import summary
        from leanfeed_polygon.travel import travel

        failures: list[SourceError] = []
        # A plan may include no second bars at all: what is refused of them says nothing of others.
        seconds = [gap for gap in gaps if gap.series.resolution is Resolution.SECOND]
        others = [gap for gap in gaps if gap.series.resolution is not Resolution.SECOND]
        with closing(self._client()) as client, on_stop(client.stop):
            try:
                for kind in (others, seconds):
                    roads = self._roads(kind)
                    yield from travel(client, roads, threads=self.in_flight, failures=failures)
            except SourceError as error:
                if not failures:
                    raise
                raise summary(failures, ended_by=error) from None
        if failures:
            raise summary(failures)

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
            api_key=self.api_key.reveal(),
            name=NAME,
            budget=Budget(self._rate, folder, self.api_key.reveal(), provider),
            deadline=self.deadline,
            retries=self.retries,
            pause=self.retry_pause,
            time_limit=self.time_limit,
            ca_file=self.ca_file,
            proxy=self.proxy,
        )
