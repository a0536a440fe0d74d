"""Settings come in layers, and every mistake is named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from leanfeed import ConfigurationError, Secret
from leanfeed.config import load
from leanfeed.interfaces import setting


@frozen
class Provider:
    api_key: Secret = setting(
        default="",
        help="The key.",
        env=("PROVIDER_KEY", "OLD_KEY"),
        lean_json="provider-key",
        secret=True,
    )
    pages: int = setting(default=5, converter=int, help="Pages at once.")


def build(tmp_path: Path, environment: Mapping[str, str] | None = None) -> Provider:
    return load(folder=tmp_path, environment=environment or {}).build("source", "mine", Provider)


def test_defaults(tmp_path: Path) -> None:
    settings = load(folder=tmp_path, environment={})
    assert settings.data_folder == Path("data")
    assert settings.sources == ("polygon", "lean-cli")
    assert settings.is_default_chain
    assert set(settings.origins.values()) == {"default"}
    assert (settings.toml_path, settings.lean_json_path) == (None, None)


def test_each_layer_beats_the_next(tmp_path: Path) -> None:
    (tmp_path / "lean.json").write_text('{"data-folder": "from-lean"} // mine')
    assert load(folder=tmp_path, environment={}).data_folder == tmp_path / "from-lean"
    (tmp_path / "leanfeed.toml").write_text('data_folder = "from-toml"')
    assert load(folder=tmp_path, environment={}).data_folder == tmp_path / "from-toml"
    environment = {"LEANFEED_DATA_FOLDER": "from-environment"}
    assert load(folder=tmp_path, environment=environment).data_folder == Path("from-environment")
    arguments = {"data_folder": "from-argument", "sources": None}
    settings = load(folder=tmp_path, environment=environment, arguments=arguments)
    assert settings.data_folder == Path("from-argument")
    assert settings.origins["data_folder"] == "argument"
    assert settings.toml_path == tmp_path / "leanfeed.toml"
    assert settings.lean_json_path == tmp_path / "lean.json"
    assert settings.origins["sources"] == "default"


@pytest.mark.parametrize("given", ["/", "//", Path("/")])
def test_root_of_the_system_is_no_data_folder(tmp_path: Path, given: object) -> None:
    with pytest.raises(ConfigurationError, match=r"`data_folder` \(argument\) is /.*root"):
        load(folder=tmp_path, environment={}, arguments={"data_folder": given})
    (tmp_path / "lean.json").write_text('{"data-folder": "/"}')
    with pytest.raises(ConfigurationError, match=r"`data_folder` \(lean.json\) is /.*root"):
        load(folder=tmp_path, environment={})


def test_toml_is_found_upward_and_in_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.leanfeed]\nsources = ["a", "b"]')
    below = tmp_path / "x" / "y"
    below.mkdir(parents=True)
    (below / "pyproject.toml").write_text('[project]\nname = "other"')
    assert load(folder=below, environment={}).sources == ("a", "b")


def test_named_file_beats_the_search(tmp_path: Path) -> None:
    (tmp_path / "leanfeed.toml").write_text('sources = ["found"]')
    (tmp_path / "other.toml").write_text('sources = ["named"]')
    for arguments in (
        {"config": tmp_path / "other.toml", "environment": {}},
        {"environment": {"LEANFEED_CONFIG": str(tmp_path / "other.toml")}},
    ):
        assert load(folder=tmp_path, **arguments).sources == ("named",)  # type: ignore[arg-type]


def test_settings_of_a_source_come_in_the_same_layers(tmp_path: Path) -> None:
    assert build(tmp_path) == Provider()
    (tmp_path / "lean.json").write_text('{"provider-key": "from lean"}')
    assert build(tmp_path).api_key == Secret("from lean")
    (tmp_path / "leanfeed.toml").write_text('[source.mine]\napi_key = "from toml"\npages = 3')
    assert build(tmp_path) == Provider(api_key=Secret("from toml"), pages=3)
    assert build(tmp_path, {"OLD_KEY": "old"}).api_key == Secret("old")
    assert build(tmp_path, {"OLD_KEY": "old", "PROVIDER_KEY": "new"}).api_key == Secret("new")
    assert build(tmp_path, {"OLD_KEY": "old", "PROVIDER_KEY": " \n"}).api_key == Secret("old")
    own = {"PROVIDER_KEY": "new", "LEANFEED_MINE_API_KEY": "own", "LEANFEED_MINE_PAGES": "2"}
    assert build(tmp_path, own) == Provider(api_key=Secret("own"), pages=2)


def test_each_core_setting_comes_from_its_variable(tmp_path: Path) -> None:
    (tmp_path / "leanfeed.toml").write_text('lock_limit = 3\nsession = "regular"')
    environment = {
        "LEANFEED_SOURCES": "a, b,a",
        "LEANFEED_LOCK_LIMIT": "1.5",
        "LEANFEED_SILENCE_LIMIT": " ",
    }
    settings = load(folder=tmp_path, environment=environment)
    assert settings.sources == ("a", "b")
    assert (settings.lock_limit, settings.silence_limit) == (1.5, 600)
    assert {k: settings.origins[k] for k in ("sources", "lock_limit", "session", "writer")} == {
        "sources": "environment LEANFEED_SOURCES",
        "lock_limit": "environment LEANFEED_LOCK_LIMIT",
        "session": "leanfeed.toml",
        "writer": "default",
    }


def test_values_name_their_origin_and_mask_secrets(tmp_path: Path) -> None:
    environment = {"PROVIDER_KEY": "hush", "LEANFEED_MINE_PAGES": "2"}
    values = load(folder=tmp_path, environment=environment).values("source", "mine", Provider)
    assert {name: (str(v), v.origin) for name, v in values.items()} == {
        "api_key": ("***", "environment PROVIDER_KEY"),
        "pages": ("2", "environment LEANFEED_MINE_PAGES"),
    }


def test_defaults_are_among_all_values(tmp_path: Path) -> None:
    (tmp_path / "leanfeed.toml").write_text("[source.mine]\npages = 3")
    values = load(folder=tmp_path, environment={}).all_values("source", "mine", Provider)
    assert {name: (str(v), v.origin) for name, v in values.items()} == {
        "api_key": ("", "default"),
        "pages": ("3", "leanfeed.toml"),
    }


def test_factory_that_is_no_attrs_class_gets_its_table(tmp_path: Path) -> None:
    (tmp_path / "leanfeed.toml").write_text("[source.mine]\nanything = 1")

    def factory(**values: Any) -> dict[str, Any]:
        return values

    assert load(folder=tmp_path, environment={}).build("source", "mine", factory) == {"anything": 1}


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("sources = [", "not TOML"),
        ("data-folder = 'x'", "did you mean 'data_folder'"),
        ("[sorce.mine]", "did you mean 'source'"),
        ("source = 'polygon'", r"\[source\] needs a table"),
        ("[source]\npolygon = 1", r"\[source\] needs a table"),
        ("sources = 5", "list of names"),
        ("sources = []", "empty"),
        ("sources = [5]", "name of a source"),
        ("session = 'night'", "'extended' or 'regular'"),
        ("[source.mine]\npage = 1", "did you mean 'pages'"),
        ("[source.mine]\npages = 'many'", "does not accept"),
        ("[source.mine]\napi_key = 12", r"api_key \(leanfeed.toml\) is not text"),
        ("[source.mine]\napi_key = ['a']", "is not text"),
        ("[source.mine]\napi_key = 'YOUR_API_KEY'", "is a placeholder"),
        ("[source.mine]\napi_key = '<your Polygon key>'", "is a placeholder"),
        ('[source.mine]\napi_key = "a\\nb"', "line breaks"),
        (f"[source.mine]\napi_key = '{'k' * 20_000}'", "too long"),
        ("data_folder = 5", "use a path"),
        ('data_folder = "a\\u0000b"', "use a path"),
        ("planner = 5", "use a name"),
        ("[planner]\nname = ['a']", "use a name"),
        ("session = ['regular']", "'extended' or 'regular'"),
        ("lock_limit = true", "number of seconds"),
        ("lock_limit = nan", "number of seconds"),
        ("silence_limit = -1", r"`silence_limit` \(leanfeed.toml\) is -1: use a number"),
        (f"a = {'[' * 5000}{']' * 5000}", "nested too deep"),
        (f"a = '{'a' * 1_000_000}'", "larger than 1 MB"),
    ],
)
def test_mistakes_in_the_toml_are_named(tmp_path: Path, toml: str, words: str) -> None:
    (tmp_path / "leanfeed.toml").write_text(toml)
    with pytest.raises(ConfigurationError, match=words):
        build(tmp_path)


def test_planner_and_writer_have_a_table_with_their_name_in_it(tmp_path: Path) -> None:
    (tmp_path / "leanfeed.toml").write_text('[planner]\nname = "mine"\npages = 7\n[writer]')
    settings = load(folder=tmp_path, environment={})
    assert (settings.planner, settings.writer) == ("mine", "lean")
    assert settings.build("planner", "mine", Provider).pages == 7
    assert settings.build("writer", "lean", Provider).pages == 5
    (tmp_path / "leanfeed.toml").write_text('planner = "mine"')
    assert load(folder=tmp_path, environment={}).planner == "mine"


def test_home_is_expanded_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "leanfeed.toml").write_text('data_folder = "~/bars"')
    assert load(folder=tmp_path, environment={}).data_folder == tmp_path / "bars"
    arguments = {"data_folder": "~/bars"}
    assert load(arguments=arguments, environment={}).data_folder == tmp_path / "bars"


def test_without_a_home_a_path_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(_path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", nobody)
    arguments = {"data_folder": "~/bars"}
    settings = load(folder=tmp_path, arguments=arguments, environment={})
    assert settings.data_folder == Path("~/bars")


@pytest.mark.parametrize("name", ["gone.toml", ".", "a\0b"])
def test_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot be read|use a path"):
        load(config=tmp_path / name, environment={})


def test_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "leanfeed.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load(folder=tmp_path, environment={})


def test_folder_that_may_not_be_searched_has_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", forbidden)
    with pytest.raises(ConfigurationError, match=r"lean\.json cannot be looked for"):
        load(folder=tmp_path, environment={})
