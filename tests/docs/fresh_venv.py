"""A virtual environment for the pages in which a plugin is installed, so that no other has it.

It sees what is installed where the tests run, leanfeed included, and needs no network: ``pip``
builds with the hatchling that is there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

__all__ = ["activate"]

_LEANFEED = "from leanfeed.__main__ import main\n\nmain()\n"
_PIP = "import sys\n\nfrom pip._internal.cli.main import main\n\nsys.exit(main())\n"


def activate(folder: Path) -> None:
    """Make it, and put its programs first on the path of this process."""
    command = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    (site_packages,) = folder.glob("[Ll]ib/**/site-packages")
    parent = sysconfig.get_path("purelib")
    (site_packages / "parent.pth").write_text(
        f"import site; site.addsitedir({parent!r})\n", encoding="utf-8"
    )
    for name, code in (("leanfeed", _LEANFEED), ("pip", _PIP)):
        script = scripts / name
        script.write_text(f"#!{scripts / 'python'}\n{code}", encoding="utf-8")
        script.chmod(0o755)
    os.environ["PATH"] = os.pathsep.join((str(scripts), os.environ["PATH"]))
    os.environ.update(
        PIP_NO_BUILD_ISOLATION="false",
        PIP_NO_DEPS="true",
        PIP_NO_INDEX="true",
        PIP_DISABLE_PIP_VERSION_CHECK="true",
        PYTHONDONTWRITEBYTECODE="1",
    )
