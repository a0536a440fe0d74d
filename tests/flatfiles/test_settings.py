"""What may be set for flat files, and what is said where something is missing."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

import leanfeed
import leanfeed_flatfiles
from leanfeed import ConfigurationError, UnavailableError
from leanfeed.interfaces import Examining, Republishing
from leanfeed_flatfiles import FlatFileCatalog, FlatFilesSource
from leanfeed_flatfiles.configured import flat_files
from tests.flatfiles.servers import Bucket
from tests.flatfiles.wire import Fault, Wire

KEYS = {"access_key_id": "an-id-nobody-has", "secret_access_key": "a-secret-nobody-has"}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("endpoint", "http://files.massive.com"),
        ("endpoint", "https://files.massive.com/flatfiles"),
        ("endpoint", "https://me:you@files.massive.com"),
        ("endpoint", "files.massive.com"),
        ("endpoint", "https://files.massive.com\n"  "x"),
        ("bucket", "../flatfiles"),
        ("bucket", ""),
        ("concurrency", 0),
        ("concurrency", 33),
        ("concurrency", "many"),
        ("access_key_id", "two words"),
        ("secret_access_key", "a\nb"),
        ("stall", 0),
        ("retries", -1),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(setting: str, value: Any) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        FlatFilesSource(**{**KEYS, setting: value})
    assert "\n" not in str(refusal.value)
    if "key" in setting:
        assert value not in str(refusal.value)


def test_what_is_given_is_tidied() -> None:
    source = FlatFilesSource(
        access_key_id=" id\n", secret_access_key="x", endpoint="https://files.polygon.io/ "
    )
    assert source.access_key_id.reveal() == "id"
    assert source.endpoint == "https://files.polygon.io"
    assert FlatFilesSource(endpoint="http://[::1]:9000").endpoint == "http://[::1]:9000"


def test_no_text_shows_a_key() -> None:
    source = FlatFilesSource(**KEYS)
    shown = f"{source!r}{source}{source.store!r}{source.downloads!r}{source.patience!r}"
    assert not [key for key in KEYS.values() if key in shown]


@pytest.mark.parametrize("prefix", ["POLYGON", "MASSIVE"])
def test_keys_come_from_the_environment(
    prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(f"{prefix}_S3_{name.upper()}", value)
    source = flat_files(data_folder=tmp_path)
    assert (source.access_key_id.reveal(), source.secret_access_key.reveal()) == (*KEYS.values(),)
    assert source.diagnose() is None
    assert source.scratch_folder == tmp_path / ".leanfeed/flatfiles"


def test_without_the_library_one_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "leanfeed_flatfiles.source.find_spec",
        lambda name: None if name == "obstore" else found(name),
    )
    monkeypatch.setitem(sys.modules, "obstore", None)
    source = FlatFilesSource(**KEYS)
    advice = 'pip install "leanfeed[flatfiles]"'
    assert advice in str(source.diagnose())
    report = leanfeed.ensure(
        "SPY", resolution="daily", start="2024-06-03", end="2024-06-03", sources=[source]
    )
    assert advice in report.failures[0].message
    with pytest.raises(UnavailableError, match="flatfiles"):
        FlatFileCatalog(source, data_folder=tmp_path).missing("stocks_daily", "2024-06-03")


def test_without_keys_the_doctor_says_which(tmp_path: Path) -> None:
    source = FlatFilesSource()
    assert isinstance(source, Examining)
    assert isinstance(source, Republishing)
    (keys,) = source.examine()
    assert not keys.is_well
    assert "POLYGON_S3_SECRET_ACCESS_KEY" in keys.text


def test_the_doctor_asks_the_server(bucket: Bucket) -> None:
    keys, server = FlatFilesSource(**bucket.settings()).examine()
    assert keys.is_well
    assert server.is_well
    assert "lists 0 files" in server.text
    with Wire(bucket.url, lambda asked: Fault(status=403, code="InvalidAccessKeyId")) as wire:
        _, server = FlatFilesSource(**bucket.settings(endpoint=wire.url)).examine()
    assert not server.is_well
    assert "access key id is unknown" in server.text


def test_every_public_name_shows_and_loads() -> None:
    for name in dir(leanfeed_flatfiles):
        assert getattr(leanfeed_flatfiles, name) is not None
    assert {"ingest_date", "FlatFileCatalog", "aio"} <= set(dir(leanfeed_flatfiles))
