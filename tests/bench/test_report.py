"""What may be said of two times."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve

from leanfeed.bench.machine import machine, without_paths
from leanfeed.bench.report import CLI, NATIVE, Leg
from tests.bench.build import EQUAL, report


def test_a_ratio_is_that_of_the_medians() -> None:
    made = report()
    assert made.ratio == 10.0
    facts = json.loads(made.to_json())
    assert facts["ratio"] == 10.0
    assert "no_ratio_because" not in facts
    assert facts["native"]["duration_seconds"] == 4.0
    assert facts["cli"]["duration_seconds"] == 40.0
    assert "10.0 times as long" in str(made)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"cli": Leg(CLI, (1.0, 1.0), "No Docker. Start it.")}, "lean-cli did not complete"),
        ({"native": Leg(NATIVE, error="A bad key.")}, "polygon did not complete"),
        ({"comparison": None}, "the rows of the two are not the same"),
        (
            {"comparison": evolve(EQUAL, different=1, first_difference="a row")},
            "the rows of the two are not the same",
        ),
        ({"comparison": evolve(EQUAL, equal=0)}, "the rows of the two are not the same"),
        ({"stand_in": True}, "stand-ins answered, not the providers"),
    ],
)
def test_where_nothing_can_be_claimed_nothing_is(more: dict[str, Any], reason: str) -> None:
    made = report(**more)
    assert made.ratio is None
    facts = made.to_dict()
    assert "ratio" not in facts
    assert facts["no_ratio_because"] == reason
    assert f"nothing is claimed: {reason}" in str(made)
    assert "times as long" not in str(made)


def test_a_source_that_failed_once_has_no_duration_but_a_reason() -> None:
    facts = report(cli=Leg(CLI, (1.0,), "No Docker. Start it.")).to_dict()
    assert facts["cli"]["duration_seconds"] is None
    assert facts["cli"]["durations_seconds"] == [1.0]
    assert facts["cli"]["error"] == "No Docker. Start it."


def test_a_reason_ends_its_line() -> None:
    lines = str(report(native=Leg(NATIVE, error="No key. Set one."))).splitlines()
    assert lines[1] == "  native, polygon: did not complete: No key. Set one."
    assert str(report()).splitlines()[1] == (
        "  native, polygon: 4.00 s (2.00 … 8.00), 1 session, 1 request"
    )


def test_the_requests_of_the_lean_cli_are_not_said_to_be_none() -> None:
    facts = report().to_dict()
    assert facts["native"]["http_requests"] == 1
    assert facts["native"]["cache_hits"] == 0
    assert "http_requests" not in facts["cli"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("'/home/ann/bin/lean' was not found", "'<path>' was not found"),
        ("version 1.0.230 at /opt/x/lean", "version 1.0.230 at <path>"),
        (r"C:\Users\ann\lean.exe failed", "<path> failed"),
        ("~/.lean/credentials is not yours.", "<path> is not yours."),
        (
            "HTTP 404 for https://api.polygon.io/v2/aggs",
            "HTTP 404 for https://api.polygon.io/v2/aggs",
        ),
        ("SPY and/or AAPL", "SPY and/or AAPL"),
    ],
)
def test_a_message_names_no_folder(text: str, shown: str) -> None:
    assert without_paths(text) == shown


def test_a_machine_is_known_by_its_kind() -> None:
    facts = machine()
    assert {"cpu_count", "platform", "python", "versions"} == set(facts)
    assert {"leanfeed", "numpy"} <= set(facts["versions"])
