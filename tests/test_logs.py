"""A program that wants no log gets none, whoever imports logging; one that does gets all of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import leanfeed, sys
{before}
class Source:
    def supports(self, series):
        return True
    def fetch(self, gaps):
        import logging
        logging.getLogger("leanfeed.mine").warning("a word, apiKey=abcdefgh")
        logging.getLogger("leanfeed").warning("another, apiKey=abcdefgh")
        return iter(())
    def changed(self, given):
        return tuple(self.fetch(given))
asked = dict(resolution="daily", start="2024-01-02", end="2024-01-03")
leanfeed.ensure("SPY", **asked, data_folder=sys.argv[1], sources=[Source()], refresh={refresh!r})
"""


def said(folder: Path, *, before: str, refresh: str | None) -> str:
    code = CODE.format(before=before, refresh=refresh)
    run = subprocess.run(
        [sys.executable, "-c", code, folder], capture_output=True, text=True, check=True
    )
    return run.stderr


@pytest.mark.parametrize("refresh", [None, "changed"])
def test_who_has_not_imported_logging_is_told_nothing(tmp_path: Path, refresh: str | None) -> None:
    assert said(tmp_path, before="", refresh=refresh) == ""


@pytest.mark.parametrize("refresh", [None, "changed"])
def test_who_has_hears_everything_but_secrets(tmp_path: Path, refresh: str | None) -> None:
    before = "import logging; logging.basicConfig(format='%(name)s: %(message)s')"
    lines = said(tmp_path, before=before, refresh=refresh).splitlines()
    assert "leanfeed: another, apiKey=***" in lines
    assert any("[DATA DOWNLOAD] run finished" in line for line in lines)
