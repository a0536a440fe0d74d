"""A plan as JSON and back, so that it can be reviewed in one place and carried out in another."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import asdict, evolve

from leanfeed import __version__
from leanfeed.errors import InvalidRequestError
from leanfeed.lean.market_hours import market_hours
from leanfeed.refresh import Refresh
from leanfeed.request import Incomplete, Request, Verify
from leanfeed.values import (
    Choice,
    Estimate,
    Hours,
    Resolution,
    SecurityType,
    Series,
    Session,
    Symbol,
    TickType,
)

if TYPE_CHECKING:
    from leanfeed.plans import Plan, SeriesPlan

__all__ = ["plan_values", "read_plan"]

#: Of each series, every one a list of dates.
_GROUPS = (
    "present",
    "no_trades",
    "missing",
    "begun",
    "unsettled",
    "refresh",
    "foreign",
    "suspicious",
)


def plan_values(plan: Plan) -> dict[str, Any]:
    """The plan as plain JSON values. There is nothing secret in a plan."""
    return {
        "leanfeed": __version__,
        "data_folder": str(plan.data_folder.absolute()),
        "window": [day.isoformat() for day in plan.window],
        "extended_window": [day.isoformat() for day in plan.extended_window],
        "present": plan.present,
        "missing": plan.missing,
        "refresh": plan.refresh,
        "unsettled": plan.unsettled,
        "bytes": plan.bytes,
        "estimates": {
            source: asdict(estimate) if estimate else None
            for source, estimate in plan.estimates.items()
        },
        "choices": [_choice_values(choice) for choice in plan.choices],
        "request": _request_values(plan.request),
        "series": [_series_values(s) for s in plan.series],
        "unlisted": {
            symbol.ticker: [str(session) for session in sessions]
            for symbol, sessions in plan.unlisted.items()
        },
    }


def _choice_values(choice: Choice) -> dict[str, Any]:
    return {
        "source": choice.source,
        "rather_than": choice.rather_than,
        "security_type": choice.security_type.value,
        "resolution": choice.resolution.value,
        "dates": [date.isoformat() for date in choice.dates],
        "cost": asdict(choice.cost),
        "other_cost": asdict(choice.other_cost),
    }


def _request_values(request: Request) -> dict[str, Any]:
    return {
        "symbols": [_symbol_values(symbol) for symbol in request.symbols],
        "resolutions": [resolution.value for resolution in request.resolutions],
        "start": request.start.isoformat(),
        "end": request.end.isoformat() if request.end else None,
        "tick_type": request.tick_type.value,
        "warmup": request.warmup,
        "hours": request.hours.value,
        "incomplete": request.incomplete.value,
        "refresh": [[day.isoformat() for day in days] for days in request.refresh.ranges],
        "refresh_changed": request.refresh.changed,
        "overwrite": request.overwrite,
        "verify": request.verify.value,
        "asked_at": request.asked_at.isoformat(),
    }


def _symbol_values(symbol: Symbol) -> dict[str, Any]:
    return {
        "symbol": symbol.ticker,
        "security_type": symbol.security_type.value,
        "market": symbol.market,
    }


def _series_values(planned: SeriesPlan) -> dict[str, Any]:
    series = planned.series
    return {
        **_symbol_values(series.symbol),
        "asked_as": [symbol.ticker for symbol in planned.asked_as],
        "resolution": series.resolution.value,
        "tick_type": series.tick_type.value,
        **{group: [str(session) for session in getattr(planned, group)] for group in _GROUPS},
        "damaged": list(planned.damaged),
    }


def read_plan(text: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What :class:`~leanfeed.Plan` and its series are made of, from the text of a saved plan.

    The hours of the sessions come from the calendar of the data folder.

    Raises:
        InvalidRequestError: it is no plan, comes from another version of leanfeed, or has a session
            that the calendar does not have.
        ConfigurationError: the calendar cannot be read.
    """
    try:
        values = json.loads(text)
        made_by = values["leanfeed"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _no_plan("it is not what `leanfeed plan` saves") from None
    if made_by != __version__:
        raise InvalidRequestError(
            f"The plan was made by leanfeed {str(made_by)[:20]}, and this is leanfeed "
            f"{__version__}: plan again."
        )
    try:
        plan = _plan_keywords(values)
        calendar = _Calendar(plan["data_folder"], values)
        of_ticker = {symbol.ticker: symbol for symbol in plan["request"].symbols}
        plan["unlisted"] = {
            of_ticker[ticker]: calendar.sessions(of_ticker[ticker], days)
            for ticker, days in values["unlisted"].items()
        }
        return plan, [_series_keywords(one, calendar) for one in values["series"]]
    except InvalidRequestError as error:
        raise _no_plan(str(error)) from None
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise _no_plan(f"it was altered ({type(error).__name__}: {str(error)[:80]})") from None


def _no_plan(why: str) -> InvalidRequestError:
    return InvalidRequestError(f"The plan cannot be read, {why.rstrip('.')}: plan again.")


def _plan_keywords(values: Mapping[str, Any]) -> dict[str, Any]:
    asked = values["request"]
    ranges = tuple((_date(first), _date(last)) for first, last in asked["refresh"])
    asked_at = dt.datetime.fromisoformat(asked["asked_at"])
    if asked_at.tzinfo is None:
        raise ValueError("asked_at has no time zone")
    request = Request(
        symbols=map(_symbol, asked["symbols"]),
        resolutions=map(Resolution, asked["resolutions"]),
        start=_date(asked["start"]),
        end=_date(asked["end"]) if asked["end"] else None,
        tick_type=TickType(asked["tick_type"]),
        warmup=int(asked["warmup"]),
        hours=Hours(asked["hours"]),
        incomplete=Incomplete(asked["incomplete"]),
        refresh=Refresh(ranges, changed=bool(asked["refresh_changed"])),
        overwrite=bool(asked["overwrite"]),
        verify=Verify(asked["verify"]),
        asked_at=asked_at,
    )
    folder = Path(values["data_folder"])
    if not folder.is_absolute():
        raise ValueError(f"{str(folder)[:40]} is no absolute path")
    return {
        "request": request,
        "window": tuple(map(_date, values["window"])),
        "extended_window": tuple(map(_date, values["extended_window"])),
        "data_folder": folder,
        "bytes": int(values["bytes"]),
        "estimates": {
            str(source): Estimate(**estimate) if estimate else None
            for source, estimate in values["estimates"].items()
        },
        "choices": tuple(map(_choice, values["choices"])),
    }


def _choice(values: Mapping[str, Any]) -> Choice:
    return Choice(
        source=str(values["source"]),
        rather_than=str(values["rather_than"]),
        security_type=SecurityType(values["security_type"]),
        resolution=Resolution(values["resolution"]),
        dates=tuple(map(_date, values["dates"])),
        cost=Estimate(**values["cost"]),
        other_cost=Estimate(**values["other_cost"]),
    )


def _series_keywords(values: Mapping[str, Any], calendar: _Calendar) -> dict[str, Any]:
    symbol = _symbol(values)
    return {
        "series": Series(symbol, Resolution(values["resolution"]), TickType(values["tick_type"])),
        **{group: calendar.sessions(symbol, values[group]) for group in _GROUPS},
        "damaged": tuple(map(str, values["damaged"])),
        "asked_as": tuple(evolve(symbol, ticker=ticker) for ticker in values["asked_as"]),
    }


class _Calendar:
    """The sessions of the plan by their dates, market by market."""

    def __init__(self, data_folder: Path, values: Mapping[str, Any]) -> None:
        lists = [*values["unlisted"].values()]
        lists += [one[group] for one in values["series"] for group in _GROUPS]
        ends = [*map(min, filter(None, lists)), *map(max, filter(None, lists))]
        self._data_folder = data_folder
        self._range = (_date(min(ends)), _date(max(ends))) if ends else None
        self._of_market: dict[str, dict[str, Session]] = {}

    def sessions(self, symbol: Symbol, days: Collection[str]) -> tuple[Session, ...]:
        """The sessions of some days, oldest first."""
        hours = market_hours(symbol, self._data_folder)
        if hours.key not in self._of_market:
            found = hours.sessions(*self._range) if self._range else ()
            self._of_market[hours.key] = {str(session): session for session in found}
        known = self._of_market[hours.key]
        for day in days:
            if day not in known:
                raise InvalidRequestError(f"{day} is no trading day of {symbol}")
        return tuple(known[day] for day in sorted(days))


def _symbol(values: Mapping[str, Any]) -> Symbol:
    return Symbol(values["symbol"], SecurityType(values["security_type"]), values["market"])


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
