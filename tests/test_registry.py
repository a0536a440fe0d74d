"""Plugins are found one by one; a broken one is named and stops nobody else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from leanfeed import ConfigurationError
from leanfeed.doctor.environment import look_at
from leanfeed.inventory import installed_sources
from leanfeed.registry import choose, installed

Publish = Callable[[str, str], None]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    installed.cache_clear()
    yield
    installed.cache_clear()


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Put a distribution with one module on the path, as pip would."""
    monkeypatch.syspath_prepend(tmp_path)

    def publish(name: str, code: str) -> None:
        (tmp_path / f"{name}.py").write_text(code)
        info = tmp_path / f"{name}-1.2.3.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2.3\n")
        (info / "entry_points.txt").write_text(f"[leanfeed]\n{name} = {name}\n")
        monkeypatch.delitem(sys.modules, name, raising=False)

    return publish


GOOD = """
import leanfeed
class Source:
    def supports(self, series): return True
    def fetch(self, gaps): return iter(())
@leanfeed.hookimpl
def leanfeed_data_sources(): return {"stranger": Source}
"""


def test_bundled_plugins_come_through_the_entry_points() -> None:
    found = installed()
    assert set(found.sources) >= {"polygon", "replay"}
    assert {offer.distribution for offer in found.sources.values()} == {"leanfeed"}
    assert (list(found.planners), list(found.writers)) == (["calendar"], ["lean"])
    assert found.broken == ()


def test_strangers_plugin_appears_with_its_distribution(publish: Publish) -> None:
    publish("stranger_dist", GOOD)
    offer = installed().sources["stranger"]
    assert (offer.distribution, offer.version) == ("stranger_dist", "1.2.3")
    assert {source.name: source.usable for source in installed_sources()}["stranger"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise RuntimeError('boom\\nboom')", "RuntimeError: boom boom"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("import no_such_module", "ModuleNotFoundError"),
        (GOOD.replace("leanfeed_data_sources", "leanfeed_data_source"), "leanfeed_data_source"),
        (GOOD.replace('return {"stranger": Source}', "return 5"), "TypeError"),
    ],
)
def test_broken_plugin_is_named_and_stops_nobody(publish: Publish, code: str, reason: str) -> None:
    publish("broken_dist", code)
    found = installed()
    assert set(found.sources) >= {"polygon", "replay"}
    (broken,) = found.broken
    assert broken.distribution == "broken_dist"
    assert reason in broken.reason
    assert [s.reason for s in installed_sources() if s.name == "broken_dist"] == [broken.reason]
    with pytest.raises(ConfigurationError, match="failed to load"):
        choose("source", "broken_dist", found.sources, found.broken)


LATE = GOOD.replace('"stranger": Source', '"stranger": "late:Source"')


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], object]:
    """Put a module ``late`` beside the distributions."""
    monkeypatch.delitem(sys.modules, "late", raising=False)
    return lambda code: (tmp_path / "late.py").write_text(code)


def test_a_factory_may_be_imported_when_it_is_named(
    publish: Publish, write: Callable[[str], object]
) -> None:
    publish("stranger_dist", LATE)
    write("class Source:\n    pass")
    offers = installed().sources
    assert "late" not in sys.modules
    source = choose("source", "stranger", offers).factory()
    assert type(source) is sys.modules["late"].Source
    assert offers["stranger"].factory is type(source)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise RuntimeError('boom')", "RuntimeError: boom"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("", "AttributeError"),
        ("Source = 5", "TypeError"),
    ],
)
def test_what_cannot_be_imported_harms_only_who_names_it(
    publish: Publish, write: Callable[[str], object], code: str, reason: str
) -> None:
    publish("stranger_dist", LATE)
    write(code)
    offers = installed().sources
    assert choose("source", "replay", offers)
    with pytest.raises(ConfigurationError, match=f"'stranger_dist' failed to load: {reason}"):
        choose("source", "stranger", offers)
    (found,) = (s for s in installed_sources() if s.name == "stranger")
    assert (found.usable, reason in found.reason) == (False, True)
    variable = {"LEANFEED_POLYGON_TIER": "free", "LEANFEED_NOTHING": "1"}
    (stranger,) = look_at(variable, installed())
    assert "LEANFEED_NOTHING" in stranger.text


def test_nobody_imports_the_sources_that_nobody_names() -> None:
    code = (
        "import leanfeed, sys\n"
        "leanfeed.plan('SPY', resolution='daily', start='2024-01-02', sources='replay')\n"
        "print(*sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    sources = {name for name in out.stdout.split() if name.startswith("leanfeed_")}
    assert {name for name in sources if name.endswith(".source")} == {"leanfeed_replay.source"}


def test_one_name_from_two_plugins_is_an_error_naming_both(publish: Publish) -> None:
    publish("first_dist", GOOD)
    publish("second_dist", GOOD)
    with pytest.raises(ConfigurationError, match=r"first_dist.*second_dist"):
        installed()


def test_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'polygon'"):
        choose("source", "poligon", installed().sources)
    with pytest.raises(ConfigurationError, match=r"installed are .*replay"):
        choose("source", "xyz", installed().sources)


def test_finding_plugins_loads_no_network_library() -> None:
    code = "import sys; from leanfeed.registry import installed; installed(); print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"urllib3", "click", "rich", "numpy"}.isdisjoint(out.stdout.split())
