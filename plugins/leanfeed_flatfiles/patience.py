"""How often something is tried again, and after what wait."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from attrs import frozen

from leanfeed.errors import SourceError
from leanfeed.events import Waiting, announce
from leanfeed_flatfiles.refusals import TRANSIENT
from leanfeed_flatfiles.settings import NAME

__all__ = ["Patience"]

Result = TypeVar("Result")

#: The longest wait between two tries, in seconds.
_LONGEST_WAIT = 60.0


@frozen
class Patience:
    """What a failure that may pass is met with."""

    #: Tries in a row that may bring nothing, after the first.
    retries: int = 5
    #: Seconds of the shortest wait; it doubles each time.
    pause: float = 1.0

    async def asking(self, ask: Callable[[bool], Awaitable[Result]]) -> Result:
        """What `ask` gives, tried again; it is told whether it is.

        Raises:
            SourceError: what the last try raised.
        """
        failed = 0
        while True:
            try:
                return await ask(failed > 0)
            except TRANSIENT as error:
                failed += 1
                await self.wait(failed, error)

    async def wait(self, failed: int, error: SourceError) -> None:
        """Wait before another try, after so many failed ones.

        Raises:
            SourceError: `error`, where there were enough of them.
        """
        if failed > self.retries:
            raise error
        seconds = min(self.pause * 2 ** (failed - 1), _LONGEST_WAIT) * random.uniform(0.75, 1.25)
        announce(Waiting(NAME, seconds, "another try"))
        await asyncio.sleep(seconds)
