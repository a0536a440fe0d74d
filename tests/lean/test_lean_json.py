from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from leanfeed.errors import ConfigurationError
from leanfeed.lean.lean_json import data_folder, find, read, without_comments

SECRET = "k3y-0f-s0meb0dy"


def read_text(tmp_path: Path, text: str) -> dict[str, object]:
    path = tmp_path / "lean.json"
    path.write_bytes(text.encode())
    return read(path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1} // end', 1),
        ('{\n// "a": 2,\n"a": 1}', 1),
        ('{/* two\n"lines" */ "a": 1}', 1),
        ('{"a": 1,}', 1),
        ('{"a": 1, // last\n /* really */ }', 1),
        ('{"a": [1, 2,],}', [1, 2]),
        ('{"a": [1,/* x */2/* y */]}', [1, 2]),
        ('{"a": [1,/* x */2, // ]\n3]}', [1, 2, 3]),
        ('\ufeff{"a": 1}', 1),
        ('{"a": "https://example.com"}', "https://example.com"),
        ('{"a": "b/*c*/d"}', "b/*c*/d"),
        ('{"a": "b, }"}', "b, }"),
        ('{"a": "b\\", // c"}', 'b", // c'),
        ('{ // it is a "\n"a": 1}', 1),
        ('{"a": "C:\\\\data\\\\"} // "', "C:\\data\\"),
        ('{"a": 1,\r\n// Windows\r\n}\r\n', 1),
        ('{"a": 2, "a": 1}', 1),
    ],
)
def test_comments_and_commas(text: str, value: object, tmp_path: Path) -> None:
    assert read_text(tmp_path, text) == {"a": value}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('ab"\\/*,]}\n é')),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
COMMENTS = st.sampled_from(["", " ", "\n", '// "a", ] }\n', '/* "b" // ,\n] */', "/**/", "// */\n"])


def tokens(value: object) -> list[str]:
    """The JSON text of a value, with nothing between its tokens."""
    if isinstance(value, dict):
        inner = [[json.dumps(key), ":", *tokens(item)] for key, item in value.items()]
        brackets = "{}"
    elif isinstance(value, list):
        inner, brackets = [tokens(item) for item in value], "[]"
    else:
        return [json.dumps(value, ensure_ascii=False)]
    return [brackets[0], *",".join("\0".join(item) for item in inner).split("\0"), brackets[1]]


@given(
    st.dictionaries(st.text(max_size=5), VALUES, max_size=4),
    st.data(),
)
def test_comments_between_tokens_change_nothing(
    value: dict[str, object], data: st.DataObject
) -> None:
    text = "".join(token + data.draw(COMMENTS) for token in tokens(value))
    blanked = without_comments(text)
    assert json.loads(blanked) == value
    assert [len(line) for line in blanked.split("\n")] == [len(line) for line in text.split("\n")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f'{{\n"a": 1,\n"b" "{SECRET}"\n}}', 3),
        (f'{{\n/* one\ntwo */ "a": {SECRET}\n}}', 3),
        (f'{{"key": "{SECRET}",\n"a": "not closed\n}}', 2),
        (f'{{"key": "{SECRET}"', 1),
        (f'{{"key": "{SECRET}"\n/* not closed', 2),
        (f'["{SECRET}"]', 1),
        ("", 1),
        ("[" * 100_000, 1),
        ('{"a": ' + "9" * 5000 + "}", 1),
    ],
)
def test_errors_name_the_line_and_no_value(text: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=rf"lean\.json, line {line}, ") as caught:
        read_text(tmp_path, text)
    assert SECRET not in str(caught.value)


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "lean.json"
    path.write_bytes(b'{\n"a": "\xff"}')
    with pytest.raises(ConfigurationError, match="line 2, is not UTF-8"):
        read(path)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    assert read_text(tmp_path, "{}" + " " * 999_998) == {}
    with pytest.raises(ConfigurationError, match="larger than 1 MB"):
        read_text(tmp_path, "{}" + " " * 999_999)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"lean\.json cannot be read"):
        read(tmp_path / "lean.json")


def test_reading_leaves_the_file_alone(tmp_path: Path) -> None:
    text = '{"a": 1, // kept\n}'
    read_text(tmp_path, text)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("lean.json", text)]


def test_the_nearest_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "a" / "lean.json").mkdir()
    (tmp_path / "lean.json").write_text("{}")
    assert find(inner) == tmp_path / "lean.json"
    (inner / "lean.json").write_text("{}")
    assert find(inner) == inner / "lean.json"
    monkeypatch.chdir(inner)
    assert find(Path()) == inner / "lean.json"


def test_no_file_is_found(tmp_path: Path) -> None:
    assert find(tmp_path) is None


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("data", "/a/b/data"),
        ("../data", "/a/b/../data"),
        ("/srv/data", "/srv/data"),
        ("", None),
    ],
)
def test_the_data_folder_is_relative_to_the_file(setting: str, expected: str | None) -> None:
    found = data_folder(Path("/a/b/lean.json"), {"data-folder": setting})
    assert found == (Path(expected) if expected else None)


def test_a_missing_or_wrong_data_folder() -> None:
    assert data_folder(Path("lean.json"), {}) is None
    with pytest.raises(ConfigurationError, match=r"data-folder in lean\.json"):
        data_folder(Path("lean.json"), {"data-folder": 1})
