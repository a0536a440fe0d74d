"""What the documentation shows is what happens."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from click.testing import CliRunner

import leanfeed
from leanfeed.cli import cli
from leanfeed.config import load
from tests import build

ROOT = Path(__file__).parent.parent


def blocks(page: str, language: str = "") -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


def test_first_command_of_the_readme_says_what_it_is_said_to_say(tmp_path: Path) -> None:
    command, shown, *_ = blocks("README.md")
    arguments = command.partition("leanfeed ensure")[2].partition("&&")[0].split()
    result = CliRunner().invoke(cli, ["ensure", *arguments])
    assert result.exit_code == 0
    *report, costs = result.output.splitlines()
    lines = shown.splitlines()
    assert lines[: len(report)] == report
    assert re.sub(r"[\d.]+", "", lines[len(report)]) == re.sub(r"[\d.]+", "", costs)
    files = sorted(path.as_posix() for path in Path("data").rglob("*.zip"))
    assert lines[len(report) + 1 :] == files


def test_configuration_example_is_what_is_the_default_anyway(tmp_path: Path) -> None:
    (example,) = blocks("docs/configuration.md", "toml")
    (tmp_path / "leanfeed.toml").write_text(example, encoding="utf-8")
    settings = load(folder=tmp_path, environment={})
    assert settings.data_folder == tmp_path / "data"
    assert settings.sources == ("polygon", "replay")
    plan = leanfeed.plan("SPY", resolution="daily", start="2024-01-02", config="leanfeed.toml")
    assert set(plan.estimates) == {"polygon", "replay"}


def test_example_source_works(tmp_path: Path) -> None:
    (code,) = blocks("docs/hooks.md", "python")
    (tmp_path / "coin_flip.py").write_text(code, encoding="utf-8")
    names = runpy.run_path(str(tmp_path / "coin_flip.py"))
    source = names["leanfeed_data_sources"]()["coin-flip"]()
    report = leanfeed.ensure(
        "SPY", resolution="minute", start="2024-11-27", end="2024-11-29", sources=[source]
    )
    assert report.complete
    (_, half_day) = build.sessions("2024-11-27", "2024-11-29")
    bars = leanfeed.lean.read_file("data/equity/usa/minute/spy/20241129_trade.zip")
    assert len(bars) == (half_day.regular[0][1] - half_day.regular[0][0]) // 60_000


def test_every_page_is_in_the_contents() -> None:
    contents = (ROOT / "docs/index.md").read_text(encoding="utf-8").splitlines()
    pages = {
        path.relative_to(ROOT / "docs").with_suffix("").as_posix()
        for path in (ROOT / "docs").rglob("*.md")
        if "_build" not in path.parts
    }
    assert pages - {"index"} <= set(contents)


def test_every_dependency_has_its_reason() -> None:
    reasons = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (needed,) = re.findall(r"^dependencies = \[\n(.*?)^\]", project, flags=re.DOTALL | re.MULTILINE)
    for name in re.findall(r'"([a-z0-9-]+)', needed):
        assert f"| {name} |" in reasons
