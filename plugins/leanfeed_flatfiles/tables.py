"""A flat file as columns: the rows of the tickers that are wanted, and nothing of the others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import Factory, define, frozen

from leanfeed.errors import ContractError
from leanfeed.kernel import tables
from leanfeed.kernel.tables import TIME, Lines, Names
from leanfeed_flatfiles.header import fields_of
from leanfeed_flatfiles.inflating import pieces
from leanfeed_flatfiles.plain_lines import PlainReader

__all__ = ["Table", "read_table"]


@frozen(eq=False)
class Table:
    """Rows in the order of the file."""

    #: Tickers, each with the number of rows that follow one another with it. One may come again.
    runs: tuple[tuple[bytes, int], ...]
    #: ``window_start``: nanoseconds.
    times: npt.NDArray[np.int64]
    #: Those of the header that were asked for.
    columns: tuple[npt.NDArray[np.float64], ...]
    #: Rows of the file, wanted or not.
    rows: int
    #: Some of the times of rows that nobody wants.
    samples: tuple[int, ...]


def read_table(path: Path, columns: tuple[str, ...], names: Names, *, name: str) -> Table:
    """Read a flat file, all of it, and keep what is wanted.

    Args:
        path: the file, compressed by gzip.
        columns: those of :mod:`leanfeed_flatfiles.header`.
        names: of the tickers that are wanted.
        name: of the file, for messages.

    Raises:
        ContractError: the file is damaged, or does not hold what it should; the message names the
            line.
    """
    texts = pieces(path, name=name)
    first = next(texts, b"")
    header, _, rest = first.partition(b"\n")
    fields = fields_of(header, columns, name=name)
    plain = PlainReader(fields, names, name)
    found = _Found()
    for text in chain([rest] if rest else [], texts):
        found.sample(text, fields)
        for lines in _lines(text, plain, found):
            found.add(lines)
    if not found.rows:
        raise ContractError(f"{name} has no rows: fetch it again.")
    return found.table(len(columns))


@define
class _Found:
    """What was read so far."""

    runs: list[tuple[bytes, int]] = Factory(list)
    parts: list[Lines] = Factory(list)
    samples: list[int] = Factory(list)
    rows: int = 0

    def add(self, lines: Lines) -> None:
        self.rows += len(lines.times) + lines.passed_over
        runs = lines.runs
        if runs and self.runs and runs[0][0] == self.runs[-1][0]:
            self.runs[-1] = (runs[0][0], self.runs[-1][1] + runs[0][1])
            runs = runs[1:]
        self.runs += runs
        if len(lines.times):
            self.parts.append(lines)

    def sample(self, text: bytes, fields: tuple[int, ...]) -> None:
        """The time of the first line of a piece, whoever wants it."""
        cells = text[: text.find(b"\n")].split(b",")
        at = fields.index(TIME)
        if at < len(cells) and re.fullmatch(rb"-?[0-9]{1,19}", cells[at].strip()):
            self.samples.append(int(cells[at]))

    def table(self, width: int) -> Table:
        """All of it; the parts are given up one column after the other, to need less memory."""
        times: list[npt.NDArray[Any]] = [part.times for part in self.parts]
        columns: list[list[npt.NDArray[Any]]] = [
            list(column) for column in zip(*(p.columns for p in self.parts), strict=True)
        ]
        self.parts.clear()
        return Table(
            runs=tuple(self.runs),
            times=_joined(times, np.int64),
            columns=tuple(_joined(c, np.float64) for c in columns or [[]] * width),
            rows=self.rows,
            samples=tuple(self.samples),
        )


def _joined(parts: list[npt.NDArray[Any]], dtype: type) -> npt.NDArray[Any]:
    joined = np.concatenate(parts) if parts else np.empty(0, dtype=dtype)
    parts.clear()
    return joined


def _lines(text: bytes, plain: PlainReader, found: _Found) -> Iterator[Lines]:
    """By the kernel, as far as it is sure, and by Python."""
    start, by_hand = 0, 1
    while start < len(text):
        lines = tables.read_lines(text, plain.fields, plain.names, start=start)
        if lines is None:
            by_hand = len(text)
        elif lines.end:
            yield lines
            start += lines.end
        if start < len(text):
            # The header is line 1.
            lines = plain.read(text, start=start, line=found.rows + 2, most=by_hand)
            yield lines
            start += lines.end
            by_hand *= 2  # where one line is odd, there may be many
