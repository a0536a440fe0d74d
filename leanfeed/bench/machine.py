"""Where a measurement was made, without the names of hosts, people and folders."""

from __future__ import annotations

import os
import platform
import re
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

__all__ = ["machine", "without_paths"]

_PACKAGES = ("isal", "leanfeed", "msgspec", "numpy", "urllib3")
#: Absolute paths of POSIX and Windows; not what follows the host in a URL.
_PATH = re.compile(r"(?<![\w:/.<>~-])(?:~?/|[A-Za-z]:[\\/]|\\\\)[^\s'\",;:()]*[\w*/\\-]")


def machine() -> dict[str, Any]:
    """Facts of this machine that a duration depends on, as plain JSON values."""
    versions = {}
    for name in _PACKAGES:
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return {
        "cpu_count": os.cpu_count(),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "versions": versions,
    }


def without_paths(text: str) -> str:
    """The text with every absolute path, which may hold the name of a user, replaced."""
    return _PATH.sub("<path>", text)
