"""What a valid answer is: the one definition, at run time and for conformance tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from leanfeed.errors import ContractError
from leanfeed.values import Delivery, Gap, Resolution, SecurityType, Series, Session, TickType

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from leanfeed.bars import Bars

    #: What is wrong with a bar, and for each bar whether it is so.
    _Fault = tuple[str, npt.NDArray[np.bool_]]

__all__ = ["checked", "problem_with"]

# LEAN's reader counts the digits of price x 10,000 in 64 bits; a C# decimal has 28 places.
_LARGEST_PRICE, _LARGEST_VOLUME, _SMALLEST = 1e13, 1e17, 1e-10


def checked(deliveries: Iterable[Delivery], gaps: Sequence[Gap]) -> Iterator[Delivery]:
    """Pass on deliveries that keep the contract of :class:`~leanfeed.interfaces.DataSource`.

    Raises:
        ContractError: at the first one that does not; it is not passed on.
    """
    if not isinstance(deliveries, Iterable):
        raise ContractError(f"fetch() returned {type(deliveries).__name__}, no deliveries.")
    asked = {gap.series: set(gap.sessions) for gap in gaps}
    newest: dict[Series, Session] = {}
    for delivery in deliveries:
        if not isinstance(delivery, Delivery):
            raise ContractError(f"It yielded {type(delivery).__name__} where a Delivery belongs.")
        if not isinstance(delivery.request_id, str) or not delivery.request_id.isprintable():
            raise ContractError("It delivered a request id that is not plain text.")
        series, session = delivery.series, delivery.session
        if session not in asked.get(series, ()):
            raise ContractError(
                f"It delivered {series} {session}, which was not asked for or came twice."
            )
        before = newest.get(series)
        if before is not None and session.date < before.date:
            raise ContractError(f"It delivered {series} {session} after {before}.")
        delivery = _with_own_bars(delivery)
        if problem := problem_with(delivery):
            raise ContractError(f"{series} {session}: {problem}.")
        asked[series].discard(session)
        newest[series] = session
        yield delivery


def _with_own_bars(delivery: Delivery) -> Delivery:
    """With a copy of the bars: what is checked is what is written, whatever a source does next."""
    from leanfeed.bars import Bars, QuoteBars

    if not isinstance(delivery.bars, Bars | QuoteBars):
        return delivery
    return evolve(delivery, bars=delivery.bars.copied())


def problem_with(delivery: Delivery) -> str:
    """What is wrong with the bars of a delivery, in words; empty when nothing is."""
    import numpy as np

    from leanfeed.bars import Bars, QuoteBars

    bars = delivery.bars
    expected = Bars if delivery.series.tick_type is TickType.TRADE else QuoteBars
    if not isinstance(bars, expected):
        return f"bars are {type(bars).__name__}, not {expected.__name__}"
    if len({column.shape for column in bars.columns}) != 1 or bars.time.ndim != 1:
        return "the columns differ in length"
    if not len(bars):
        return ""
    start, end, step = grid = _grid(delivery)
    if isinstance(bars, Bars) and _is_sound(bars, grid, midnight=delivery.session.day[0]):
        return ""
    if delivery.series.resolution is Resolution.DAILY and len(bars) > 1:
        return f"a daily session has one bar, not {len(bars)}"
    faults: list[_Fault] = [
        ("does not come after the bar before it", np.diff(bars.time, prepend=-(2**62)) <= 0),
        ("lies outside the session", (bars.time < start) | (bars.time >= end)),
        ("does not start on the grid", (bars.time - delivery.session.day[0]) % step != 0),
    ]
    if isinstance(bars, Bars):
        faults += _price_faults(bars, is_positive=_has_positive_prices(delivery.series))
    for words, wrong in faults:
        if wrong.any():
            at = np.datetime64(int(bars.time[np.argmax(wrong)]), "ms")
            return f"the bar of {at}Z {words}"
    return ""


def _is_sound(bars: Bars, grid: tuple[int, int, int], *, midnight: int) -> bool:
    """Certainly without fault: the short way for nearly all bars there are."""
    import numpy as np

    start, end, step = grid
    time, low, high, volume = bars.time, bars.low, bars.high, bars.volume
    return bool(
        start <= time[0]
        and time[-1] < end
        and (len(time) == 1 or (time[1:] > time[:-1]).all())
        and not ((time - midnight) % step).any()
        and (low <= np.minimum(bars.open, bars.close)).all()
        and (high >= np.maximum(bars.open, bars.close)).all()
        and low.min() >= _SMALLEST
        and high.max() < _LARGEST_PRICE
        and volume.min() >= _SMALLEST
        and volume.max() < _LARGEST_VOLUME
    )


def _grid(delivery: Delivery) -> tuple[int, int, int]:
    """Where a bar may start at the earliest, where no longer, and at which steps."""
    session, resolution = delivery.session, delivery.series.resolution
    midnight, step = session.day[0], resolution.milliseconds
    if resolution is Resolution.DAILY:
        return midnight, midnight + 1, 1
    start, end = session.extended
    if delivery.series.tick_type is TickType.QUOTE:
        end += step  # LEAN's own samples have a last row at the very end
    # LEAN stamps an hour bar with its full hour, which may begin before the market opens.
    return midnight + (start - midnight) // step * step, end, step


def _has_positive_prices(series: Series) -> bool:
    return series.symbol.security_type is SecurityType.EQUITY


def _price_faults(bars: Bars, *, is_positive: bool) -> list[_Fault]:
    import numpy as np

    prices = np.stack((bars.open, bars.high, bars.low, bars.close))
    numbers = np.abs(np.stack((*prices, bars.volume)))
    return [
        ("has a price that LEAN cannot hold", ~(np.abs(prices) < _LARGEST_PRICE).all(axis=0)),
        ("has a price that is not positive", (prices <= 0).any(axis=0) & is_positive),
        ("has a high below another price", prices.max(axis=0) > bars.high),
        ("has a low above another price", prices.min(axis=0) < bars.low),
        ("has a volume that is none", ~(bars.volume >= 0)),
        ("has a volume that LEAN cannot hold", ~(bars.volume < _LARGEST_VOLUME)),
        (
            "has a number with too many decimals",
            ((numbers > 0) & (numbers < _SMALLEST)).any(axis=0),
        ),
    ]
