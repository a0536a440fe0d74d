"""Whether a request is tried again, and after what wait."""

from __future__ import annotations

from attrs import define, field
from urllib3 import Retry
from urllib3.exceptions import InvalidHeader, MaxRetryError

from leanfeed.errors import SourceError

__all__ = ["Refusals", "spend", "wait_before"]

#: The longest wait a `Retry-After` can bring about, in seconds.
_LONGEST_WAIT = 60


@define
class Refusals:
    """How often the rate of one request was refused, and whether that says something."""

    #: The free plan's pace was learnt from it.
    have_taught: bool = False
    _seen: list[int] = field(factory=list)

    def are_telling(self, welcomed: int) -> bool:
        """Count one; `welcomed` counts the answers whose rate was not refused.

        Telling is the second one if nobody was welcome since the first, and the third in any case.
        """
        self._seen.append(welcomed)
        is_alone = len(self._seen) == 2 and self._seen[0] == welcomed
        return is_alone or len(self._seen) > 2


def spend(retry: Retry, error: SourceError) -> Retry:
    """One try less; raises `error` when none is left."""
    try:
        return retry.increment("GET", error=error)
    except MaxRetryError:
        raise error from None


def wait_before(retry: Retry, retry_after: str) -> float:
    """Seconds until the next try: what the provider asks for, within bounds, or a guess."""
    if retry_after:
        try:
            return min(retry.parse_retry_after(retry_after), _LONGEST_WAIT)
        except (InvalidHeader, ValueError, OverflowError):
            pass  # neither seconds nor a date
    return retry.get_backoff_time()
