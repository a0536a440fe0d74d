"""Option contracts of a flat file, sorted into the chains of their underlyings."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal

import numpy as np
from attrs import evolve, frozen

from leanfeed.options import ChainBars, OptionContract, OptionRight
from leanfeed.values import Session
from leanfeed_flatfiles.market_day import MarketDay

__all__ = ["TAIL", "Chain", "chains", "contract_of", "root_in"]

#: Characters behind the root: six of the expiry, one of the right, eight of the strike.
TAIL = 15
_NAME = re.compile(rb"O:([A-Z]{1,6})(\d{6})([CP])(\d{8})")
_RIGHTS = {b"C": OptionRight.CALL, b"P": OptionRight.PUT}


@frozen(eq=False)
class Chain:
    """The contracts of one root, in order, and where the bars of each lie in the market day."""

    contracts: tuple[tuple[OptionContract, tuple[int, int]], ...]
    #: Why it cannot be used, by the name of a contract.
    faults: tuple[tuple[bytes, str], ...] = ()

    def bars(self, day: MarketDay, session: Session) -> ChainBars:
        """Those of the session; those of a day are stamped with LEAN's midnight."""
        spans = [np.arange(*span) for _, span in self.contracts]
        rows = np.concatenate([*spans, np.empty(0, dtype=np.int64)]).astype(np.int64)
        which = np.repeat(np.arange(len(spans)), [len(span) for span in spans])
        bars = day.bars.rows(rows)
        if day.is_daily:
            bars = evolve(bars, time=np.full(len(bars), session.day[0]))
        else:
            start, end = session.extended
            is_inside = (bars.time >= start) & (bars.time < end)
            bars, which = bars.rows(is_inside), which[is_inside]
        counts = np.bincount(which, minlength=len(spans)).tolist()
        kept = [(c, n) for (c, _), n in zip(self.contracts, counts, strict=True) if n]
        return ChainBars([c for c, _ in kept], [n for _, n in kept], bars)


def chains(day: MarketDay) -> Mapping[bytes, Chain]:
    """By root, all that was read; names that are no contract's are left out."""
    contracts: dict[bytes, list[tuple[OptionContract, tuple[int, int]]]] = {}
    faults: dict[bytes, list[tuple[bytes, str]]] = {}
    for name, span in day.spans.items():
        found = contract_of(name)
        if found is None:
            continue
        root, contract = found
        contracts.setdefault(root, []).append((contract, span))
        if name in day.faults:
            faults.setdefault(root, []).append((name, day.faults[name]))
    return {
        root: Chain(tuple(sorted(group)), tuple(faults.get(root, ())))
        for root, group in contracts.items()
    }


def contract_of(name: bytes) -> tuple[bytes, OptionContract] | None:
    """The root and the contract that a name such as ``O:SPY240621C00500000`` stands for.

    None for adjusted contracts, whose root ends in a digit: what they deliver is not 100 shares.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    root, expiry, right, strike = match.groups()
    try:
        date = dt.date(2000 + int(expiry[:2]), int(expiry[2:4]), int(expiry[4:]))
    except ValueError:
        return None
    price = Decimal(int(strike)).scaleb(-3)
    return (root, OptionContract(date, _RIGHTS[right], price)) if price else None


def root_in(name: bytes) -> str:
    """The root of a contract; empty for what :func:`contract_of` leaves out."""
    match = _NAME.fullmatch(name)
    return match[1].decode() if match else ""
