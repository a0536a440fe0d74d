"""The text of one recorded file: a header row, then a section for each session.

    time,open,high,low,close,volume
    # {"session":"2024-11-01","source":"polygon","request_id":"6a7e466379af0a71"}
    2024-11-01T13:30:00Z,100.01,100.02,100,100.02,1200

A section begins with its head, a JSON object after ``# ``, so readers of CSV that know comments
can open the file as well. Sections are in the order of their sessions; of one session each source
may have a section, in the order of their names. A section without rows affirms that there was no
trading; one with an ``error`` is a failure of the source. Times are UTC, the start of the bar;
prices and volumes are exact decimals, not scaled. Of options a row also says of which contract:

    time,expiry,right,strike,open,high,low,close,volume
    # {"session":"2024-11-01","source":"flatfiles"}
    2024-11-01T13:30:00Z,2024-11-15,call,192.5,3.1,3.15,3.1,3.12,12
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec
import numpy as np
from attrs import Factory, frozen

from leanfeed import errors
from leanfeed.bars import Bars
from leanfeed.errors import ContractError, SourceError
from leanfeed.lean.lines import number_text
from leanfeed.options import ChainBars, OptionContract, OptionRight, OptionStyle

__all__ = ["Failure", "Head", "Recorded", "format_sections", "parse_sections"]

_HEADER = "time,open,high,low,close,volume"
_CHAIN_HEADER = _HEADER.replace("time", "time,expiry,right,strike")
_TIME = r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"
_CONTRACT = r",(\d{4}-\d\d-\d\d),(call|put),(\d{1,14}(?:\.\d{1,10})?)"
_NUMBERS = r",(-?\d{1,18}(?:\.\d{1,28})?)" * 5
_ROW = re.compile(_TIME + _NUMBERS, re.ASCII)
_CHAIN_ROW = re.compile(_TIME + _CONTRACT + _NUMBERS, re.ASCII)
#: Classes in :mod:`leanfeed.errors`.
Failure = Literal[
    "SourceError", "AuthenticationError", "RateLimitedError", "UnavailableError", "ContractError"
]
#: Time in UTC epoch milliseconds, open, high, low, close, volume.
_Row = tuple[float, ...]
#: Its rows by contract; by None where there are no contracts.
_Section = tuple["Head", dict[OptionContract | None, list[_Row]]]


class Head(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where the bars of one session come from."""

    session: dt.date
    #: The configured name of the source that answered.
    source: str
    #: The provider's own name for its answer.
    request_id: str = ""
    recorded_at: dt.datetime | None = None
    #: What the source raised instead of answering, and what it said.
    error: Failure | None = None
    message: str = ""


@frozen
class Recorded:
    """What a source answered for one session. No bars: there was no trading, or it failed."""

    head: Head
    bars: Bars | ChainBars = Factory(Bars.empty)

    @property
    def key(self) -> tuple[dt.date, str]:
        """What no two sections of a file share, and their order."""
        return self.head.session, self.head.source

    @property
    def failure(self) -> SourceError | None:
        """The error that the source raised instead of answering, made anew."""
        if self.head.error is None:
            return None
        kind: type[SourceError] = getattr(errors, self.head.error)
        return kind(self.head.message)


def format_sections(sections: Iterable[Recorded], *, is_chain: bool = False) -> str:
    """The text of a file that holds these sections, in the order given.

    Args:
        sections: of one series.
        is_chain: it is one of options.

    Raises:
        ContractError: a time is no whole second, or a number is none that LEAN can read.
    """
    lines = [_CHAIN_HEADER if is_chain else _HEADER]
    for section in sections:
        lines.append("# " + msgspec.json.encode(section.head).decode())
        lines.extend(_rows(section))
    return "\n".join(lines) + "\n"


def _rows(section: Recorded) -> Iterator[str]:
    time, *numbers = section.bars.columns
    if (time % 1000).any():
        raise ContractError(
            f"A bar of {section.head.session} from {section.head.source} starts within a second. "
            "Report it to the author of the source."
        )
    times = np.datetime_as_string(time.astype("datetime64[ms]"), unit="s").tolist()
    starts = [f"{moment}Z" for moment in times]
    if isinstance(section.bars, ChainBars):
        chain = section.bars
        contracts = [",".join(str(contract).split()) for contract in chain.contracts]
        of_rows = np.repeat(np.arange(len(contracts)), chain.counts).tolist()
        starts = [f"{s},{contracts[i]}" for s, i in zip(starts, of_rows, strict=True)]
    texts = ([number_text(x) for x in column.tolist()] for column in numbers)
    return (",".join(row) for row in zip(starts, *texts, strict=True))


def parse_sections(text: str, name: str, *, style: OptionStyle | None = None) -> list[Recorded]:
    """The sections of a file. Judges the text only: what the bars say is judged by the chain.

    Args:
        text: the whole file.
        name: of the file, for messages.
        style: of the contracts; None for a file of other bars than those of options.

    Raises:
        ContractError: the text is malformed; the message has `name` and the number of the line.
    """
    lines = text.split("\n")
    header = _HEADER if style is None else _CHAIN_HEADER
    if lines[0] != header:
        raise _malformed(name, 1, f"the header row {header} is missing")
    if lines[-1]:
        raise _malformed(name, len(lines), "the file ends within a line")
    sections: list[_Section] = []
    for number, line in enumerate(lines[1:-1], 2):
        try:
            _add(line, sections, style)
        except ValueError as error:
            raise _malformed(name, number, str(error)) from error
    return [Recorded(head, _bars(rows, style)) for head, rows in sections]


def _bars(
    rows: dict[OptionContract | None, list[_Row]], style: OptionStyle | None
) -> Bars | ChainBars:
    parts = [(key, Bars(*zip(*part, strict=True))) for key, part in rows.items()]
    if style is not None:
        return ChainBars.joined((contract, part) for contract, part in parts if contract)
    return parts[0][1] if parts else Bars.empty()


def _malformed(name: str, line: int, reason: str) -> ContractError:
    return ContractError(
        f"{name}, line {line}: {reason}. Correct the line, or record the session again."
    )


def _add(line: str, sections: list[_Section], style: OptionStyle | None) -> None:
    head, rows = sections[-1] if sections else (None, {})
    if line.startswith("# "):
        following = msgspec.json.decode(line[2:], type=Head)
        place = (following.session, following.source)
        if head is not None and place <= (head.session, head.source):
            raise ValueError(f"the session {following.session} stands after {head.session}")
        sections.append((following, {}))
    elif head is None or head.error:
        raise ValueError("no bar may stand here: it belongs to no session, or to a failed one")
    else:
        contract, row = _row(line, style)
        rows.setdefault(contract, []).append(row)


def _row(line: str, style: OptionStyle | None) -> tuple[OptionContract | None, _Row]:
    match = (_ROW if style is None else _CHAIN_ROW).fullmatch(line)
    if match is None:
        raise ValueError("the line is neither a bar nor the head of a session")
    moment, *numbers = match.groups()
    contract = None
    if style is not None:
        expiry, right, strike, *numbers = numbers
        contract = OptionContract(dt.date.fromisoformat(expiry), OptionRight(right), strike, style)
    milliseconds = round(dt.datetime.fromisoformat(moment).timestamp()) * 1000
    return contract, (milliseconds, *map(float, numbers))
