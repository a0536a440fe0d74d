"""What the system refuses is one sentence of what happened and one of what to do."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from leanfeed import WriteError
from tests.storage.build_zips import MINUTE, delivery, files, write

ADVICE = [
    ("ENOSPC", "Free space on that disk"),
    ("EDQUOT", "larger quota"),
    ("EIO", "system's log"),
    ("EMFILE", "ulimit -n"),
    ("EROFS", "Mount it writable"),
    ("EACCES", "permissions"),
    ("ENAMETOOLONG", "shorter path"),
    ("EXDEV", "one file system"),
    ("ESTALE", "Mount the network folder again"),
]


@pytest.mark.parametrize(("name", "advice"), ADVICE)
def test_each_refusal_has_its_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, advice: str
) -> None:
    code = getattr(errno, name)

    def refused(source: Any, target: Any) -> None:
        raise OSError(code, os.strerror(code), str(source), None, str(target))

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(WriteError) as caught:
        write(tmp_path, delivery())
    text = str(caught.value)
    assert f"{tmp_path / MINUTE} cannot be written: {os.strerror(code)}. " in text
    assert advice in text
    assert files(tmp_path) == {}
