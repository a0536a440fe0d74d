"""Option contracts, and the bars of a chain in a session."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import strategies as st

from leanfeed.options import ChainBars, OptionContract, OptionRight, OptionStyle
from leanfeed.testing.strategies.columns import bars
from leanfeed.values import Resolution, Session

__all__ = ["chains", "contracts"]

#: Whole, quarters, of three decimals as after a split, below LEAN's scale, of five digits.
_STRIKES = st.one_of(
    st.integers(1, 1000).map(Decimal),
    st.integers(1, 4000).map(lambda quarters: Decimal(quarters) / 4),
    st.integers(1, 10**6).map(lambda units: Decimal(units) / 1000),
    st.sampled_from(("0.006475", "0.00001", "0.5", "100", "10000", "223.333")).map(Decimal),
)


@st.composite
def contracts(
    draw: st.DrawFn, *, on: dt.date, style: OptionStyle = OptionStyle.AMERICAN
) -> OptionContract:
    """Contracts that have not expired on a day; those that expire on it are likely.

    Strikes with three decimals and more, and so small that LEAN's names have decimals, are likely.
    """
    days = draw(st.sampled_from((0, 1, 7)) | st.integers(0, 1000))
    right = draw(st.sampled_from(OptionRight))
    return OptionContract(on + dt.timedelta(days), right, draw(_STRIKES), style)


@st.composite
def chains(
    draw: st.DrawFn,
    session: Session,
    resolution: Resolution,
    *,
    style: OptionStyle = OptionStyle.AMERICAN,
    max_contracts: int = 4,
    max_size: int = 5,
) -> ChainBars:
    """What a source may deliver of a chain: some contracts in any order, each with its bars.

    Args:
        draw: given by Hypothesis.
        session: of options, as from :func:`us_sessions`.
        resolution: of the bars.
        style: of the contracts.
        max_contracts: as many at the most, and
        max_size: as many bars of each.
    """
    drawn = contracts(on=session.date, style=style)
    traded = draw(st.lists(drawn, unique=True, max_size=max_contracts))
    return ChainBars.joined(
        (contract, draw(bars(session, resolution, max_size=max_size))) for contract in traded
    )
