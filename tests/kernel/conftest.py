"""Both roads, side by side: with the kernel and without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

from leanfeed import kernel

Result = TypeVar("Result")
#: Calls something on both roads; the kernel's answer comes first.
BothRoads = Callable[[Callable[[], object]], tuple[object, object]]


@pytest.fixture(scope="session")
def both_roads() -> BothRoads:
    if not kernel.is_there():
        pytest.skip("there is no compiled kernel here")

    def call(work: Callable[[], object]) -> tuple[object, object]:
        with pytest.MonkeyPatch.context() as patched:
            patched.delenv("LEANFEED_KERNEL", raising=False)
            with_kernel = outcome(work)
            patched.setenv("LEANFEED_KERNEL", "off")
            return with_kernel, outcome(work)

    return call


def outcome(work: Callable[[], object]) -> object:
    """What it returns, or how it fails."""
    try:
        return work()
    except Exception as error:
        return type(error), str(error)
