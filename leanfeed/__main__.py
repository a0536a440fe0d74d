"""The command ``leanfeed``, also as ``python -m leanfeed``."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Say the version without importing anything else; leave the rest to the command line."""
    if sys.argv[1:] == ["--version"]:
        from leanfeed import __version__

        sys.stdout.write(f"leanfeed {__version__}\n")
    else:
        from leanfeed import cli

        cli.main()


if __name__ == "__main__":
    main()
