"""The page on monitoring says what the code does."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest

from leanfeed.errors import UnavailableError
from leanfeed.observe import DataDownloadLog, JsonFormatter
from leanfeed.observe.records import POLYGON, record_name
from tests.build import MemorySource
from tests.observe.runs import EVENTFUL, Kept, ensure, named

PAGE = (Path(__file__).parents[2] / "docs/monitoring.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


def table(heading: str) -> list[list[str]]:
    """The rows of the table whose first column has this heading."""
    (rows,) = re.findall(rf"^\| {heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, flags=re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows.splitlines()]


def test_records_are_those_of_the_table(logger: logging.Logger, kept: Kept) -> None:
    kept.setLevel(logging.DEBUG)
    log = DataDownloadLog(logger)
    for event in EVENTFUL:
        log(event)
    usual = {"event", "phase", "run_id"}
    seen = {
        (fields["event"], record.levelname, ", ".join(key for key in fields if key not in usual))
        for record, fields in zip(kept.records, kept.fields, strict=True)
    }
    shown = {
        (name.strip("`"), level, fields) for name, _, level, fields in table("about `polygon`")
    }
    assert seen == shown


def test_names_are_those_of_the_table() -> None:
    for polygon, other, *_ in table("about `polygon`"):
        generic = polygon if other == "the same" else other
        assert record_name(generic.strip("`"), POLYGON) == polygon.strip("`")
        assert record_name(generic.strip("`"), "lean-cli") == generic.strip("`")


def test_the_messages_shown_are_those_of_such_a_run(logger: logging.Logger, kept: Kept) -> None:
    week = {"symbols": "SPY,AAPL,MSFT", "start": "2024-01-02", "end": "2024-01-05"}
    ensure(named("polygon", MemorySource()), progress=None, **week)
    fails = MemorySource(error=UnavailableError("The server fails: try later."), fails_after=4)
    ensure(
        named("polygon", fails),
        named("lean-cli", MemorySource()),
        progress=DataDownloadLog(logger),
        **week | {"end": "2024-01-10"},
    )
    shown, *_ = blocks("text")
    said = "".join(f"{record.getMessage()}\n" for record in kept.records)
    measured = re.compile(r"[\d.]+ (s|kB)\b")
    assert measured.sub("", said) == measured.sub("", shown)

    (line,) = map(json.loads, blocks("json"))
    step = next(r for r in kept.records if vars(r)["event"] == "polygon_downloader_step")
    made = json.loads(JsonFormatter().format(step))
    assert list(made) == list(line)
    assert re.fullmatch("[0-9a-f]{8}", line["run_id"])
    for values in (made, line):
        values["message"] = measured.sub("", values["message"])
        del values["ts"], values["run_id"], values["duration_seconds"]
    made["logger"] = "backtest"
    assert made == line


def test_the_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    prometheus = pytest.importorskip("prometheus_client", reason="leanfeed[prometheus] is missing")
    monkeypatch.setattr("prometheus_client.REGISTRY", prometheus.CollectorRegistry())
    monkeypatch.setenv("LEANFEED_SOURCES", "replay")
    backtest = logging.getLogger("backtest")
    try:
        for code in blocks("python"):  # each alone, as a reader copies it
            exec(code, {})
    finally:
        backtest.handlers.clear()
        backtest.setLevel(logging.NOTSET)
    assert "leanfeed_run_duration_seconds_count" in Path("leanfeed.prom").read_text("utf-8")


def test_metrics_are_those_of_the_table() -> None:
    prometheus = pytest.importorskip("prometheus_client", reason="leanfeed[prometheus] is missing")
    from leanfeed.observe import Metrics

    registry = prometheus.CollectorRegistry()
    metrics = vars(Metrics(registry)).values()
    registered = {
        f"{metric._name}{'_total' * (metric._type == 'counter')}": (
            metric._type,
            ", ".join(metric._labelnames),
        )
        for metric in metrics
    }
    assert registered == {
        name.strip("`"): (kind, labels) for name, kind, labels, _ in table("metric")
    }
