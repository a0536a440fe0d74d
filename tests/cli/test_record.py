"""``leanfeed record`` and ``leanfeed replay``: verbs before ``ensure``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

pytestmark = pytest.mark.usefixtures("installed_version")

ENSURE = (
    "ensure",
    "DEMO",
    "--resolution",
    "minute,daily",
    "--start",
    "2024-11-25",
    "--end",
    "2024-11-29",
)
REPLAY = ("--sources", "replay")


@pytest.mark.parametrize("dashes", [("--",), ()], ids=["dashes", "plain"])
def test_what_is_recorded_is_replayed(dashes: tuple[str, ...], run: Run) -> None:
    first = run("record", "rec", *dashes, *ENSURE, *REPLAY, "--data-folder", "a", "--json")
    assert (first.exit_code, first.stderr) == (0, "")
    again = run("replay", "rec", *dashes, *ENSURE, "--data-folder", "b", "--json")
    assert (again.exit_code, again.stderr) == (0, "")
    told, told_again = json.loads(first.stdout), json.loads(again.stdout)
    for report in (told, told_again):
        for name in ("data_folder", "duration_seconds"):
            report.pop(name)
    assert told == told_again
    assert told["written_sessions"] == 8


def test_ensure_ends_as_it_would_alone(run: Run) -> None:
    assert run("record", "rec", "--", "ensure", "DEMO", "--resolution", "weekly").exit_code == 2
    unknown = run("record", "rec", "--", *ENSURE, "--sources", "reply")
    assert unknown.exit_code == 4
    assert not Path("rec").exists()
    missing = run("record", "rec", "--", "ensure", "NOBODY", *ENSURE[2:], *REPLAY)
    assert missing.exit_code == 3
    again = run("replay", "rec", "--", "ensure", "NOBODY", *ENSURE[2:])
    assert again.exit_code == 3
    assert again.stdout.splitlines()[0] == missing.stdout.splitlines()[0]


@pytest.mark.parametrize("verb", ["record", "replay"])
def test_only_ensure_can_follow(verb: str, run: Run) -> None:
    Path("rec").mkdir()
    for command in (("plan", "DEMO"), ("--", "audit"), ("--",), ()):
        result = run(verb, "rec", *command)
        assert result.exit_code == 2, command
    assert "'audit' cannot follow: use `ensure`." in run(verb, "rec", "audit").stderr


def test_a_folder_that_is_no_recording(run: Run) -> None:
    Path("other").mkdir()
    Path("other/file").write_text("x", "utf-8")
    recorded = run("record", "other", "--", *ENSURE, *REPLAY)
    assert recorded.exit_code == 4
    assert "other is no recording and not empty" in recorded.stderr
    replayed = run("replay", "other", "--", *ENSURE)
    assert replayed.exit_code == 4
    assert "There is no recording in other" in replayed.stderr
    assert run("replay", "absent", "--", *ENSURE).exit_code == 2


def test_unrecorded_sessions_are_named(run: Run) -> None:
    run("record", "rec", "--", *ENSURE, *REPLAY, "--data-folder", "a")
    result = run("replay", "rec", "--", "ensure", "THIN", *ENSURE[2:], "--data-folder", "b")
    assert result.exit_code == 7
    assert "THIN minute 2024-11-25 and 7 more were not recorded" in result.stderr


def test_nothing_to_record_is_said(run: Run) -> None:
    run(*ENSURE, *REPLAY)
    result = run("record", "rec", "--", *ENSURE, *REPLAY)
    assert (result.exit_code, result.stderr) == (
        0,
        "Nothing was recorded: nobody had to be asked.\n",
    )


def test_the_settings_do_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("leanfeed.toml").write_text('record = "kept/rec"\nsources = ["replay"]\n', "utf-8")
    Path("below").mkdir()
    monkeypatch.chdir("below")
    assert run(*ENSURE, "--data-folder", "a").exit_code == 0
    assert Path("../kept/rec/recording.toml").is_file()
    monkeypatch.setenv("LEANFEED_REPLAY", "../kept/rec")
    again = run(*ENSURE, "--data-folder", "b", "--sources", "replay")
    assert "8 from replay" in again.stdout
