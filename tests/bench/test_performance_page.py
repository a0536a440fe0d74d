"""docs/performance.md shows what was measured, to the last character."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.findings import Results
from benchmarks.pictures import pictures
from benchmarks.summary import END, PAGE, START, section
from benchmarks.tables import markdown
from benchmarks.targets import targets

ROOT = Path(__file__).parents[2]
TEXT = PAGE.read_text("utf-8")
SHOWN = TEXT.partition(START)[2].partition(END)[0]
(FILE,) = [ROOT / "benchmarks/results" / name for name in re.findall(r"results/(\S+\.json)", SHOWN)]
FACTS: dict[str, Any] = json.loads(FILE.read_text("utf-8"))


def test_the_page_is_made_of_the_results() -> None:
    assert section(FILE) == SHOWN


def test_another_result_would_be_another_page(tmp_path: Path) -> None:
    changed = json.loads(FILE.read_text("utf-8"))
    for lap in changed["races"][0]["laps"]["leanfeed"]:
        lap["wall"] *= 2
    (tmp_path / FILE.name).write_text(json.dumps(changed), "utf-8")
    assert section(tmp_path / FILE.name) != SHOWN


@pytest.mark.parametrize(("name", "picture"), pictures(FACTS).items())
def test_a_picture_is_made_of_the_results(name: str, picture: str) -> None:
    file = FILE.with_name(f"{FILE.stem}-{name}.svg")
    assert f"({Path('..', file.relative_to(ROOT))})" in SHOWN
    assert file.read_text("utf-8") == picture
    ElementTree.fromstring(picture)


def test_a_ratio_is_that_of_the_medians() -> None:
    heat = Results(FACTS).heat("minute-year")
    assert heat is not None
    ours, theirs = (
        sorted(lap["wall"] for lap in heat.facts["laps"][name]) for name in ("leanfeed", "official")
    )
    assert len(ours) == len(theirs)
    assert len(ours) % 2
    expected = theirs[len(theirs) // 2] / ours[len(ours) // 2]
    assert f"| {expected:.1f} (CPU" in SHOWN


def test_a_target_that_is_missed_is_said_to_be_missed() -> None:
    slow = json.loads(json.dumps(FACTS))
    for race in slow["races"]:
        for lap in race["laps"].get("leanfeed", ()):
            lap.update(wall=1000.0, cpu=1.0, peak_mb=900.0)
    slow["stages"]["minute"]["thousand_bars_per_cpu_second"] = 1.0
    slow["start_up"].update({"import": [9.0], "version": [9.0], "interpreter": [0.02]})
    slow["warm_folder"].update(ensure=[9.0], listing=[0.1])
    missed = [target for target in targets(Results(slow)) if not target.is_met]
    assert len(missed) >= 8
    assert markdown(slow).count("| **no** |") == len(missed)


def test_nothing_names_this_machine() -> None:
    text = FILE.read_text("utf-8")
    assert "/tmp" not in text
    assert "/home" not in text


def test_the_first_line_says_which_form_it_was() -> None:
    assert f"in the {FACTS['form']} form" in SHOWN
