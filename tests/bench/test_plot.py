"""The picture of a report."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from leanfeed.bench.plot import svg
from leanfeed.bench.report import CLI, NATIVE, Leg
from tests.bench.build import report

SVG = "{http://www.w3.org/2000/svg}"


def drawn(text: str, tag: str, kind: str) -> list[ElementTree.Element]:
    found = ElementTree.fromstring(text).iter(f"{SVG}{tag}")
    return [element for element in found if element.get("class") == kind]


def words(text: str) -> str:
    return " ".join(
        element.text or "" for element in ElementTree.fromstring(text).iter(f"{SVG}text")
    )


def test_bars_are_as_long_as_the_medians() -> None:
    text = svg(report())
    (native,), (cli,) = drawn(text, "rect", "native"), drawn(text, "rect", "cli")
    ratio = float(cli.attrib["width"]) / float(native.attrib["width"])
    assert ratio == pytest.approx(10, rel=0.01)
    assert "4.00 s" in words(text)
    assert "10.0 times as long" in words(text)
    assert "prefers-color-scheme: dark" in text


def test_the_spread_is_from_the_least_to_the_most() -> None:
    text = svg(report())
    lines = drawn(text, "line", "spread")
    assert len(lines) == 6
    (bar,) = drawn(text, "rect", "native")
    start, width = float(bar.attrib["x"]), float(bar.attrib["width"])
    ends = [(float(lines[0].attrib[x]) - start) / width for x in ("x1", "x2")]
    assert ends == pytest.approx([0.5, 2.0], rel=0.01)
    once = report(repeats=1, native=Leg(NATIVE, (4.0,)), cli=Leg(CLI, (40.0,)))
    assert not drawn(svg(once), "line", "spread")


def test_a_source_that_did_not_complete_has_its_reason_and_no_bar() -> None:
    text = svg(report(cli=Leg(CLI, (90.0,), "<no> Docker & no login. Start it. " + "x " * 200)))
    assert not drawn(text, "rect", "cli")
    (native,) = drawn(text, "rect", "native")
    assert float(native.attrib["width"]) > 200
    assert "did not complete: <no> Docker & no login." in words(text)
    assert "times as long" not in text


def test_a_long_title_is_cut() -> None:
    text = svg(report(symbols=tuple(f"TICKER{n}" for n in range(50))))
    (title,) = drawn(text, "text", "title")
    assert title.text is not None
    assert 40 < len(title.text) <= 60
