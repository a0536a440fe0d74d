"""Metrics count what is announced, and nothing by symbol."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from leanfeed import events
from leanfeed.errors import ConfigurationError
from leanfeed.observe import Metrics
from leanfeed.report import SeriesReport
from leanfeed.values import Written
from tests.build import MemorySource
from tests.observe import runs
from tests.observe.runs import EVENTFUL, LATER, REPORT, SESSION, SPY

prometheus = pytest.importorskip("prometheus_client", reason="leanfeed[prometheus] is missing")


@pytest.fixture
def registry() -> Any:
    return prometheus.CollectorRegistry()


def samples(registry: Any) -> dict[str, float]:
    """Every number but zeros, bucket counts and creation times."""
    text = prometheus.generate_latest(registry).decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in text if not line.startswith("#"))
    return {
        name: float(value)
        for name, value in pairs
        if float(value) and "_created" not in name and "_bucket" not in name
    }


def test_an_eventful_run_in_numbers(registry: Any) -> None:
    metrics = Metrics(registry)
    before = time.time()
    for event in EVENTFUL:
        metrics(event)
    counted = samples(registry)
    succeeded = counted.pop("leanfeed_last_success_timestamp_seconds")
    assert before - 1 < succeeded < time.time() + 1
    assert counted == {
        'leanfeed_requests_total{source="polygon",status="200"}': 1,
        'leanfeed_requests_total{source="polygon",status="none"}': 1,
        "leanfeed_bytes_fetched_total": 1_234,
        "leanfeed_waiting_seconds_total": 61.8,
        'leanfeed_sessions_total{outcome="written",resolution="minute",source="polygon"}': 1,
        "leanfeed_cache_hits_total": 1,
        'leanfeed_bytes_written_total{resolution="minute"}': 1_234,
        'leanfeed_source_failures_total{error="UnavailableError",source="polygon"}': 1,
        'leanfeed_fallbacks_total{source="lean-cli"}': 1,
        'leanfeed_run_duration_seconds_count{result="complete"}': 1,
        'leanfeed_run_duration_seconds_sum{result="complete"}': 1.26,
    }


def test_sessions_without_trades_and_missing_ones(registry: Any) -> None:
    metrics = Metrics(registry)
    metrics(events.SessionStored(Written(SPY, SESSION, "polygon")))
    lacking = SeriesReport(SPY, missing={LATER: "nobody has it"})
    metrics(events.RunFinished(evolve(REPORT, series=(lacking,), cache_hits=0)))
    assert samples(registry) == {
        'leanfeed_sessions_total{outcome="no_trades",resolution="minute",source="polygon"}': 1,
        'leanfeed_sessions_total{outcome="missing",resolution="minute",source="none"}': 1,
        'leanfeed_run_duration_seconds_count{result="incomplete"}': 1,
        'leanfeed_run_duration_seconds_sum{result="incomplete"}': 1.26,
    }


def test_a_cancelled_run_is_not_an_incomplete_one(registry: Any) -> None:
    lacking = SeriesReport(SPY, missing={LATER: "the run was stopped"})
    Metrics(registry)(events.RunFinished(evolve(REPORT, series=(lacking,)), is_cancelled=True))
    assert samples(registry) == {
        "leanfeed_cache_hits_total": 1,
        'leanfeed_run_duration_seconds_count{result="cancelled"}': 1,
        'leanfeed_run_duration_seconds_sum{result="cancelled"}': 1.26,
    }


def test_a_real_run_and_a_cached_one(registry: Any) -> None:
    metrics = Metrics(registry)
    for _ in range(2):
        with events.listening(metrics):
            runs.ensure(runs.named("polygon", MemorySource()), progress=None)
    counted = samples(registry)
    written = 'leanfeed_sessions_total{outcome="written",resolution="minute",source="polygon"}'
    assert (counted[written], counted["leanfeed_cache_hits_total"]) == (4, 4)
    for result in ("complete", "cached"):
        assert counted[f'leanfeed_run_duration_seconds_count{{result="{result}"}}'] == 1
    assert not any("SPY" in name or "spy" in name for name in counted)


def test_rates_have_a_zero_to_begin_with(registry: Any) -> None:
    Metrics(registry)
    text = prometheus.generate_latest(registry).decode()
    for result in ("cached", "complete", "incomplete", "cancelled"):
        assert f'leanfeed_run_duration_seconds_count{{result="{result}"}} 0.0' in text
    assert 'outcome="missing",resolution="daily",source="none"} 0.0' in text


def test_a_registry_takes_one(registry: Any) -> None:
    Metrics(registry)
    with pytest.raises(ConfigurationError, match="make one Metrics"):
        Metrics(registry)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'leanfeed\[prometheus\]'"):
        Metrics()


def test_metrics_fit_a_text_file(registry: Any, tmp_path: Path) -> None:
    metrics = Metrics(registry)
    metrics(events.RunFinished(REPORT))
    prometheus.write_to_textfile(str(tmp_path / "leanfeed.prom"), registry)
    (file,) = tmp_path.glob("*.prom")
    assert "leanfeed_cache_hits_total 1.0" in file.read_text(encoding="utf-8")
