"""Ends a program and removes the key when leanfeed itself is killed and cannot do so any more."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from leanfeed_lean_cli.box import Box

__all__ = ["guarded"]

#: Waits for a word. When there is none, because leanfeed is gone, it does as leanfeed would: two
#: interrupts, for which a Lean CLI removes its container, and a kill after five seconds. Then
#: the folder stays, without the key: by that the next run finds the container.
_GUARD = """\
trap '' INT TERM HUP
group=$1 folder=$2 key=$3 temporary=$4
read -r word && exit
tenths=0
while kill -s 0 -- "-$group" && [ $tenths -lt 50 ]; do
    case $tenths in 0 | 12) kill -s INT -- "-$group" ;; esac
    tenths=$((tenths + 1))
    sleep 0.1
done
rm -rf -- "$key" "$temporary"
kill -s KILL -- "-$group" || rm -rf -- "$folder"
"""
_SHELL = "/bin/sh"


@contextlib.contextmanager
def guarded(process: subprocess.Popen[bytes], folder: Path) -> Iterator[None]:
    """Watch over a program that leads a process group and works in the folder of a box.

    Inside the ``with`` block a process of its own waits for the end of this one, however it ends.
    Where the system has no shell there is none, and the next run sweeps up.
    """
    box = Box(folder)
    words = (str(process.pid), *map(str, (folder, box.lean_json, box.temporary)))
    try:
        if sys.platform == "win32":
            raise FileNotFoundError
        guard = subprocess.Popen(
            [_SHELL, "-c", _GUARD, "leanfeed-guard", *words],
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath)},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # somebody has ended it
            guard.communicate(b"ended\n")
