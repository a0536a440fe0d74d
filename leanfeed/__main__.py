"""``python -m leanfeed`` is the command ``leanfeed``."""

from leanfeed.cli import main

if __name__ == "__main__":
    main()
