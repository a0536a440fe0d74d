"""The words that leanfeed says, taken by the real command's own parser."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import leanfeed

pytestmark = pytest.mark.slow

_CONTRACT = Path(__file__).parents[1] / "contract-1.0.230.json"
#: Keeps the words that it is called with, and does nothing else.
_RECORDER = """#!/bin/sh
[ "$1" = --version ] && echo "lean 1.0.230" && exit
printf '%s\\n' "$@" > "$RECORDED"
exit 1
"""


def test_the_contract_is_that_of_the_real_command(lean_command: Path) -> None:
    said = _said_by_lean(lean_command, [])
    contract = json.loads(_CONTRACT.read_text())
    assert said["options"] == contract["options"]
    assert said["allow_unknown"] == contract["allow_unknown"]


@pytest.mark.parametrize("resolution", ["second", "minute", "hour", "daily"])
def test_every_word_is_understood(
    lean_command: Path,
    tmp_path: Path,
    data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    resolution: str,
) -> None:
    words = _recorded(tmp_path, data_folder, monkeypatch, resolution)
    assert words[:2] == ["data", "download"]
    config = tmp_path / "lean.json"
    config.write_text("{}")
    place = words.index("--lean-config") + 1
    assert Path(words[place]).name == "lean.json"
    words[place] = str(config)

    (parsed,) = _said_by_lean(lean_command, [words[2:]])["parsed"]
    assert parsed["refused"] == ""
    assert parsed["leftovers"] == []
    said = parsed["said"]
    start, end = said.pop("start"), said.pop("end")
    assert start == "20240102"
    assert end > "20240104"
    downloaded = "minute" if resolution == "hour" else resolution
    assert said == {
        "data_provider_historical": "Polygon",
        "data_type": "Trade",
        "resolution": downloaded.capitalize(),
        "security_type": "Equity",
        "market": "USA",
        "ticker": "AAPL,BRK.B",
        "polygon_license_type": "Individual",
        "no_update": True,
    }


def test_a_word_too_many_would_be_seen(lean_command: Path) -> None:
    typo, stray, wrong = _said_by_lean(
        lean_command, [["--resolutin", "Minute"], ["--yes", "AAPL"], ["--resolution", "Week"]]
    )["parsed"]
    assert typo["leftovers"] == ["--resolutin", "Minute"]
    assert stray["leftovers"] == ["AAPL"]
    assert "'Week' is not one of" in wrong["refused"]


def _said_by_lean(lean_command: Path, argument_lists: list[list[str]]) -> dict[str, Any]:
    """What the command's own Python makes of its options and of these words."""
    done = subprocess.run(
        [lean_command.parent / "python", Path(__file__).with_name("parse_argv.py")],
        input=json.dumps(argument_lists),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _recorded(
    tmp_path: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch, resolution: str
) -> list[str]:
    """The words of one run of leanfeed."""
    recorder = tmp_path / "lean"
    recorder.write_text(_RECORDER)
    recorder.chmod(0o755)
    monkeypatch.setenv("RECORDED", str(tmp_path / "words"))
    monkeypatch.setenv("LEANFEED_LEAN_CLI_COMMAND", str(recorder))
    monkeypatch.setenv("LEANFEED_LEAN_CLI_ORGANIZATION", "0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("POLYGON_API_KEY", "a-key-only-for-tests")
    leanfeed.ensure(
        "AAPL,BRK.B",
        resolution=resolution,
        start="2024-01-02",
        end="2024-01-04",
        data_folder=data_folder,
        sources=["lean-cli"],
    )
    return (tmp_path / "words").read_text().splitlines()
