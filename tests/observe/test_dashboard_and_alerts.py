"""The dashboard and the alerts use metrics and labels that exist, and promtool accepts them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.observe.test_monitoring_page import table

FOLDER = Path(__file__).parents[2] / "docs/monitoring"
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
ALERTS = re.findall(
    r"expr: \|\n((?: {10}.*\n)+)", (FOLDER / "alerts.yml").read_text(encoding="utf-8")
)
LABELS = {name.strip("`"): set(labels.split(", ")) for name, _, labels, _ in table("metric")}


def expressions() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"]


def used(text: str) -> Iterator[tuple[str, set[str]]]:
    """Each metric in an expression with the labels that it is selected by."""
    for name, selector in re.findall(r"\b(leanfeed_\w+)(?:\{(.*?)\})?", text):
        name = re.sub("(?<=duration_seconds)_(bucket|sum|count)$", "", name)
        yield name, set(re.findall(r"(\w+)(?:=~?|!~?)", selector))


@pytest.mark.parametrize("expression", [*expressions(), *ALERTS])
def test_an_expression_uses_what_there_is(expression: str) -> None:
    found = list(used(expression))
    assert found
    for name, selected in found:
        assert selected <= LABELS[name] | {"job"}
    for grouped in re.findall(r"by \((.*?)\)", expression):
        assert set(grouped.split(", ")) <= set.union(*(LABELS[name] for name, _ in found)) | {"le"}


def test_every_metric_is_on_the_dashboard() -> None:
    shown = {name for expression in expressions() for name, _ in used(expression)}
    assert shown == set(LABELS)


def test_legends_name_labels_of_their_expression() -> None:
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            grouped = re.findall(r"by \((.*?)\)", target["expr"])
            labels = set(grouped[0].split(", ")) if grouped else set()
            assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= labels, target


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert all(x < 24 for x, _ in cells)
        taken |= cells
    assert DASHBOARD["uid"] == "leanfeed"
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@pytest.fixture
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed: it comes with Prometheus")
    return found


def accepted(*command: str | Path) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_promtool_accepts_the_alerts(promtool: str) -> None:
    accepted(promtool, "check", "rules", FOLDER / "alerts.yml")


def test_alerts_speak_when_they_should(promtool: str) -> None:
    accepted(promtool, "test", "rules", FOLDER / "alerts_test.yml")


def test_promtool_accepts_the_dashboard(promtool: str, tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": re.sub(r"\$__\w+", "5m", expression)}
        for number, expression in enumerate(expressions())
    ]
    groups = {"groups": [{"name": "dashboard", "rules": rules}]}
    (tmp_path / "dashboard.yml").write_text(json.dumps(groups), encoding="utf-8")
    accepted(promtool, "check", "rules", tmp_path / "dashboard.yml")
