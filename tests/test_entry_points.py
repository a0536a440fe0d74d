"""Entry points are those that importlib.metadata finds."""

from __future__ import annotations

import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from leanfeed.entry_points import EntryPoint, entry_points


def by_the_library(group: str) -> list[tuple[str, str, str, str]]:
    found = metadata.entry_points(group=group)
    return sorted((p.name, p.value, p.dist.name, p.dist.version) for p in found if p.dist)


def by_leanfeed(group: str) -> list[tuple[str, str, str, str]]:
    found = entry_points(group)
    assert found == sorted(found)
    return sorted((p.name, p.value, p.distribution, p.version) for p in found)


def publish(folder: Path, name: str, version: str, text: str) -> None:
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: other\n"
    (info / "METADATA").write_text(head)
    (info / "entry_points.txt").write_text(text)


@pytest.mark.parametrize("group", ["leanfeed", "console_scripts", "pytest11", "nobody's"])
def test_they_are_those_of_the_library(group: str) -> None:
    assert by_leanfeed(group) == by_the_library(group)


def test_odd_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    text = (
        "[x]\n# no\nb = one : two.three [extra]\n\n[strange.x]\nc=d\n[ x ]\n[x]\na=os.path:join\n"
    )
    publish(first, "Some-Name", "1.0", text)
    publish(second, "some_name", "0.9", "[x]\nold = old\n")
    publish(second, "other", "3", "nothing\n[x\nq = r\n")
    (second / "empty-1.dist-info").mkdir()
    (second / "Egg-2.egg-info").mkdir()
    (second / "Egg-2.egg-info" / "entry_points.txt").write_text("[x]\negg = e\n")
    (second / "Egg-2.egg-info" / "PKG-INFO").write_text("Name: Egg\nVersion: 2\n")
    monkeypatch.setattr(sys, "path", [str(first), str(tmp_path / "nowhere"), str(second)])
    assert by_leanfeed("x") == by_the_library("x") != []
    assert {point.name for point in entry_points("x")} == {"a", "b", "egg"}


def test_what_is_in_a_zip_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path / "plain", "zipped", "1.0", "[leanfeed]\nzipped = zipped\n")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in (tmp_path / "plain").rglob("*"):
            archive.write(path, path.relative_to(tmp_path / "plain"))
    monkeypatch.syspath_prepend(tmp_path / "all.zip")
    assert ("zipped", "zipped", "zipped", "1.0") in by_leanfeed("leanfeed")


def test_they_are_loaded() -> None:
    point = EntryPoint("a", "os.path:join [extra]", "any", "1")
    assert point.load() is __import__("os").path.join
    assert EntryPoint("a", "os.path", "any", "1").load() is __import__("os").path
    with pytest.raises(ImportError):
        EntryPoint("a", "no.such.module", "any", "1").load()
