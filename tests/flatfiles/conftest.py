"""What tests of flat files share: one S3 server, in which each finds the bucket empty."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.flatfiles.servers import CHOICE, Bucket, moto, swift
from tests.kernel.conftest import both_roads

__all__ = ["both_roads", "bucket", "s3_server"]

_KINDS = {"swift": swift, "moto": moto}


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    """Swift, whose servers check every signature; where it cannot run, moto."""
    chosen = os.environ.get(CHOICE)
    refusals = []
    for kind in [chosen] if chosen else _KINDS:
        with ExitStack() as running:
            try:
                url = running.enter_context(_KINDS[kind](tmp_path_factory.mktemp(kind)))
                bucket = Bucket(url, kind)
                bucket.put("probe", b"")
            except Exception as error:
                refusals.append(str(error))
                continue
            yield bucket
            return
    pytest.skip(f"no S3 server can run here: {'; '.join(refusals)}")


@pytest.fixture
def bucket(s3_server: Bucket) -> Bucket:
    """An empty bucket."""
    s3_server.empty()
    return s3_server
