"""The kernel under sanitizers: no byte outside of what it is given, and nothing undefined."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from leanfeed import kernel

ROW = '{"v":1.263356e+06,"vw":100.0831,"o":100.09,"c":100,"h":101.5,"l":99.5,"t":170418612,"n":3}'
#: Sources that hostile.c does not take in.
ALONE = ("bars.c", "new_files.c")
SOURCES = (Path(__file__).parent, Path(kernel.__file__).parent)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("gcc"), reason="needs gcc and its sanitizers")
def test_tampered_pages_and_anything_else(tmp_path: Path) -> None:
    program, page, folder = tmp_path / "hostile", tmp_path / "page", tmp_path / "folder"
    folder.mkdir()
    page.write_text(f"[{','.join([ROW] * 4)}]")
    options = ["-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off"]
    options += ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", f"-I{SOURCES[1]}"]
    sources = [str(SOURCES[0] / "hostile.c"), *(str(SOURCES[1] / name) for name in ALONE)]
    built = subprocess.run(
        ["gcc", *options, *sources, "-o", str(program)],
        capture_output=True,
        text=True,
    )
    if "cannot find" in built.stderr:
        pytest.skip("the sanitizers are not installed")
    assert built.returncode == 0, built.stderr
    done = subprocess.run([program, page, "300000", folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
