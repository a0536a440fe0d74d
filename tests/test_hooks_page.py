"""The page on hooks shows sources that work, and names what there is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

import leanfeed
from leanfeed import interfaces, registry
from leanfeed.config import load
from leanfeed.registry import Offer

PAGE = (Path(__file__).parent.parent / "docs/hooks.md").read_text(encoding="utf-8")
WEEK = {"resolution": "daily", "start": "2024-11-25", "end": "2024-11-27", "sources": "toll"}


@pytest.fixture(autouse=True)
def factory(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The example, installed."""
    (code,) = re.findall(r"^```py\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(code, names)
    offered: Mapping[str, Any] = names["leanfeed_data_sources"]()
    found = registry.installed()
    offers = {name: Offer(name, made, name, "toll", "1.0") for name, made in offered.items()}
    with_it = attrs.evolve(found, sources={**found.sources, **offers})
    monkeypatch.setattr(registry, "installed", lambda: with_it)
    return offered["toll"]


def test_the_price_and_the_key_are_those_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LEANFEED_TOLL_API_KEY", "a-key-only-for-tests")
    monkeypatch.setenv("LEANFEED_TOLL_PRICE", "250")
    assert leanfeed.ensure(["SPY", "AAPL"], **WEEK).complete
    bars = leanfeed.lean.read_file("data/equity/usa/daily/spy.zip")
    assert list(bars.close) == [250.0] * 3


def test_the_table_of_the_source_does_as_well(factory: Any) -> None:
    Path("leanfeed.toml").write_text(
        '[source.toll]\napi_key = "a-key-only-for-tests"\nprice = 3\n', encoding="utf-8"
    )
    source = load(environment={}).build("source", "toll", factory)
    assert (source.price, source.api_key.reveal()) == (3.0, "a-key-only-for-tests")
    assert "a-key" not in repr(source)


def test_it_says_what_it_costs() -> None:
    estimates = leanfeed.plan(["SPY", "AAPL"], **WEEK).estimates
    assert {name: estimate.requests for name, estimate in estimates.items()} == {"toll": 2}


def test_without_a_key_it_says_what_to_do() -> None:
    report = leanfeed.ensure("SPY", **WEEK)
    (failure,) = report.failures
    assert failure.error == "AuthenticationError"
    assert failure.message == "There is no key: set LEANFEED_TOLL_API_KEY."


def test_an_impossible_price_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEANFEED_TOLL_PRICE", "much")
    with pytest.raises(leanfeed.ConfigurationError, match="'much' is not a number"):
        leanfeed.ensure("SPY", **WEEK)


def test_everything_that_a_source_may_add_is_in_the_table() -> None:
    shown = re.findall(r"^\| `([\w.]+)", PAGE, flags=re.MULTILINE)
    extras = (
        interfaces.Estimating,
        interfaces.Bulk,
        interfaces.Universe,
        interfaces.Diagnosing,
        interfaces.Examining,
        interfaces.Republishing,
    )
    members = {name for extra in extras for name in (*vars(extra), *extra.__annotations__)}
    members = {name for name in members if not name.startswith("_")}
    assert {name for name in shown if "." not in name} == members
    for name in shown:
        if "." in name:
            assert hasattr(leanfeed, name.removeprefix("leanfeed."))
