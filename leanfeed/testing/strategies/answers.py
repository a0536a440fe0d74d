"""What a source may deliver."""

from __future__ import annotations

from hypothesis import strategies as st

from leanfeed.lean.contract_names import style_of
from leanfeed.testing.strategies.chains import chains
from leanfeed.testing.strategies.columns import session_bars
from leanfeed.testing.strategies.days import series, us_sessions
from leanfeed.values import Delivery, SecurityType, Series

__all__ = ["deliveries"]


@st.composite
def deliveries(
    draw: st.DrawFn, *, of: st.SearchStrategy[Series] | None = None, max_size: int = 20
) -> Delivery:
    """What a source may deliver: bars of one session of a US equity, or of its options, or none."""
    one = draw(series() if of is None else of)
    if one.is_chain:
        (session,) = draw(us_sessions(max_size=1, of=SecurityType.OPTION))
        chain = draw(chains(session, one.resolution, style=style_of(one), max_size=max_size))
        return Delivery(one, session, chain, request_id="r-1", source="made-up")
    session, found = draw(session_bars(one, max_size=max_size))
    return Delivery(one, session, found, request_id="r-1", source="made-up")
