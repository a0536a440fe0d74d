"""The source as leanfeed meets it: its settings, what it says of itself, and a whole run."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import leanfeed
from leanfeed import ConfigurationError, Resolution, SecurityType, Series, Symbol, TickType
from leanfeed_lean_cli.source import LeanCliSource
from tests.build import MemorySource, bars, series, sessions
from tests.lean_cli.fakes import KEY, FakeLean


@pytest.mark.parametrize(
    ("asked", "supported"),
    [
        *((series("SPY", resolution), True) for resolution in Resolution),
        (series("BRK.B"), True),
        (series("AAMpA"), False),  # the CLI would ask for AAMPA
        (Series(Symbol("SPY"), Resolution.MINUTE, TickType.QUOTE), False),
        (Series(Symbol("SPX", SecurityType.INDEX), Resolution.DAILY), False),
        (Series(Symbol("SPY", market="india"), Resolution.DAILY), False),
    ],
)
def test_what_it_supports(asked: Series, supported: bool) -> None:
    assert LeanCliSource().supports(asked) is supported


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_key": "two words"},
        {"api_key": "line\nbreak"},
        {"organization": "--dataset"},
        {"organization": "a b"},
        {"image": "-v"},
        {"image": "image; rm"},
        {"license_type": "free"},
        {"timeout": 0},
        {"timeout": "nan"},
        {"timeout": "soon"},
        {"batch": 0},
        {"batch": 1.5},
        {"staging_folder": 7},
    ],
)
def test_impossible_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        LeanCliSource(**wrong)
    assert "two words" not in str(caught.value)


def test_the_key_may_come_as_a_secret_and_is_never_shown() -> None:
    source = LeanCliSource(api_key=leanfeed.Secret(f" {KEY} "))  # type: ignore[arg-type]
    assert source.api_key.reveal() == KEY
    assert KEY not in repr(source)


def test_it_says_when_it_cannot_work(fake: FakeLean) -> None:
    assert fake.source().diagnose() is None
    for setting, words in (
        ("command", "pip install lean"),
        ("organization", "organization-id"),
        ("api_key", "POLYGON_API_KEY"),
    ):
        assert words in str(fake.source(**{setting: ""}).diagnose())
    assert fake.calls == []


def test_settings_come_from_lean_json_and_the_environment(
    fake: FakeLean, lean_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for database in ("market-hours", "symbol-properties"):
        shutil.copytree(lean_data / database, tmp_path / "data" / database)
    (tmp_path / "lean.json").write_text(
        json.dumps(
            {
                "data-folder": "data",
                "organization-id": "abc",
                "polygon-license-type": "Business",
                "polygon-api-key": "of-the-file",
            }
        )
    )
    monkeypatch.setenv("POLYGON_API_KEY", KEY)
    monkeypatch.setenv("LEANFEED_LEAN_CLI_COMMAND", str(fake.command))
    monkeypatch.setenv("LEANFEED_LEAN_CLI_STAGING_FOLDER", str(fake.staging))
    report = leanfeed.ensure(
        "SPY", resolution="daily", start="2024-01-03", end="2024-01-05", sources="lean-cli"
    )
    report.raise_for_missing()
    (call,) = fake.calls
    assert call["lean_json"]["organization-id"] == "abc"
    assert call["lean_json"]["polygon-license-type"] == "Business"
    assert call["lean_json"]["polygon-api-key"] == KEY
    assert "market-hours/market-hours-database.json" in call["staged"]


def test_a_run_fills_the_folder_and_the_next_one_starts_nothing(
    fake: FakeLean, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    said: list[leanfeed.events.SourceSaid] = []

    def hear(event: leanfeed.events.Event) -> None:
        if isinstance(event, leanfeed.events.SourceSaid):
            said.append(event)

    def ensure(start: str) -> leanfeed.Report:
        return leanfeed.ensure(
            ["AAPL", "MSFT"],
            resolution=["minute", "hour", "daily"],
            start=start,
            end="2024-01-05",
            data_folder=data,
            sources=[fake.source()],
            progress=hear,
        )

    first = ensure("2024-01-03")
    assert first.complete, first
    assert first.written_sessions == 18
    assert len(fake.calls) == 2
    assert len(said) > 4
    second = ensure("2024-01-03")
    assert second.complete
    assert second.cache_hits == 18
    assert len(fake.calls) == 2
    # LEAN's own downloader would replace the day before, 2024-01-03, by its last hour.
    before = {path: path.read_bytes() for path in data.rglob("20240103_trade.zip")}
    for path in data.rglob("2024010[45]_trade.zip"):
        path.unlink()
    assert ensure("2024-01-04").complete
    assert len(before) == 2
    assert before == {path: path.read_bytes() for path in before}
    assert os.fspath(data) not in json.dumps(fake.calls[-1]["argv"])


def test_what_it_lacks_goes_to_the_next_source(fake: FakeLean, tmp_path: Path) -> None:
    fake.play(tickers={"AAPL": "cut"}, spoiled="equity/usa/minute/aapl/20240104_trade.zip")
    (middle,) = sessions("2024-01-04", "2024-01-04")
    after = MemorySource(given={(series("AAPL"), middle): bars(middle)})
    report = leanfeed.ensure(
        "AAPL",
        resolution="minute",
        start="2024-01-03",
        end="2024-01-05",
        data_folder=tmp_path / "data",
        sources=[fake.source(), after],
    )
    assert report.complete
    assert report.by_source == {"LeanCliSource": 2, "MemorySource": 1}
    assert after.asked_sessions == ["2024-01-04"]
    assert report.failures[0].error == "ContractError"
