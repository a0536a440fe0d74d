"""What a valid answer is: the one definition, at run time and for conformance tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto

import numpy as np
import numpy.typing as npt
from attrs import define, evolve, field

from leanfeed.bars import Bars, QuoteBars
from leanfeed.errors import ContractError
from leanfeed.kernel.bars import are_sound
from leanfeed.lean.contract_names import style_of
from leanfeed.options import ChainBars
from leanfeed.values import Delivery, Gap, Resolution, SecurityType, Series, Session, TickType

__all__ = ["Asked", "Breach", "checked", "problem_with", "problems"]

# LEAN's reader counts the digits of price x 10,000 in 64 bits; a C# decimal has 28 places.
_LARGEST_PRICE, _LARGEST_VOLUME, _SMALLEST = 1e13, 1e17, 1e-10
#: Options on some funds and indices trade so much longer than LEAN's calendar says, in
#: milliseconds; LEAN's own samples have such bars.
_LATE_OPTIONS = 15 * 60_000


class Breach(Enum):
    """How the contract is broken: each way is a rule of the conformance kit."""

    NO_DELIVERY = auto()
    NOT_ASKED = auto()
    TWICE = auto()
    ORDER = auto()
    COLUMNS = auto()
    GRID = auto()
    HOURS = auto()
    NUMBERS = auto()
    RANGE = auto()
    VOLUME = auto()


#: A breach of the contract and the sentence that says so.
Problem = tuple[Breach, str]
#: The same of single bars: what is wrong with one, and for each bar whether it is so.
_Fault = tuple[Breach, str, npt.NDArray[np.bool_]]


def checked(deliveries: Iterable[Delivery], gaps: Sequence[Gap]) -> Iterator[Delivery]:
    """Pass on deliveries that keep the contract of :class:`~leanfeed.interfaces.DataSource`.

    Raises:
        ContractError: at the first one that does not; it is not passed on.
    """
    if not isinstance(deliveries, Iterable):
        raise ContractError(f"fetch() returned {type(deliveries).__name__}, no deliveries.")
    asked = Asked(gaps)
    for delivery in deliveries:
        if problem := asked.problem_with(delivery):
            raise ContractError(problem[1])
        own = _sound_copy(delivery)
        if own is None:
            own = _with_own_bars(delivery)
            if words := problem_with(own):
                raise ContractError(f"{delivery.series} {delivery.session}: {words}.")
        yield own


@define
class Asked:
    """What was asked of a source, and what of it has come."""

    _gaps: Sequence[Gap]
    _open: dict[Series, set[Session]] = field(init=False)
    _newest: dict[Series, Session] = field(factory=dict, init=False)

    @_open.default
    def _all(self) -> dict[Series, set[Session]]:
        return {gap.series: set(gap.sessions) for gap in self._gaps}

    def problem_with(self, delivery: object) -> Problem | None:
        """What is wrong with what came next, but for its bars; None when it is as it has to be."""
        if not isinstance(delivery, Delivery):
            words = f"It yielded {type(delivery).__name__} where a Delivery belongs."
            return Breach.NO_DELIVERY, words
        if not isinstance(delivery.request_id, str) or not delivery.request_id.isprintable():
            return Breach.NO_DELIVERY, "It delivered a request id that is not plain text."
        series, session = delivery.series, delivery.session
        if session not in self._open.get(series, ()):
            is_twice = any(session in gap.sessions for gap in self._gaps if gap.series == series)
            return (
                Breach.TWICE if is_twice else Breach.NOT_ASKED,
                f"It delivered {series} {session}, which was not asked for or came twice.",
            )
        before = self._newest.get(series)
        if before is not None and session.date < before.date:
            return Breach.ORDER, f"It delivered {series} {session} after {before}."
        self._open[series].discard(session)
        self._newest[series] = session
        return None


def _sound_copy(delivery: Delivery) -> Delivery | None:
    """With a copy of its trade bars, certainly without fault; None where a closer look is needed.

    This is the short way for nearly all sessions there are.
    """
    bars = delivery.bars
    if type(bars) is not Bars or delivery.series.tick_type is not TickType.TRADE:
        return None
    rows = bars.time.size
    if not rows or {column.shape for column in bars.columns} != {(rows,)}:
        return None
    block = bars.to_bytes()
    is_sound = not delivery.series.is_chain and are_sound(
        block,
        rows,
        grid=_grid(delivery),
        midnight=delivery.session.day[0],
        smallest=_SMALLEST,
        largest=(_LARGEST_PRICE, _LARGEST_VOLUME),
    )
    if not is_sound:
        return None
    own = Bars.of_bytes(block, rows)
    return Delivery(delivery.series, delivery.session, own, delivery.request_id)


def _with_own_bars(delivery: Delivery) -> Delivery:
    """With a copy of the bars: what is checked is what is written, whatever a source does next."""
    if not isinstance(delivery.bars, Bars | QuoteBars | ChainBars):
        return delivery
    return evolve(delivery, bars=delivery.bars.copied())


def problem_with(delivery: Delivery) -> str:
    """What is wrong with the bars of a delivery, in words; empty when nothing is."""
    return next((words for _, words in problems(delivery)), "")


def problems(delivery: Delivery) -> Iterator[Problem]:
    """Everything that is wrong with the bars of a delivery."""
    expected: type = Bars if delivery.series.tick_type is TickType.TRADE else QuoteBars
    if delivery.series.is_chain:
        expected = ChainBars
    if not isinstance(delivery.bars, expected):
        yield Breach.COLUMNS, f"bars are {type(delivery.bars).__name__}, not {expected.__name__}"
        return
    bars: Bars | QuoteBars
    is_first: npt.NDArray[np.bool_] | None = None
    if isinstance(delivery.bars, ChainBars):
        bars = delivery.bars.bars
        if not isinstance(bars, Bars):
            yield Breach.COLUMNS, f"bars of the chain are {type(bars).__name__}, not Bars"
            return
        if words := delivery.bars.problem_on(delivery.session.date, style_of(delivery.series)):
            yield Breach.COLUMNS, words
            return
        is_first = np.zeros(len(bars), dtype=bool)
        is_first[delivery.bars.edges[:-1]] = True
    else:
        bars = delivery.bars
    if len({column.shape for column in bars.columns}) != 1 or bars.time.ndim != 1:
        yield Breach.COLUMNS, "the columns differ in length"
        return
    if not len(bars):
        return
    start, end, step = grid = _grid(delivery)
    if isinstance(bars, Bars) and _is_sound(
        bars, grid, midnight=delivery.session.day[0], is_first=is_first
    ):
        return
    if delivery.series.resolution is Resolution.DAILY and len(bars) > 1 and is_first is None:
        yield Breach.GRID, f"a daily session has one bar, not {len(bars)}"
    is_late = np.diff(bars.time, prepend=-(2**62)) <= 0
    if is_first is not None:
        is_late &= ~is_first
    is_outside = (bars.time < start) | (bars.time >= end)
    is_off = (bars.time - delivery.session.day[0]) % step != 0
    faults: list[_Fault] = [
        (Breach.GRID, "does not come after the bar before it", is_late),
        (Breach.HOURS, "lies outside the session", is_outside),
        (Breach.GRID, "does not start on the grid", is_off),
    ]
    if isinstance(bars, Bars):
        faults += _price_faults(bars, is_positive=_has_positive_prices(delivery.series))
    for breach, words, wrong in faults:
        if wrong.any():
            at = np.datetime64(int(bars.time[np.argmax(wrong)]), "ms")
            yield breach, f"the bar of {at}Z {words}"


def _is_sound(
    bars: Bars,
    grid: tuple[int, int, int],
    *,
    midnight: int,
    is_first: npt.NDArray[np.bool_] | None = None,
) -> bool:
    """Certainly without fault: the short way for nearly all bars there are.

    `is_first` says where the bars of a contract begin.
    """
    start, end, step = grid
    time, low, high, volume = bars.time, bars.low, bars.high, bars.volume
    follows = time[1:] > time[:-1]
    if is_first is not None:
        follows |= is_first[1:]
    return bool(
        start <= time.min()
        and time.max() < end
        and follows.all()
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
    if delivery.series.is_chain:
        end += _LATE_OPTIONS
    # LEAN stamps an hour bar with its full hour, which may begin before the market opens.
    return midnight + (start - midnight) // step * step, end, step


def _has_positive_prices(series: Series) -> bool:
    return series.symbol.security_type is SecurityType.EQUITY


def _price_faults(bars: Bars, *, is_positive: bool) -> list[_Fault]:
    prices = np.stack((bars.open, bars.high, bars.low, bars.close))
    numbers = np.abs(np.stack((*prices, bars.volume)))
    is_too_fine = ((numbers > 0) & (numbers < _SMALLEST)).any(axis=0)
    is_too_large = ~(np.abs(prices) < _LARGEST_PRICE).all(axis=0)
    is_too_much = (bars.volume >= 0) & ~(bars.volume < _LARGEST_VOLUME)
    return [
        (Breach.NUMBERS, "has a price that LEAN cannot hold", is_too_large),
        (
            Breach.NUMBERS,
            "has a price that is not positive",
            (prices <= 0).any(axis=0) & is_positive,
        ),
        (Breach.RANGE, "has a high below another price", prices.max(axis=0) > bars.high),
        (Breach.RANGE, "has a low above another price", prices.min(axis=0) < bars.low),
        (Breach.VOLUME, "has a volume that is none", ~(bars.volume >= 0)),
        (Breach.VOLUME, "has a volume that LEAN cannot hold", is_too_much),
        (Breach.NUMBERS, "has a number with too many decimals", is_too_fine),
    ]
