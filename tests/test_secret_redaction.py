"""Texts that others wrote are masked, and nothing else in them is changed."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given, strategies as st

from leanfeed import Secret
from leanfeed.redaction import Redactor


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://h/v2?apiKey=abc&limit=5", "https://h/v2?apiKey=***&limit=5"),
        ("https://h/v2?limit=5&apikey=abc.", "https://h/v2?limit=5&apikey=***"),
        ("next_url%3FapiKey%3Dabc", "next_url%3FapiKey%3D***"),
        ("POLYGON_API_KEY=abc lean", "POLYGON_API_KEY=*** lean"),
        ('{"polygon-api-key": "abc", "a": 1}', '{"polygon-api-key": "***", "a": 1}'),
        (r'"{\"polygon-api-key\": \"abc\"}"', r'"{\"polygon-api-key\": \"***\"}"'),
        ("Authorization: Bearer abc", "Authorization: Bearer ***"),
        ("{'Authorization': 'Bearer abc'}", "{'Authorization': 'Bearer ***'}"),
        ("{'Authorization': b'Bearer abc'}", "{'Authorization': b'Bearer ***'}"),
        ("authorization: Basic abc==", "authorization: Basic ***"),
        ("a bearer abcdefgh12 came", "a bearer *** came"),
        ("Source(api_key='abc')", "Source(api_key='***')"),
    ],
)
def test_credentials_are_masked_whoever_they_belong_to(text: str, shown: str) -> None:
    assert Redactor()(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Polygon wants an API key: set POLYGON_API_KEY, or polygon-api-key in lean.json.",
        "The setting api_key (environment PROVIDER_KEY) is not text: put it in quotes.",
        "the bearer of bad news, and its authorization",
        "",
    ],
)
def test_what_is_no_credential_stays(text: str) -> None:
    assert Redactor([Secret(), Secret("zzzz")])(text) == text


def test_a_short_secret_is_masked_only_where_it_stands_alone() -> None:
    redacted = Redactor([Secret("key")])
    assert redacted("key: my key, 'key', keyboard") == "***: my ***, '***', keyboard"


def test_a_secret_inside_another_is_no_help() -> None:
    redacted = Redactor([Secret("abcd"), Secret("abcdefgh")])
    assert redacted("abcdefgh abcd") == "*** ***"


@given(st.text(min_size=4).filter(lambda text: "*" not in text), st.text(), st.text())
def test_no_spelling_of_a_secret_is_left(key: str, before: str, after: str) -> None:
    redacted = Redactor([Secret(key)])
    for spelt in (key, quote(key, safe=""), json.dumps(key)[1:-1], ascii(key)[1:-1]):
        assert spelt not in redacted(f"{before}{spelt}{after}")
