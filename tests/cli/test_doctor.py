"""What `leanfeed doctor` finds, and that no plugin can stop it."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen
from click.testing import Result

from leanfeed import Finding, Secret, doctor, on_stop, registry
from leanfeed.doctor import Check, data_folder, examination
from leanfeed.interfaces import setting
from leanfeed.lean.market_hours import market_hours
from leanfeed.ledger import Ledger
from leanfeed.registry import Broken, Offer
from leanfeed.values import Symbol

Run = Callable[..., Result]
WELL = Finding("engine", True, "runs")


@frozen
class Source:
    """A source whose health a test decides."""

    api_key: Secret = setting(default="", help="the key", secret=True)

    def supports(self, _series: Any) -> bool:
        return True

    def fetch(self, _gaps: Any) -> Iterator[Any]:
        return iter(())


class Healthy(Source):
    def examine(self) -> Iterable[Any]:
        return [WELL]


class Ill(Source):
    def diagnose(self) -> str:
        return "There is no engine: buy one."


class Twice(Ill):
    def examine(self) -> Iterable[Finding]:
        return [Finding("engine", False, self.diagnose()), WELL]


class Raising(Source):
    def examine(self) -> Iterator[Finding]:
        yield WELL
        raise ValueError(f"bad\n{self.api_key.reveal()} \x1b[31m")


class Leaving(Source):
    def diagnose(self) -> str | None:
        raise SystemExit(3)


class Strange(Source):
    def examine(self) -> Iterable[Any]:
        return ["all is well"]


class Hanging(Source):
    def examine(self) -> Iterator[Finding]:
        yield WELL
        stopped = threading.Event()
        with on_stop(stopped.set):
            stopped.wait(30)


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def install(broken: str = "", **factories: Any) -> None:
        found = evolve(
            registry.installed(),
            sources={
                name: Offer(name, make, name, "test", "1") for name, make in factories.items()
            },
            broken=(Broken(broken, "test", "1", "ImportError: it is lost"),) if broken else (),
        )
        monkeypatch.setattr(registry, "installed", lambda: found)

    return install


def found(about: str, *, limit: float = 10, **arguments: Any) -> list[Check]:
    return [c for c in doctor.examine(limit=limit, **arguments) if c.about == about]


def test_all_is_well(run: Run, install: Callable[..., None]) -> None:
    install(healthy=Healthy)
    result = run("doctor", "--sources", "healthy")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert all(line.startswith("✓ ") for line in lines[:-1])
    assert lines[0].startswith("✓ leanfeed, version: leanfeed ")
    assert lines[-3:] == ["✓ healthy, ready: can be asked", "✓ healthy, engine: runs", "ready"]
    topics = [line[2:].partition(":")[0] for line in lines if " leanfeed, " in line]
    assert [topic.partition(", ")[2] for topic in topics] == [
        "version", "clock", "configuration", "planner", "writer",
        "data folder", "free space", "calendar", "ledger",
    ]  # fmt: skip
    assert list(Path.cwd().iterdir()) == []


def test_what_the_chain_needs_decides_the_exit_code(run: Run, install: Callable[..., None]) -> None:
    install(healthy=Healthy, ill=Ill)
    result = run("doctor", "--sources", "healthy")
    assert result.exit_code == 0
    assert "– ill, ready: There is no engine: buy one. (not needed)\nready\n" in result.stdout
    result = run("doctor", "--sources", "healthy,ill")
    assert result.exit_code == 4
    assert "✗ ill, ready: There is no engine: buy one.\nnot ready: ill\n" in result.stdout


def test_the_default_chain_needs_its_first_source_only(
    run: Run, install: Callable[..., None]
) -> None:
    install(**{"polygon": Healthy, "lean-cli": Ill})
    assert run("doctor").exit_code == 0
    install(**{"polygon": Ill, "lean-cli": Healthy})
    assert run("doctor").exit_code == 4


def test_json(run: Run, install: Callable[..., None]) -> None:
    install(ill=Ill)
    result = run("doctor", "--json", "--sources", "ill")
    shown = json.loads(result.stdout)
    assert not shown["is_well"]
    assert shown["checks"][-1] == {
        "about": "ill",
        "topic": "ready",
        "is_well": False,
        "text": "There is no engine: buy one.",
        "is_needed": True,
    }
    assert result.exit_code == 4


def test_a_plugin_that_fails_is_named_and_the_next_one_is_asked(
    install: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    install(raising=Raising, leaving=Leaving, strange=Strange, healthy=Healthy)
    monkeypatch.setenv("LEANFEED_RAISING_API_KEY", "hush-hush")
    assert [c.text for c in found("raising", sources="raising")] == [
        "can be asked",
        "runs",
        r"It raised ValueError: bad *** \x1b[31m",
    ]
    assert [c.text for c in found("leaving")] == ["It raised SystemExit: 3"]
    assert [c.is_well for c in found("strange", sources="strange")] == [True, False]
    assert [c.is_well for c in found("healthy", sources="healthy")] == [True, True]


def test_of_what_is_not_needed_one_line_is_enough(install: Callable[..., None]) -> None:
    install(raising=Raising, twice=Twice, healthy=Healthy)
    assert [c.text for c in found("raising")] == [r"It raised ValueError: bad \x1b[31m"]
    assert [c.text for c in found("twice")] == ["There is no engine: buy one."]
    assert [c.text for c in found("healthy")] == ["can be asked"]


def test_a_problem_is_told_once(install: Callable[..., None]) -> None:
    install(twice=Twice)
    assert [c.text for c in found("twice", sources="twice")] == [
        "There is no engine: buy one.",
        "runs",
    ]


def test_variables_that_nobody_reads(
    run: Run, install: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    install(broken="lost", healthy=Healthy)
    for name in ("LEANFEED_SORCES", "LEANFEED_HEALTHY_KEY", "LEANFEED_QQQQ"):
        monkeypatch.setenv(name, "hush-hush")
    for name in ("LEANFEED_HEALTHY_API_KEY", "LEANFEED_LOST_KEY", "LEANFEED_TORTURE"):
        monkeypatch.setenv(name, "hush-hush")
    monkeypatch.setenv("LEANFEED_CALENDAR_SETTLE_MINUTES", "5")
    monkeypatch.setenv("LEANFEED_BLANK", " ")
    result = run("doctor", "--sources", "healthy")
    said = "is set, and is no setting of leanfeed or a plugin;"
    assert [line for line in result.stdout.splitlines() if ", environment: " in line] == [
        f"– leanfeed, environment: LEANFEED_HEALTHY_KEY {said} "
        "did you mean LEANFEED_HEALTHY_API_KEY?",
        f"– leanfeed, environment: LEANFEED_QQQQ {said} take it away.",
        f"– leanfeed, environment: LEANFEED_SORCES {said} did you mean LEANFEED_SOURCES?",
    ]
    assert (result.exit_code, "hush" in result.output) == (0, False)


def test_what_is_not_ready_is_named_once(run: Run, install: Callable[..., None]) -> None:
    install(ill=Ill, strange=Strange, healthy=Healthy)
    Path("data").write_text("")
    result = run("doctor", "--sources", "ill,strange,healthy")
    assert result.stdout.splitlines()[-1].endswith(", ill, strange")
    assert result.stdout.splitlines()[-1].startswith("not ready: data folder, ")


def test_a_plugin_that_hangs_is_given_up(install: Callable[..., None]) -> None:
    install(hanging=Hanging)
    *well, given_up = found("hanging", limit=0.3, sources="hanging")
    assert [c.text for c in well] == ["can be asked", "runs"]
    assert given_up.text == "Nothing was heard of it for 0.3 s."
    assert given_up.is_fatal


def test_settings_that_a_source_does_not_accept(
    install: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    install(healthy=Healthy)
    monkeypatch.setenv("LEANFEED_HEALTHY_API_KEY", "YOUR_API_KEY")
    (check,) = found("healthy", sources="healthy")
    assert (check.topic, check.is_fatal) == ("settings", True)
    assert "placeholder" in check.text


def test_a_plugin_that_failed_to_load(install: Callable[..., None]) -> None:
    install(broken="lost", healthy=Healthy)
    (check,) = found("lost", sources="healthy")
    assert check.text == "test 1 failed to load: ImportError: it is lost"
    assert not check.is_fatal
    assert any(check.is_fatal for check in found("lost", sources="lost"))


def test_a_configuration_that_cannot_be_read(run: Run) -> None:
    Path("leanfeed.toml").write_text("sources = [")
    result = run("doctor")
    assert result.exit_code == 4
    assert "✗ leanfeed, configuration: The configuration " in result.stdout


def test_the_configuration_is_named(install: Callable[..., None]) -> None:
    install(healthy=Healthy)
    Path("lean.json").write_text("{}")
    Path("leanfeed.toml").write_text('[source.helthy]\n[planner]\nname = "calender"')
    checks = {c.topic: c for c in found("leanfeed", sources="healthy")}
    assert "did you mean 'calendar'" in checks["planner"].text
    assert "did you mean" in checks["configuration"].text


def about(topic: str, folder: Path) -> Check:
    (check,) = (c for c in data_folder.look_at(folder) if c.topic == topic)
    return check


def test_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert about("data folder", tmp_path).text == str(tmp_path)
    assert "is made when it is needed" in about("data folder", tmp_path / "a" / "b").text
    (tmp_path / "file").write_text("")
    assert "is a file" in about("data folder", tmp_path / "file" / "below").text
    monkeypatch.setattr("os.access", lambda path, mode: not mode & 2)
    check = about("data folder", tmp_path)
    assert (check.is_fatal, "not writable" in check.text) == (True, True)


def test_folders_below_in_which_no_file_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ticker in ("aapl", "qqq", "spy"):
        (tmp_path / "equity/usa/minute" / ticker).mkdir(parents=True)
    assert about("permissions", tmp_path).text == ("files can be made in all 6 folders looked at")
    closed = {str(tmp_path / "equity/usa/minute" / ticker) for ticker in ("aapl", "spy")}
    monkeypatch.setattr("os.access", lambda path, mode: str(path) not in closed)
    check = about("permissions", tmp_path)
    assert check.is_fatal
    assert " and 1 more: change its owner or permissions." in check.text
    assert any(path in check.text for path in closed)


def test_a_calendar_that_ends_soon_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, last = market_hours(Symbol("SPY")).horizon or (None, None)
    assert last is not None
    noon = examination.now().replace(year=last.year, month=last.month, day=last.day)
    monkeypatch.setattr(data_folder, "now", lambda: noon - dt.timedelta(days=30))
    check = about("calendar", tmp_path)
    assert check.is_well
    assert "only 30 days are left: put a newer one of LEAN's at market-hours/" in check.text


def test_little_space_and_remote_file_systems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    place = str(tmp_path.resolve()).replace(" ", r"\040")
    mounts.write_text(f"disk / ext4 rw 0 0\nhost:/x {place} nfs4 rw 0 0\n")
    monkeypatch.setattr(data_folder, "_MOUNTS", mounts)
    assert " on nfs4; runs on several machines" in about("free space", tmp_path / "new").text
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 5_000_000}))
    check = about("free space", tmp_path)
    assert check.is_fatal
    assert check.text.startswith("5.0 MB on nfs4 is little: make room")


def test_the_calendar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert about("calendar", tmp_path).is_well
    far = examination.now().replace(year=2100)
    monkeypatch.setattr(data_folder, "now", lambda: far)
    check = about("calendar", tmp_path)
    assert (check.is_fatal, "put a newer" in check.text) == (True, True)
    (tmp_path / "market-hours").mkdir()
    (tmp_path / "market-hours" / "market-hours-database.json").write_text("{")
    assert "cannot be read" in about("calendar", tmp_path).text


def test_the_ledger(tmp_path: Path) -> None:
    assert about("ledger", tmp_path).text == "none yet"
    path = Ledger(tmp_path).path
    path.parent.mkdir()
    sqlite3.connect(path).close()
    assert about("ledger", tmp_path).is_well
    path.write_text("no database, however long one looks at it" * 100)
    check = about("ledger", tmp_path)
    assert (check.is_well, check.is_fatal) == (False, False)
    assert "delete it" in check.text


def test_a_clock_that_was_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    past = examination.now().replace(year=2001)
    monkeypatch.setattr(examination, "now", lambda: past)
    assert [c.is_fatal for c in found("leanfeed") if c.topic == "clock"] == [True]


def test_the_reason_why_a_plugin_failed_is_told(run: Run, install: Callable[..., None]) -> None:
    install(broken="lost", healthy=Healthy)
    told = "The plugin lost of test 1 failed to load: ImportError: it is lost\n"
    assert run("sources", "-v").stderr == told
    assert run("sources").stderr == ""
