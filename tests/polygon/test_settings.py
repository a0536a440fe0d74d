from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from attrs import fields

from leanfeed.errors import ConfigurationError
from leanfeed_polygon.source import PolygonSource


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://api.massive.com/", "https://api.massive.com"),
        (" https://api.massive.com:8443 ", "https://api.massive.com:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.9", "http://127.0.0.9"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_an_address_is_kept_as_scheme_host_and_port(given: str, kept: str) -> None:
    assert PolygonSource(base_url=given).base_url == kept


@pytest.mark.parametrize(
    "address",
    ["http://api.polygon.io", "http://10.0.0.1", "http://localhost.evil.example", "ftp://localhost",
     "api.polygon.io", "", "https://", "https://a:b", "https://k@api.polygon.io", "https://[",
     "https://api.polygon.io/v2", "https://api.polygon.io?apiKey=k", "https://a\nb"],
)  # fmt: skip
def test_an_address_that_could_leak_the_key_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        PolygonSource(base_url=address)


@pytest.mark.parametrize(
    "setting",
    [{"in_flight": 0}, {"in_flight": 6}, {"in_flight": "many"}, {"in_flight": 2.5},
     {"daily": "hours"}, {"deadline": 0}, {"deadline": "nan"}, {"retry_pause": -1},
     {"api_key": "a b"}, {"api_key": "a\nb"}, {"api_key": "k" * 201}],
)  # fmt: skip
def test_a_setting_that_cannot_work_is_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        PolygonSource(**setting)
    assert "kkk" not in str(caught.value)


def test_settings_may_come_as_text() -> None:
    texts: dict[str, Any] = {"api_key": " key\n", "in_flight": "3", "deadline": "2.5"}
    source = PolygonSource(**texts)
    assert (source.api_key.reveal(), source.in_flight, source.deadline) == ("key", 3, 2.5)


def test_the_key_is_declared_secret_and_known_by_the_names_users_know() -> None:
    key = fields(PolygonSource).api_key
    assert key.metadata["secret"]
    assert key.metadata["env"] == ("POLYGON_API_KEY", "MASSIVE_API_KEY")
    assert key.metadata["lean_json"] == ("polygon-api-key",)
    assert all(setting.metadata["help"] for setting in fields(PolygonSource))


def test_making_a_source_imports_nothing_heavy() -> None:
    code = (
        "import sys; from leanfeed_polygon.source import PolygonSource; PolygonSource().diagnose();"
        "print({'urllib3', 'msgspec', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": ":".join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "set()"
