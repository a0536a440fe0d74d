"""Compiles the kernel where there is a C compiler; elsewhere leanfeed is built without it."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: Nothing that changes a result: no -ffast-math, no fused operations, no special processor.
OPTIONS = ["-std=c11", "-O3", "-ffp-contract=off", "-fvisibility=hidden", "-shared"]
KERNEL = Path("leanfeed", "kernel")
SOURCES = ["kernel.c", "bars.c", "files.c", "new_files.c"]
LIBRARY = "kernel.dll" if sys.platform == "win32" else "kernel.so"


class KernelHook(BuildHookInterface):  # type: ignore[type-arg]
    """Makes a wheel of this platform, for any Python; without a compiler a wheel for everywhere."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Put the compiled kernel into the wheel, or, of an editable one, beside its source."""
        target = Path(self.root, KERNEL, LIBRARY)
        if not compiled(target):
            target.unlink(missing_ok=True)
            return
        build_data["tag"] = f"py3-none-{platform_tag()}"
        build_data["pure_python"] = False
        build_data["artifacts"].append(f"/{(KERNEL / LIBRARY).as_posix()}")


def compiled(target: Path) -> bool:
    """Whether the kernel could be compiled; ``LEANFEED_KERNEL=off`` says that it shall not be."""
    if os.environ.get("LEANFEED_KERNEL", "").lower() == "off":
        return False
    usual = next(filter(shutil.which, ("cc", "gcc", "clang")), "")
    compiler = shlex.split(os.environ.get("CC", usual))
    if not compiler:
        return False
    position = [] if sys.platform == "win32" else ["-fPIC"]
    sources = [str(target.with_name(name)) for name in SOURCES]
    new = target.with_name(f"{LIBRARY}.new")
    command = [*compiler, *OPTIONS, *position, *sources, "-o", str(new)]
    try:
        if subprocess.run(command, capture_output=True).returncode != 0:
            return False
        new.replace(target)
    except OSError:
        return False
    return True


def platform_tag() -> str:
    """This platform, as the names of wheels spell it."""
    tag = sysconfig.get_platform().replace("universal2", platform.machine())
    return tag.replace("-", "_").replace(".", "_")
