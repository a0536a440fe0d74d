"""What leanfeed logs as lines on standard error, for ``--verbose`` and ``--log-format``."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from leanfeed.observe.json_lines import JsonFormatter

__all__ = ["logging_to_stderr"]

_logger = logging.getLogger("leanfeed")


@contextmanager
def logging_to_stderr(
    *, level: int = logging.INFO, log_format: Literal["text", "json"] = "text"
) -> Iterator[None]:
    """Show what leanfeed logs, from `level` up, inside the ``with`` block; as JSON one a line."""
    text = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if log_format == "json" else text)
    before = _logger.level
    _logger.addHandler(handler)
    _logger.setLevel(level)
    try:
        yield
    finally:
        _logger.setLevel(before)
        _logger.removeHandler(handler)
