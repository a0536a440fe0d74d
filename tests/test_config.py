"""Settings come in layers, and every mistake is named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from leanfeed import ConfigurationError, setting
from leanfeed.config import load


@frozen
class Provider:
    api_key: str = setting(
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
    assert settings.sources == ("polygon",)
    assert set(settings.origins.values()) == {"default"}


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
    assert settings.origins["sources"] == "default"


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
    assert build(tmp_path).api_key == "from lean"
    (tmp_path / "leanfeed.toml").write_text('[source.mine]\napi_key = "from toml"\npages = 3')
    assert build(tmp_path) == Provider(api_key="from toml", pages=3)
    assert build(tmp_path, {"OLD_KEY": "old"}).api_key == "old"
    assert build(tmp_path, {"OLD_KEY": "old", "PROVIDER_KEY": "new"}).api_key == "new"
    own = {"PROVIDER_KEY": "new", "LEANFEED_MINE_API_KEY": "own", "LEANFEED_MINE_PAGES": "2"}
    assert build(tmp_path, own) == Provider(api_key="own", pages=2)


def test_values_name_their_origin_and_mask_secrets(tmp_path: Path) -> None:
    environment = {"PROVIDER_KEY": "hush", "LEANFEED_MINE_PAGES": "2"}
    values = load(folder=tmp_path, environment=environment).values("source", "mine", Provider)
    assert {name: (str(v), v.origin) for name, v in values.items()} == {
        "api_key": ("***", "environment PROVIDER_KEY"),
        "pages": ("2", "environment LEANFEED_MINE_PAGES"),
    }


def test_secret_is_in_no_repr_and_no_error(tmp_path: Path) -> None:
    environment = {"PROVIDER_KEY": "hush", "LEANFEED_MINE_PAGES": "hush too"}
    settings = load(folder=tmp_path, environment=environment)
    with pytest.raises(ConfigurationError, match="pages from environment LEANFEED_MINE") as caught:
        settings.build("source", "mine", Provider)
    assert "hush" not in str(caught.value) + repr(settings) + repr(Provider(api_key="hush"))


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


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"gone\.toml cannot be read"):
        load(config=tmp_path / "gone.toml", environment={})
