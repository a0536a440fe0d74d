"""Recorded chains: what is written reads back, and nothing else is read."""

from __future__ import annotations

import pytest
from hypothesis import given

from leanfeed import ChainBars, ContractError, Delivery, OptionStyle, Resolution, SecurityType
from leanfeed.recording.text import Head, Recorded, format_sections, parse_sections
from leanfeed.testing import strategies

AMERICAN = OptionStyle.AMERICAN
HEADER = "time,expiry,right,strike,open,high,low,close,volume\n"
HEAD = '# {"session":"2024-11-01","source":"polygon"}\n'
ROW = "2024-11-01T13:30:00Z,2024-11-15,call,192.5,3,3,3,3,12\n"
MINUTES = strategies.series(security_types=(SecurityType.OPTION,), resolutions=(Resolution.MINUTE,))


@given(strategies.deliveries(of=MINUTES, max_size=3))
def test_what_is_written_reads_back(delivery: Delivery) -> None:
    assert isinstance(delivery.bars, ChainBars)
    recorded = [Recorded(Head(delivery.session.date, "polygon"), delivery.bars)]
    text = format_sections(recorded, is_chain=True)
    assert parse_sections(text, "a.csv", style=AMERICAN) == recorded


def test_the_text_is_what_the_documentation_shows() -> None:
    (section,) = parse_sections(HEADER + HEAD + ROW, "a.csv", style=AMERICAN)
    assert format_sections([section], is_chain=True) == HEADER + HEAD + ROW
    assert [str(contract) for contract in section.bars.contracts] == ["2024-11-15 call 192.5"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEADER.replace("expiry,", "") + HEAD, 1),
        (HEADER + HEAD + ROW.replace("call,", ""), 3),
        (HEADER + HEAD + ROW.replace("call", "Call"), 3),
        (HEADER + HEAD + ROW.replace("2024-11-15", "2024-11-31"), 3),
        (HEADER + HEAD + ROW.replace("192.5", "0"), 3),
        (HEADER + HEAD + ROW.replace("192.5", "-1"), 3),
    ],
)
def test_malformed_text_is_refused(text: str, line: int) -> None:
    with pytest.raises(ContractError, match=rf"a\.csv, line {line}: .*\. Correct"):
        parse_sections(text, "a.csv", style=AMERICAN)
