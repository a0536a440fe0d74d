"""What the tests of the log share."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.observe.runs import Kept


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """A logger that nobody else listens to and that lets everything through."""
    logger = logging.getLogger("tests.observe")
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    yield logger
    logger.handlers.clear()


@pytest.fixture
def kept(logger: logging.Logger) -> Kept:
    """What that logger is told from the level INFO up."""
    handler = Kept()
    logger.addHandler(handler)
    return handler
