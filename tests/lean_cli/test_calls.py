"""What the Lean CLI is told, and what nobody else gets to see."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from leanfeed import Gap
from tests.build import series, sessions
from tests.lean_cli.fake_lean import CONTRACT
from tests.lean_cli.fakes import KEY, FakeLean

ORGANIZATION = "d6d62db48592c72e67b534553413b691"
WINDOW = sessions("2024-01-03", "2024-01-05")
GAPS = [Gap(series(ticker), WINDOW) for ticker in ("AAPL", "BRK.B")]


def arguments(fake: FakeLean) -> list[str]:
    argv: list[str] = fake.calls[0]["argv"]
    return argv[2:]


def test_the_command_line_is_exactly_this(fake: FakeLean) -> None:
    fake.fetch(*GAPS, license_type="business", image="quantconnect/lean:16000")
    *told, folder = arguments(fake)
    assert told == [
        *("data", "download"),
        *("--data-provider-historical", "Polygon"),
        *("--data-type", "Trade"),
        *("--resolution", "Minute"),
        *("--security-type", "Equity"),
        *("--market", "USA"),
        *("--ticker", "AAPL,BRK.B"),
        *("--start", "20240103"),
        *("--end", "20240107"),
        *("--polygon-license-type", "Business"),
        *("--image", "quantconnect/lean:16000"),
        "--no-update",
        "--lean-config",
    ]
    assert Path(folder) == Path(fake.calls[0]["folder"]) / "lean.json"


@pytest.mark.parametrize("resolution", ["second", "minute", "hour", "daily"])
def test_the_real_command_line_knows_every_word(fake: FakeLean, resolution: str) -> None:
    """The real parser passes over what it does not know, so leftovers are looked for here."""
    fake.fetch(Gap(series("AAPL", resolution), WINDOW), image="quantconnect/lean:latest")
    options = {name: o for o in json.loads(CONTRACT.read_text())["options"] for name in o["opts"]}
    words = iter(arguments(fake)[2:])
    given = {}
    for word in words:
        option = options[word]
        given[option["name"]] = True if option["flag"] else next(words)
        assert given[option["name"]] in (option["choices"] or [given[option["name"]]])
    assert set(given) == {
        *("data_provider_historical", "data_type", "resolution", "security_type", "market"),
        *("ticker", "start", "end", "polygon_license_type", "no_update", "lean_config", "image"),
    }


def test_the_private_lean_json(fake: FakeLean) -> None:
    fake.fetch(*GAPS)
    (call,) = fake.calls
    assert call["modes"] == ["0o700", "0o600"]
    assert call["lean_json"] == {
        "job-organization-id": ORGANIZATION,
        "organization-id": ORGANIZATION,
        "polygon-api-key": KEY,
        "polygon-license-type": "Individual",
        "polygon-aggregate-response-limit": "50000",
        "data-folder": f"{call['folder']}/data",
    }


def test_folders_are_made_before_the_container_writes_as_root(fake: FakeLean) -> None:
    fake.fetch(*GAPS, Gap(series("AAPL", "daily"), WINDOW))
    days, minutes = (call["staged"] for call in fake.calls)
    assert "equity/usa/daily" in days
    assert {"equity/usa/minute/aapl", "equity/usa/minute/brk.b"} < set(minutes)


def test_the_databases_are_copied_and_map_files_are_not(fake: FakeLean, tmp_path: Path) -> None:
    databases = {
        "market-hours/market-hours-database.json": "{}",
        "symbol-properties/symbol-properties-database.csv": "market,symbol",
        "equity/usa/map_files/aapl.csv": "19980102,aapl,Q",
    }
    for name, text in databases.items():
        (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / name).write_text(text)
    fake.fetch(*GAPS, data_folder=tmp_path / "data")
    (call,) = fake.calls
    assert set(list(databases)[:2]) < set(call["staged"])
    assert "equity/usa/map_files" in call["staged"]
    assert "equity/usa/map_files/aapl.csv" not in call["staged"]
    assert call["lean_json"]["file-database-last-update"] == "01/01/2099 00:00:00"


def test_it_may_fetch_the_databases_that_the_data_folder_lacks(
    fake: FakeLean, tmp_path: Path
) -> None:
    fake.fetch(*GAPS, data_folder=tmp_path)
    assert "file-database-last-update" not in fake.calls[0]["lean_json"]


def test_the_environment(fake: FakeLean, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYGON_API_KEY", KEY)
    monkeypatch.setenv("SOME_URL", f"https://x?apiKey={KEY}")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LEAN_UI_COMMAND", "1")
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/other.sock")
    fake.fetch(*GAPS)
    (call,) = fake.calls
    environment = call["environment"]
    assert environment["COLUMNS"] == "10000"
    assert environment["NO_COLOR"] == "1"
    assert "LEAN_UI_COMMAND" not in environment
    assert environment["DOCKER_HOST"] == "unix:///run/other.sock"
    assert environment["HOME"] == os.environ["HOME"]
    assert environment["TMPDIR"] == f"{call['folder']}/tmp"
    assert not any(KEY in value for value in environment.values())


def test_it_cannot_ask_the_user(fake: FakeLean) -> None:
    ours, reader, writer = os.dup(0), *os.pipe()
    os.write(writer, b"yes")
    os.close(writer)
    os.dup2(reader, 0)
    try:
        fake.fetch(*GAPS)
    finally:
        os.dup2(ours, 0)
        os.close(reader)
        os.close(ours)
    assert fake.calls[0]["stdin"] == ""


def test_lines_are_not_wrapped(fake: FakeLean) -> None:
    fake.play(outcome="echo", text="word " * 60)
    assert ("word " * 60).strip() in fake.fetch(*GAPS).said


def test_the_users_lean_json_stays_as_it_is(fake: FakeLean, tmp_path: Path) -> None:
    mine = tmp_path / "lean.json"
    mine.write_text('{ // mine\n "data-folder": "data", }')
    os.utime(mine, (1, 1))
    fake.fetch(*GAPS)
    assert mine.read_text() == '{ // mine\n "data-folder": "data", }'
    assert mine.stat().st_mtime == 1


def test_nobody_sees_the_key_while_it_runs(fake: FakeLean) -> None:
    fake.play(outcome="slow")
    seen: set[str] = set()
    done = threading.Event()

    def sample() -> None:
        while not done.is_set():
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.add(path.read_bytes().decode(errors="replace"))
                except OSError:
                    continue

    sampler = threading.Thread(target=sample)
    sampler.start()
    played = fake.fetch(*GAPS)
    done.set()
    sampler.join()
    assert any("--polygon-license-type" in line for line in seen)
    assert not any(KEY in line for line in seen)
    assert not any(KEY in text for text in played.said)
    assert KEY not in repr(fake.source())


def test_what_it_says_is_told_while_it_runs(fake: FakeLean) -> None:
    fake.play(outcome="slow")
    assert fake.fetch(*GAPS).said[:5] == [f"line {number}" for number in range(5)]


def test_a_private_folder_that_cannot_be_made(fake: FakeLean, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    played: Any = fake.fetch(*GAPS, staging_folder=tmp_path / "file" / "below")
    assert "staging_folder" in str(played.error)
