"""The entries of a zip of options: a chain's bars to LEAN's texts, and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np

from leanfeed.bars import Bars
from leanfeed.errors import DamagedFileError
from leanfeed.lean.contract_names import contract_in, contract_names, style_of
from leanfeed.lean.lines import format_bars, normalised, parse_bars, sound_rows
from leanfeed.lean.many_zip import damaged, packed_entries, unpacked
from leanfeed.lean.paths import entry_names
from leanfeed.options import ChainBars
from leanfeed.values import Series

__all__ = ["chain_of", "chain_texts", "contract_texts", "sound_texts"]

_LINE_END = ord("\n")


def chain_texts(
    chain: ChainBars, series: Series, time_zone: str, day: dt.date | None = None
) -> dict[str, bytes]:
    """The text of each contract by the name of its entry, as LEAN writes both.

    At minute and second resolution it ends with a line end, at hour and daily resolution not.

    Args:
        chain: at minute and second resolution, that of one day in `time_zone`.
        series: what is stored.
        time_zone: the data time zone.
        day: the day of the file, at minute and second resolution.

    Raises:
        ContractError: as for :func:`~leanfeed.lean.lines.format_bars`.
    """
    text = format_bars(chain.bars, series, time_zone) + b"\n"
    ends = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == _LINE_END) + 1
    edges = np.concatenate(([0], ends))[chain.edges].tolist()
    last = 0 if series.resolution.is_file_per_session else 1
    names = entry_names(series, day, chain.contracts)
    return {
        name: text[start : end - last]
        for name, (start, end) in zip(names, pairwise(edges), strict=True)
    }


def chain_of(
    texts: Mapping[str, bytes], series: Series, time_zone: str, day: dt.date | None = None
) -> ChainBars:
    """The bars of the entries of a zip, each contract's ascending: the inverse of the above.

    Raises:
        DamagedFileError: LEAN would misread a line, or an entry is named for no contract.
    """
    names, style = contract_names(series, day), style_of(series)
    contracts = [contract_in(names.fullmatch(name), style) for name in texts]
    parts = [normalised(text) for text in texts.values()]
    counts = [part.count(b"\n") + 1 if part else 0 for part in parts]
    try:
        bars = parse_bars(b"\n".join(filter(None, parts)), series, time_zone, day=day)
    except DamagedFileError:
        for name, part in zip(texts, parts, strict=True):
            _check(name, part, series)
        raise
    assert isinstance(bars, Bars)
    return _ascending(ChainBars(contracts, counts, bars))


def contract_texts(
    path: Path, series: Series, day: dt.date | None = None
) -> Iterator[tuple[str, bytes]]:
    """Name and text of each entry that LEAN may ask for, in the order of the zip.

    Entries with other names, of which LEAN never asks, are passed over.

    Raises:
        OSError: the system refuses the file, or there is none.
        DamagedFileError: it is no zip, an entry was altered, or none is named for a contract.
    """
    names = contract_names(series, day)
    entries = {n: entry for n, entry in packed_entries(path).items() if names.fullmatch(n)}
    if not entries:
        raise damaged(path, f"no entry is named for a contract of {series.symbol}")
    for name, entry in entries.items():
        try:
            text = unpacked(entry)
        except ValueError as error:
            raise damaged(path, f"{name}: {error}") from error
        yield name, text


def sound_texts(
    path: Path, series: Series, day: dt.date | None = None
) -> Iterator[tuple[str, bytes]]:
    """As :func:`contract_texts`, once every line is as LEAN's reader wants it.

    Raises:
        OSError: the system refuses the file, or there is none.
        DamagedFileError: also when LEAN would misread a line, or an entry is empty.
    """
    for name, text in contract_texts(path, series, day):
        try:
            _check(name, text, series)
        except DamagedFileError as error:
            raise DamagedFileError(f"{path}: {error}") from error
        yield name, text


def _check(name: str, text: bytes, series: Series) -> None:
    try:
        if not sound_rows(text, series.resolution, series.tick_type):
            raise DamagedFileError("It is empty: fetch it again.")
    except DamagedFileError as error:
        raise DamagedFileError(f"{name}: {error}") from error


def _ascending(chain: ChainBars) -> ChainBars:
    """Of equal time stamps the last row."""
    edges = chain.edges
    steps = np.diff(chain.bars.time, append=0)
    steps[[edge - 1 for edge in edges[1:]]] = 1  # from one contract to the next
    if (steps > 0).all():
        return chain
    return ChainBars.joined((contract, _sorted(bars)) for contract, bars in chain)


def _sorted(bars: Bars) -> Bars:
    bars = bars.rows(np.argsort(bars.time, kind="stable"))
    return bars.rows(np.append(np.diff(bars.time) > 0, True))
