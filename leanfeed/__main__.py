"""The command ``leanfeed``, also as ``python -m leanfeed``."""

from __future__ import annotations

import sys

__all__ = ["main"]

#: Objects between two looks for garbage. A start makes tens of thousands, and all of them stay.
_BETWEEN_LOOKS = 50_000


def main() -> None:
    """Say the version without importing anything else; leave the rest to the command line."""
    if sys.argv[1:] == ["--version"]:
        from leanfeed import __version__

        sys.stdout.write(f"leanfeed {__version__}\n")
    else:
        _run()


def _run() -> None:
    import gc

    gc.set_threshold(_BETWEEN_LOOKS)
    from leanfeed import cli

    try:
        cli.main()
    finally:
        gc.freeze()  # the process ends: one more look at everything would find nothing of use


if __name__ == "__main__":
    main()
