"""Whether this machine's clock and the provider's agree, by the `Date` of its answers."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime

__all__ = ["seconds_ahead"]

#: Clocks that are this many seconds apart agree.
_AGREED = 300.0
#: Seconds that no two clocks are apart between which TLS would work: certificates last a year.
_ABSURD = 366 * 86_400.0


def seconds_ahead(date: str, age: str, *, sent: float, came: float) -> float:
    """How far the system's clock is ahead of the provider's; 0 when they agree or nobody knows.

    The provider dated its answer at some moment between `sent` and `came`: how long the request
    was under way is no difference. More than a year, too, is taken for no knowledge.

    Args:
        date: the header `Date`, in whole seconds.
        age: the header `Age`, the seconds for which a cache has kept the answer; usually empty.
        sent: the system's clock when the request was sent, seconds since 1970.
        came: the same when the headers had come.
    """
    try:
        stamp = parsedate_to_datetime(date)
        since = float(age) if age.isdecimal() else 0.0
        # "-0000" instead of a zone gives no zone.
        said = stamp.replace(tzinfo=stamp.tzinfo or dt.UTC).timestamp() + since
    except (TypeError, ValueError, OverflowError):
        return 0.0
    ahead = max(sent - (said + 1), 0.0) or min(came - said, 0.0)
    return ahead if _AGREED < abs(ahead) < _ABSURD else 0.0
