"""The switches of operators change the chain, wherever it came from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leanfeed import ConfigurationError
from leanfeed.config import Settings, load

NATIVE = "USE_POLYGON_NATIVE_DOWNLOADER"
FALLBACK = "POLYGON_DOWNLOADER_ALLOW_CLI_FALLBACK"


def settings(sources: Any = None, **environment: str) -> Settings:
    return load(folder=Path.cwd(), arguments={"sources": sources}, environment=environment)


@pytest.mark.parametrize(
    ("native", "fallback", "chain", "expected"),
    [
        ("true", "true", "polygon,lean-cli", ["polygon", "lean-cli"]),
        ("false", "true", "polygon", ["lean-cli"]),
        ("false", "true", "polygon,lean-cli", ["lean-cli"]),
        ("false", "true", "lean-cli,replay,polygon", ["lean-cli", "replay"]),
        ("false", "true", "replay,polygon,other", ["replay", "lean-cli", "other"]),
        ("false", "true", "replay", ["replay"]),
        ("true", "false", "polygon,lean-cli", ["polygon"]),
        ("true", "false", "polygon,replay,lean-cli,other", ["polygon", "replay", "other"]),
        ("true", "false", "lean-cli,polygon", ["lean-cli", "polygon"]),
        ("true", "false", "lean-cli", ["lean-cli"]),
        ("true", "false", "replay,lean-cli", ["replay", "lean-cli"]),
        ("false", "false", "polygon", ["lean-cli"]),
        ("false", "false", "polygon,lean-cli", ["lean-cli"]),
        ("false", "false", "polygon,replay,lean-cli", ["lean-cli", "replay"]),
    ],
)
def test_the_chain_is_what_operators_want(
    native: str, fallback: str, chain: str, expected: list[str]
) -> None:
    found = settings(chain, **{NATIVE: native, FALLBACK: fallback})
    assert list(found.sources) == expected
    assert ("changed by" in found.origins["sources"]) == (chain.split(",") != expected)


def test_the_origin_names_the_switch() -> None:
    assert settings(**{NATIVE: "0"}).origins["sources"] == f"default, changed by {NATIVE}"
    assert settings("polygon,lean-cli", **{FALLBACK: "0"}).origins["sources"] == (
        f"argument, changed by {FALLBACK}"
    )
    both = settings(**{NATIVE: "0", FALLBACK: "0"})
    assert both.origins["sources"] == f"default, changed by {NATIVE}"
    assert not both.is_default_chain
    assert {name: (v.value, v.origin) for name, v in both.switches.items()} == {
        NATIVE: (False, f"environment {NATIVE}"),
        FALLBACK: (False, f"environment {FALLBACK}"),
    }


def test_the_toml_is_changed_as_well(tmp_path: Path) -> None:
    (tmp_path / "leanfeed.toml").write_text('sources = ["polygon", "replay"]')
    assert settings(**{NATIVE: "off"}).sources == ("lean-cli", "replay")


@pytest.mark.parametrize("word", ["1", "true", "TRUE", " yes ", "On", "", " "])
def test_words_for_yes_and_nothing_at_all(word: str) -> None:
    assert settings(**{NATIVE: word, FALLBACK: word}).sources == ("polygon", "lean-cli")


@pytest.mark.parametrize("word", ["0", "false", "False", " no ", "OFF"])
def test_words_for_no(word: str) -> None:
    assert settings(**{FALLBACK: word}).sources == ("polygon",)


@pytest.mark.parametrize("name", [NATIVE, FALLBACK])
@pytest.mark.parametrize("word", ["maybe", "2", "-1", "nein", "falsee"])
def test_any_other_word_is_an_error_that_names_the_variable(name: str, word: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is '{word}': set it to true or false"):
        settings("replay", **{name: word})


def test_a_ready_source_is_not_looked_at() -> None:
    class Ready:
        def fetch(self) -> None: ...

    ready = Ready()
    found = settings([ready, "lean-cli"], **{NATIVE: "0", FALLBACK: "0"})
    assert found.sources == (ready, "lean-cli")
    assert found.origins["sources"] == "argument"
