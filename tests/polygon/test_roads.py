from __future__ import annotations

import datetime as dt

from hypothesis import given, strategies as st

from leanfeed.values import Gap
from leanfeed_polygon.market_days import MarketDays
from leanfeed_polygon.roads import roads, served_by_market_days
from leanfeed_polygon.windows import Timespan
from tests.build import series, sessions

_DAYS = [dt.date(2024, 1, day) for day in range(1, 9)]
_missing = st.lists(st.sets(st.sampled_from(_DAYS), min_size=1), max_size=12)
_WEEK = sessions("2024-03-04", "2024-03-08")


def _cost(missing: list[set[dt.date]], chosen: frozenset[int]) -> int:
    """Requests when the tickers at `chosen` share whole days and the others have a range each."""
    days = set().union(*(missing[position] for position in chosen))
    return len(missing) - len(chosen) + len(days)


@given(_missing)
def test_no_other_number_of_ranges_needs_fewer_requests(missing: list[set[dt.date]]) -> None:
    chosen = served_by_market_days(missing)
    order = sorted(range(len(missing)), key=lambda position: -len(missing[position]))
    costs = [_cost(missing, frozenset(order[k:])) for k in range(len(order) + 1)]
    assert _cost(missing, chosen) == min(costs)
    # The most ranges among equals.
    assert len(missing) - len(chosen) == max(
        k for k, cost in enumerate(costs) if cost == min(costs)
    )


@given(_missing)
def test_never_more_requests_than_one_for_each_ticker_or_for_each_day(
    missing: list[set[dt.date]],
) -> None:
    cost = _cost(missing, served_by_market_days(missing))
    assert cost <= len(missing)
    assert cost <= len(set().union(*missing))


def test_one_long_history_does_not_drag_the_others_along() -> None:
    assert served_by_market_days([]) == frozenset()
    assert served_by_market_days([_DAYS]) == frozenset()
    assert served_by_market_days([_DAYS, *[_DAYS[:2]] * 3]) == {1, 2, 3}
    assert served_by_market_days([*[_DAYS[:2]] * 2, _DAYS]) == frozenset()


def test_only_daily_bars_from_day_aggregates_come_from_whole_days() -> None:
    tickers = [f"T{i}" for i in range(9)]
    for resolution in ("second", "minute", "hour"):
        gaps = [Gap(series(ticker, resolution), _WEEK) for ticker in tickers]
        assert not any(isinstance(r, MarketDays) for r in roads(gaps, day_from=Timespan.DAY))
    gaps = [Gap(series(ticker, "daily"), _WEEK) for ticker in tickers]
    assert not any(isinstance(r, MarketDays) for r in roads(gaps, day_from=Timespan.MINUTE))
    (road,) = roads(gaps, day_from=Timespan.DAY)
    assert isinstance(road, MarketDays)
    assert [question.session for question in road.questions] == list(_WEEK)
