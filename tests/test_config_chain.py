"""The chain that the settings name, and its overview."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from leanfeed import ConfigurationError, Secret, configured, registry
from leanfeed.config import load
from leanfeed.interfaces import setting
from leanfeed.overview import overview
from leanfeed.registry import Broken, Offer

Install = Callable[..., None]


@frozen
class Source:
    """Says what it was told to say."""

    problem: str = setting(default="", help="what is wrong")
    api_key: Secret = setting(default="", help="the key", env=("SOME_KEY",), secret=True)
    note: str = setting(default="", help="anything")

    def supports(self, _series: Any) -> bool:
        return True

    def fetch(self, _gaps: Any) -> Any:
        return iter(())

    def diagnose(self) -> str | None:
        if self.problem == "raises":
            raise RuntimeError
        return self.problem or None


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Make these the installed sources."""

    def install(*names: str, broken: tuple[str, ...] = (), **factories: Any) -> None:
        made = {name: factories.get(name, Source) for name in (*names, *factories)}
        found = evolve(
            registry.installed(),
            sources={name: Offer(name, made[name], name, "test", "1") for name in made},
            broken=tuple(
                Broken(name, "test", "1", "ImportError: no such thing") for name in broken
            ),
        )
        monkeypatch.setattr(registry, "installed", lambda: found)

    return install


def names(environment: Mapping[str, str], **arguments: Any) -> list[str]:
    settings = load(folder=Path.cwd(), environment=environment, arguments=arguments)
    configured.check(settings)
    return [named.name for named in configured.chain(settings)]


def test_the_default_chain_leaves_out_a_fallback_that_cannot_work(install: Install) -> None:
    install("polygon", "lean-cli")
    assert names({}) == ["polygon", "lean-cli"]
    assert names({"LEANFEED_LEAN_CLI_PROBLEM": "there is no lean"}) == ["polygon"]
    assert names({"LEANFEED_LEAN_CLI_PROBLEM": "raises"}) == ["polygon", "lean-cli"]
    install("polygon", broken=("lean-cli",))
    assert names({}) == ["polygon"]


def test_the_first_source_is_asked_even_if_it_cannot_work(install: Install) -> None:
    install("polygon", "lean-cli")
    assert names({"LEANFEED_POLYGON_PROBLEM": "no key"}) == ["polygon", "lean-cli"]


def test_what_somebody_named_is_asked(install: Install) -> None:
    install("polygon", "lean-cli")
    environment = {"LEANFEED_LEAN_CLI_PROBLEM": "there is no lean"}
    assert names(environment, sources="polygon,lean-cli") == ["polygon", "lean-cli"]
    assert names({"USE_POLYGON_NATIVE_DOWNLOADER": "0", **environment}) == ["lean-cli"]
    install("polygon", broken=("lean-cli",))
    with pytest.raises(ConfigurationError, match="'lean-cli' failed to load: ImportError"):
        names({}, sources="polygon,lean-cli")


def test_a_table_for_a_source_that_is_not_installed_is_an_error(
    install: Install, tmp_path: Path
) -> None:
    install("polygon")
    (tmp_path / "leanfeed.toml").write_text("[source.polgon]\n")
    with pytest.raises(ConfigurationError, match="did you mean 'polygon'"):
        names({})


def test_every_secret_of_a_run_is_known(install: Install, tmp_path: Path) -> None:
    def undeclared(**settings: str) -> Source:
        return Source(**settings)

    install(polygon=Source, plain=undeclared, other=Source)
    (tmp_path / "leanfeed.toml").write_text('[source.plain]\napi_key = "plain"\nnote = "told"')
    ready = Source(api_key=Secret("ready"))
    environment = {"LEANFEED_POLYGON_API_KEY": "named", "LEANFEED_OTHER_API_KEY": "unused"}
    arguments = {"sources": [ready, "polygon", "plain"]}
    settings = load(folder=tmp_path, environment=environment, arguments=arguments)
    found = {secret.reveal() for secret in configured.secrets(settings)}
    assert found == {"ready", "named", "plain"}
    assert [named.name for named in configured.chain(settings)] == ["Source", "polygon", "plain"]
    assert configured.chain(settings)[2].source == Source(api_key=Secret("plain"), note="told")


def test_the_overview_has_every_value_and_no_secret(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("polygon", "lean-cli", "other")
    (tmp_path / "leanfeed.toml").write_text('[source.polygon]\nproblem = "none"')
    (tmp_path / "lean.json").write_text("{}")
    monkeypatch.setenv("SOME_KEY", "hush-hush")
    monkeypatch.setenv("LEANFEED_LEAN_CLI_NOTE", "quotes hush-hush")
    monkeypatch.setenv("POLYGON_DOWNLOADER_ALLOW_CLI_FALLBACK", "yes")
    found = overview(data_folder="here")
    assert "hush-hush" not in repr(found) + str(found) + json.dumps(found.to_dict())
    shown = found.to_dict()
    assert shown["files"] == {
        "toml": str(tmp_path / "leanfeed.toml"),
        "lean.json": str(tmp_path / "lean.json"),
    }
    assert shown["switches"]["POLYGON_DOWNLOADER_ALLOW_CLI_FALLBACK"] == {
        "value": True,
        "origin": "environment POLYGON_DOWNLOADER_ALLOW_CLI_FALLBACK",
    }
    assert shown["settings"]["data_folder"] == {"value": "here", "origin": "argument"}
    assert shown["settings"]["sources"] == {"value": ["polygon", "lean-cli"], "origin": "default"}
    assert shown["plugins"]["source.polygon"] == {
        "problem": {"value": "none", "origin": "leanfeed.toml"},
        "api_key": {"value": "***", "origin": "environment SOME_KEY"},
        "note": {"value": "", "origin": "default"},
    }
    assert shown["plugins"]["source.lean-cli"]["note"]["value"] == "quotes ***"
    assert set(shown["plugins"]) == {
        "source.polygon", "source.lean-cli", "planner.calendar", "writer.lean"
    }  # fmt: skip
    assert '  data_folder = "here"  (argument)' in str(found).splitlines()
