"""What `leanfeed config show` prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]


def test_every_value_with_its_origin(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYGON_API_KEY", "hush-hush")
    Path("leanfeed.toml").write_text("lock_limit = 5\n[source.polygon]\nretries = 1")
    result = run("config", "show", "--data-folder", "bars")
    lines = result.stdout.splitlines()
    assert '  data_folder = "bars"  (argument)' in lines
    assert "  lock_limit = 5.0  (leanfeed.toml)" in lines
    assert "  retries = 1  (leanfeed.toml)" in lines
    assert '  api_key = "***"  (environment POLYGON_API_KEY)' in lines
    assert "  USE_POLYGON_NATIVE_DOWNLOADER = true  (default)" in lines
    assert f"  leanfeed.toml = {Path.cwd() / 'leanfeed.toml'}" in lines
    assert (result.exit_code, result.stderr) == (0, "")


def test_json_has_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYGON_API_KEY", "hush-hush")
    monkeypatch.setenv("USE_POLYGON_NATIVE_DOWNLOADER", "no")
    result = run("config", "show", "--json", "--sources", "polygon,replay")
    shown = json.loads(result.stdout)
    assert shown["settings"]["sources"] == {
        "value": ["lean-cli", "replay"],
        "origin": "argument, changed by USE_POLYGON_NATIVE_DOWNLOADER",
    }
    assert shown["plugins"]["source.lean-cli"]["api_key"] == {
        "value": "***",
        "origin": "environment POLYGON_API_KEY",
    }
    assert "hush" not in result.output


def test_a_mistake_is_one_sentence(run: Run) -> None:
    Path("leanfeed.toml").write_text("sorces = []")
    result = run("config", "show")
    assert (result.exit_code, result.stdout) == (4, "")
    assert "did you mean 'sources'?" in result.stderr


def test_text_on_several_lines_stays_on_one(run: Run) -> None:
    Path("leanfeed.toml").write_text('[source.replay]\nfolder = "a\\nb = 1\\u001b[31m"')
    result = run("config", "show", "--sources", "replay")
    assert r'  folder = "a\nb = 1\u001b[31m"  (leanfeed.toml)' in result.stdout.splitlines()
