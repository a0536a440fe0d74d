"""Faults in answers about whole days of the market end in the truth as well."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import leanfeed
from leanfeed.events import Event
from tests import build
from tests.polygon.faults import CATALOGUE
from tests.polygon.faults.kind import HARMLESS, TRANSIENT, UNTRUE, Culprit, Kind, Mode, Scene, text
from tests.polygon.replies import Reply
from tests.polygon.truth import Truth
from tests.polygon_server import PolygonServer, synthetic

_SESSIONS = build.sessions("2024-03-04", "2024-03-08")
_TICKERS = [f"T{number}" for number in range(12)]
_MARKET = {
    (ticker, "day"): synthetic(_SESSIONS, "day", seed=number)
    for number, ticker in enumerate(_TICKERS)
}
_TRUTH = Truth(_MARKET, _SESSIONS)


def _rows(edit: Callable[[list[dict[str, object]]], object]) -> Callable[[Scene], Reply | None]:
    """The honest answer with other rows, which it counts right."""

    def commit(scene: Scene) -> Reply:
        page = scene.page
        edit(page["results"])
        return text(page | {"resultsCount": len(page["results"])})

    return commit


def _all_rows(**fields: object) -> Callable[[Scene], Reply | None]:
    return _rows(lambda rows: [row.update(fields) for row in rows])


#: What only an answer with many tickers can get wrong.
_KINDS = (
    Kind("no rows at all", _rows(list.clear), UNTRUE),
    Kind("one ticker twice, with other prices", _rows(lambda r: r.append(r[3] | {"c": 1})), UNTRUE),
    Kind("one ticker twice, the same", _rows(lambda rows: rows.append(rows[3])), HARMLESS),
    Kind("rows of strangers", _rows(lambda rows: rows.append({"T": "QQQ", "o": "?"})), HARMLESS),
    Kind("rows in another order", _rows(list.reverse), HARMLESS),
    Kind("a row without a ticker", _rows(lambda rows: rows[3].pop("T")), UNTRUE),
    Kind("a ticker that is a number", _rows(lambda rows: rows[3].update(T=3)), UNTRUE),
    Kind("a ticker that is the key", lambda s: text(s.page | {"results": [{"T": s.key}]}), UNTRUE),
    Kind("a ticker with a line end", _rows(lambda r: r.append({"T": "A\r\n\x1b[1m"})), HARMLESS),
    Kind("the day before", _rows(lambda r: [row.update(t=_before(row)) for row in r]), UNTRUE),
    Kind("one row of the day before", _rows(lambda r: r[3].update(t=_before(r[3]))), UNTRUE),
    Kind("a next page", lambda s: text(s.page | {"next_url": s.other_host}), UNTRUE),
    Kind("no times", _all_rows(t=None), UNTRUE),
    Kind("prices of 0", _all_rows(l=0), UNTRUE),
    Kind("half a body", lambda s: text(s.body[: len(s.body) // 2]), TRANSIENT),
)  # fmt: skip


def _before(row: dict[str, object]) -> object:
    assert isinstance(row["t"], int)
    return row["t"] - 86_400_000


#: The order of rows means nothing here, and there is no ticker but in the rows.
_HARMLESS_HERE = {
    "a bar twice", "bars in descending order", "two bars exchanged", "another ticker", "no ticker",
    "the key as the ticker",
}  # fmt: skip
#: Of the catalogue, what is not about minutes or pages, nor takes more time than a test should.
_COMMON = tuple(
    evolve(kind, end=HARMLESS) if kind.name in _HARMLESS_HERE else kind
    for kind in CATALOGUE
    if not kind.settings
    and not any(word in kind.name for word in ("next_url", "page", "minutes", "weekend", "case"))
)
_CASES = [
    *((kind, mode) for kind in _KINDS for mode in (Mode.ONCE, Mode.ALWAYS)),
    *((kind, Mode.ALWAYS) for kind in _COMMON),
]
_QUICK = (*_KINDS[::2], *_COMMON[::16])


def _case(kind: Kind, mode: Mode) -> Any:
    is_quick = mode is Mode.ALWAYS and kind in _QUICK
    marks = [] if is_quick else [pytest.mark.slow]
    return pytest.param(kind, mode, id=f"{kind.name}, {mode}", marks=marks)


@pytest.mark.parametrize(("kind", "mode"), [_case(*case) for case in _CASES])
def test_a_fault_in_a_day_of_the_market_ends_in_the_truth(
    kind: Kind,
    mode: Mode,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    heard: list[Event] = []
    with PolygonServer(_MARKET) as server, PolygonServer({}) as stranger:
        monkeypatch.setenv("POLYGON_API_KEY", server.key)
        monkeypatch.setenv("POLYGON_BASE_URL", server.url)
        monkeypatch.setenv("LEANFEED_POLYGON_RETRY_PAUSE", "0")
        culprit = Culprit(kind, mode, stranger.url)
        server.faults.append(culprit)
        report = leanfeed.ensure(
            _TICKERS,
            resolution="daily",
            start=_SESSIONS[0].date,
            end=_SESSIONS[-1].date,
            data_folder=tmp_path / "data",
            progress=heard.append,
        )
    assert culprit.struck
    assert server.seen[0].path.startswith("/v2/aggs/grouped/")
    assert stranger.seen == []
    has_effect = kind.end != HARMLESS and not (kind.end.passes and mode is Mode.ONCE)
    errors = [kind.end.error] if has_effect else []
    assert [failure.error for failure in report.failures] == errors, report.failures
    assert report.complete is not has_effect
    assert _TRUTH.findings(tmp_path / "data", report) == []
    shown = [report, report.to_json(), *heard, *caplog.messages]
    assert server.key not in " ".join(map(str, shown))
    assert all(failure.message.isprintable() for failure in report.failures)
