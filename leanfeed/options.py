"""Options: a contract, and the bars of all contracts on one underlying.

The symbol of a chain is its underlying, such as ``Symbol("AAPL", SecurityType.OPTION)``: LEAN keeps
all contracts of a session in one zip, so that the chain is what can be there or missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, DecimalException
from enum import StrEnum
from itertools import accumulate, pairwise
from operator import index
from typing import TYPE_CHECKING, Any, Self

from attrs import field, frozen

from leanfeed.errors import InvalidRequestError

if TYPE_CHECKING:
    import numpy.typing as npt

    from leanfeed.bars import Bars

__all__ = ["ChainBars", "OptionContract", "OptionRight", "OptionStyle"]

#: LEAN's names hold the strike times 10,000; its reader counts digits in 64 bits.
_LARGEST_STRIKE, _SMALLEST_STRIKE = Decimal(10**13), Decimal("1e-10")


class OptionRight(StrEnum):
    """What the holder may do, spelt as in LEAN's names."""

    CALL = "call"
    PUT = "put"


class OptionStyle(StrEnum):
    """When the holder may do it, spelt as in LEAN's names."""

    AMERICAN = "american"
    EUROPEAN = "european"


def _strike(value: Any) -> Decimal:
    try:
        return value if isinstance(value, Decimal) else Decimal(str(value))
    except DecimalException:
        raise InvalidRequestError(f"{str(value)[:40]!r} is not a strike: use a number.") from None


def _check_strike(_instance: object, _attribute: object, strike: Decimal) -> None:
    if not strike.is_finite() or not _SMALLEST_STRIKE <= strike < _LARGEST_STRIKE:
        raise InvalidRequestError(f"{strike} is not a strike that LEAN can name.")


def _check_expiry(_instance: object, _attribute: object, expiry: dt.date) -> None:
    if type(expiry) is not dt.date:  # a datetime is a date, too, and names no day
        raise InvalidRequestError(f"{expiry!r} is not an expiry: use a datetime.date.")


@frozen(order=True, cache_hash=True)
class OptionContract:
    """One contract on an underlying: when it expires, call or put, and at which price.

    Raises:
        InvalidRequestError: the strike is not a positive number, or the expiry is no date.
    """

    expiry: dt.date = field(validator=_check_expiry)
    right: OptionRight = field(converter=OptionRight)
    #: In the quote currency, as a decimal; a float stands for the shortest one that it can be.
    strike: Decimal = field(converter=_strike, validator=_check_strike)
    style: OptionStyle = field(default=OptionStyle.AMERICAN, converter=OptionStyle)

    def __str__(self) -> str:
        return f"{self.expiry} {self.right} {self.strike.normalize():f}"


def _contracts(values: Iterable[OptionContract]) -> tuple[OptionContract, ...]:
    return tuple(values)


def _counts(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(map(index, values))


@frozen(slots=True, repr=False)
class ChainBars:
    """The trade bars of a chain in one session: those of one contract after the other.

    The first ``counts[0]`` bars are those of ``contracts[0]``, and so on; a contract that did not
    trade is left out. Iterating gives each contract with its bars; the length is that of all bars.
    """

    contracts: tuple[OptionContract, ...] = field(converter=_contracts)
    #: How many bars of each contract follow each other.
    counts: tuple[int, ...] = field(converter=_counts)
    bars: Bars

    @classmethod
    def empty(cls) -> Self:
        """No contracts at all."""
        from leanfeed.bars import Bars  # late: who names a contract needs no numpy

        return cls((), (), Bars.empty())

    @classmethod
    def joined(cls, parts: Iterable[tuple[OptionContract, Bars]]) -> Self:
        """The chain of some contracts, each with its bars; those without bars are left out."""
        from leanfeed.bars import Bars

        traded = [(contract, bars) for contract, bars in parts if len(bars)]
        return cls(
            [contract for contract, _ in traded],
            [len(bars) for _, bars in traded],
            Bars.concat([bars for _, bars in traded]),
        )

    @property
    def columns(self) -> tuple[npt.NDArray[Any], ...]:
        """The arrays of all bars, in the order of the fields of :class:`~leanfeed.Bars`."""
        return self.bars.columns

    @property
    def edges(self) -> Sequence[int]:
        """Where the bars of each contract begin, and where the last ones end."""
        return list(accumulate(self.counts, initial=0))

    @classmethod
    def concat(cls, parts: Iterable[Self]) -> Self:
        """The bars of all parts, in the order given; those of a contract follow one another."""
        from leanfeed.bars import Bars

        found: dict[OptionContract, list[Bars]] = {}
        for part in parts:
            for contract, bars in part:
                found.setdefault(contract, []).append(bars)
        return cls.joined((contract, Bars.concat(bars)) for contract, bars in found.items())

    @property
    def time(self) -> npt.NDArray[Any]:
        """The start of every bar."""
        return self.bars.time

    def between(self, start: int, end: int) -> Self:
        """The bars that start in ``[start, end)``, as new arrays."""
        return self.rows((self.bars.time >= start) & (self.bars.time < end))

    def rows(self, selection: npt.NDArray[Any]) -> Self:
        """The bars that a mask selects; a contract of which none is left is left out."""
        kept = [int(selection[start:end].sum()) for start, end in pairwise(self.edges)]
        left = [(contract, n) for contract, n in zip(self.contracts, kept, strict=True) if n]
        return type(self)(
            (contract for contract, _ in left), (n for _, n in left), self.bars.rows(selection)
        )

    def of(self, contract: OptionContract) -> Bars:
        """The bars of one contract, as views; none when it did not trade."""
        if contract not in self.contracts:
            return self.bars.rows(slice(0))
        at = self.contracts.index(contract)
        return self.bars.rows(slice(*self.edges[at : at + 2]))

    def copied(self) -> Self:
        """The same bars in arrays of their own, which nobody can change."""
        return type(self)(self.contracts, self.counts, self.bars.copied())

    def problem_on(self, day: dt.date, style: OptionStyle) -> str:
        """What is wrong with the contracts of a chain that traded on a day; empty when nothing is.

        Args:
            day: of the session.
            style: of the contracts that LEAN keeps together.
        """
        for contract in self.contracts:
            if not isinstance(contract, OptionContract):
                return f"a contract of the chain is {type(contract).__name__}, no OptionContract"
            if contract.expiry < day:
                return f"the contract {contract} has expired"
            if contract.style is not style:
                return f"the contract {contract} is {contract.style}, where LEAN keeps {style} ones"
        if len(set(self.contracts)) < len(self.contracts):
            return "a contract of the chain comes twice"
        if any(count < 1 for count in self.counts):
            return "a contract of the chain has no bars"
        if len(self.counts) != len(self.contracts) or sum(self.counts) != len(self.bars):
            return "the counts of the chain do not add up"
        return ""

    def __iter__(self) -> Iterator[tuple[OptionContract, Bars]]:
        for contract, (start, end) in zip(self.contracts, pairwise(self.edges), strict=True):
            yield contract, self.bars.rows(slice(start, end))

    def __len__(self) -> int:
        return len(self.bars)

    def __repr__(self) -> str:
        return f"ChainBars({len(self)} bars of {len(self.contracts)} contracts)"
