"""Pages of the right shape that cannot be true: their rows, their counts, whom they are about."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from tests.polygon.faults.kind import HARMLESS, TRANSIENT, UNTRUE, Kind, Scene, text
from tests.polygon.replies import Reply

__all__ = ["ROWS", "changed"]

_DAY, _MINUTE = 86_400_000, 60_000
_MISSING = object()


def changed(**fields: Any) -> Callable[[Scene], Reply | None]:
    """The honest page with other fields."""

    def commit(scene: Scene) -> Reply:
        page = scene.page | fields
        return text({name: value for name, value in page.items() if value is not _MISSING})

    return commit


def _rows(edit: Callable[[list[Any]], list[Any]]) -> Callable[[Scene], Reply | None]:
    """The honest page with other rows, which it counts right."""

    def commit(scene: Scene) -> Reply | None:
        page = scene.page
        if len(page.get("results", ())) < 5:
            return None
        results = edit(page["results"])
        return text(page | {"results": results, "resultsCount": len(results)})

    return commit


def _row(**fields: Any) -> Callable[[Scene], Reply | None]:
    """One row among the others with other values, which may be made from its own."""

    def edit(rows: list[Any]) -> list[Any]:
        row = rows[3]
        for name, value in fields.items():
            row[name] = value(row) if callable(value) else value
        rows[3] = {name: value for name, value in row.items() if value is not _MISSING}
        return rows

    return _rows(edit)


def _written(field: str, value: str) -> Callable[[Scene], Reply | None]:
    """A value in one row that :mod:`json` would not write."""

    def commit(scene: Scene) -> Reply | None:
        marked = _row(**{field: "here"})(scene)
        return marked and text(marked.body.replace(b'"here"', value.encode()))

    return commit


def _count(value: Callable[[int], Any]) -> Callable[[Scene], Reply]:
    return lambda scene: text(scene.page | {"resultsCount": value(scene.page["resultsCount"])})


def _second_page(**fields: Any) -> Callable[[Scene], Reply | None]:
    commit = changed(**fields)
    return lambda scene: commit(scene) if "cursor" in scene.seen.params else None


def _minutes(edit: Callable[[list[Any]], list[Any]]) -> Callable[[Scene], Reply | None]:
    commit = _rows(edit)
    return lambda scene: commit(scene) if "/minute/" in scene.seen.path else None


def _weekend(rows: list[Any]) -> list[Any]:
    """One more bar, between a Friday and a Monday."""
    for at, (row, after) in enumerate(itertools.pairwise(rows), start=1):
        if after["t"] - row["t"] > 2 * _DAY:
            middle = (row["t"] + after["t"]) // 2 // _MINUTE * _MINUTE
            return [*rows[:at], row | {"t": middle}, *rows[at:]]
    raise AssertionError("no weekend on this page")


def _repeating(scene: Scene) -> Reply | None:
    """A second page that starts with a bar of the day before."""
    if "cursor" not in scene.seen.params:
        return None
    page = scene.page
    row = page["results"][0]
    results = [row | {"t": row["t"] - _DAY}, *page["results"]]
    return text(page | {"results": results, "resultsCount": len(results)})


ROWS = (
    Kind("a price of null", _row(o=None), UNTRUE),
    Kind("a price of 0", _row(l=0), UNTRUE),
    Kind("prices below 0", _row(o=-2, h=-1, l=-4, c=-3), UNTRUE),
    Kind("a price that is text", _row(c="101.5"), UNTRUE),
    Kind("a price that is true", _row(c=True), UNTRUE),
    Kind("a price that is missing", _row(c=_MISSING), UNTRUE),
    Kind("a price of NaN", _written("c", "NaN"), TRANSIENT),
    Kind("a price of Infinity", _written("h", "Infinity"), TRANSIENT),
    Kind("a price of 1e999", _written("h", "1e999"), UNTRUE),
    Kind("a price of 1e308", _row(o=1e308, h=1e308, l=1e308, c=1e308), UNTRUE),
    Kind("a price of 1e-40", _row(l=1e-40), UNTRUE),
    Kind("a price written with an exponent", _row(o=lambda row: float(row["o"])), HARMLESS),
    Kind("a low above its high", _row(l=lambda row: row["h"] + 1), UNTRUE),
    Kind("a high below its close", _row(h=lambda row: row["l"]), UNTRUE),
    Kind("a volume below 0", _row(v=-1), UNTRUE),
    Kind("a volume of null", _row(v=None), UNTRUE),
    Kind("a volume that is text", _row(v="100"), UNTRUE),
    Kind("a volume that is missing", _row(v=_MISSING), UNTRUE),
    Kind("a volume of 1e300", _row(v=1e300), UNTRUE),
    Kind("a time in seconds", _row(t=lambda row: row["t"] // 1000), UNTRUE),
    Kind("a time in nanoseconds", _row(t=lambda row: row["t"] * 10**6), UNTRUE),
    Kind("a time with a fraction", _row(t=lambda row: row["t"] + 0.5), UNTRUE),
    Kind("a time that is text", _row(t="2024-01-02T09:30:00Z"), UNTRUE),
    Kind("a time that is null", _row(t=None), UNTRUE),
    Kind("a time that is missing", _row(t=_MISSING), UNTRUE),
    Kind("a time below 0", _row(t=-1), UNTRUE),
    Kind("a time of 10**400", _row(t=10**400), UNTRUE),
    Kind("a time years later", _row(t=lambda row: row["t"] + 1000 * _DAY), UNTRUE),
    Kind("a bar twice", _rows(lambda rows: [*rows[:3], *rows[2:]]), UNTRUE),
    Kind("bars in descending order", _rows(lambda rows: rows[::-1]), UNTRUE),
    Kind("two bars exchanged", _rows(lambda rows: [rows[1], rows[0], *rows[2:]]), UNTRUE),
    Kind("a bar before the window", _rows(lambda r: [r[0] | {"t": r[0]["t"] - 200 * _DAY}, *r]),
         UNTRUE),
    Kind("a bar after the window", _rows(lambda r: [*r, r[-1] | {"t": r[-1]["t"] + 200 * _DAY}]),
         UNTRUE),
    Kind("a bar between two minutes",
         _minutes(lambda rows: [rows[0] | {"t": rows[0]["t"] + 1000}, *rows[1:]]), UNTRUE),
    Kind("a bar on a weekend", _minutes(_weekend), HARMLESS),
    Kind("a row of null", _rows(lambda rows: [*rows, None]), UNTRUE),
    Kind("a row that is a list", _rows(lambda rows: [*rows, [1, 2, 3]]), UNTRUE),
    Kind("a row without anything", _rows(lambda rows: [*rows, {}]), UNTRUE),
    Kind("fields nobody knows", _row(otc=True, x=[{}]), HARMLESS),
    Kind("results of null", changed(results=None), UNTRUE),
    Kind("results that are missing", changed(results=_MISSING), UNTRUE),
    Kind("results that are an object", changed(results={}), UNTRUE),
    Kind("results that are text", changed(results="many"), UNTRUE),
    Kind("rows without a count, and no rows", changed(results=[], resultsCount=_MISSING), UNTRUE),
    Kind("a count too high", _count(lambda count: count + 1), UNTRUE),
    Kind("a count too low", _count(lambda count: count - 1), UNTRUE),
    Kind("a count that is text", _count(str), UNTRUE),
    Kind("half the rows", lambda s: text(s.page | {"results": s.page["results"][::2]}), UNTRUE),
    Kind("adjusted prices", changed(adjusted=True), UNTRUE),
    Kind("adjusted prices on the second page", _second_page(adjusted=True), UNTRUE),
    Kind("adjusted that is text", changed(adjusted="false"), UNTRUE),
    Kind("another ticker", changed(ticker="QQQ"), UNTRUE),
    Kind("another ticker on the second page", _second_page(ticker="QQQ"), UNTRUE),
    Kind("a second page that goes back", _repeating, UNTRUE),
    Kind("no ticker", changed(ticker=_MISSING), UNTRUE),
    Kind("the ticker in lower case", lambda s: text(s.page | {"ticker": s.page["ticker"].lower()}),
         UNTRUE),
    Kind("a failure with status 200", changed(status="ERROR", results=_MISSING), TRANSIENT),
    Kind("an unknown status", changed(status="FINE"), UNTRUE),
    Kind("no status", changed(status=_MISSING), UNTRUE),
    Kind("the status of delayed data", changed(status="DELAYED"), HARMLESS),
    Kind("a request id that is no text", changed(request_id=["\ud800"]), UNTRUE),
    Kind("no request id", changed(request_id=_MISSING), HARMLESS),
)  # fmt: skip
