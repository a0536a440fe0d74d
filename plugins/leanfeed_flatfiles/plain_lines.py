"""What the kernel does with lines, done by Python: all of it, or what the kernel is not sure of."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from itertools import groupby

import numpy as np
from attrs import field, frozen

from leanfeed.errors import ContractError
from leanfeed.kernel.tables import NAME, TIME, Lines, Names

__all__ = ["PlainReader"]

_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_STAMP = r"-?[0-9]{1,19}"
_OTHER = r"[^,\n]*"


@frozen(eq=False)
class PlainReader:
    """Reads lines as :func:`leanfeed.kernel.tables.read_lines` does; slower, and any line."""

    fields: tuple[int, ...]
    names: Names
    #: Of the file, for messages.
    name: str
    _wanted: frozenset[bytes] | None = field(init=False)
    _sound: re.Pattern[bytes] = field(init=False)

    @_wanted.default
    def _as_set(self) -> frozenset[bytes] | None:
        return None if self.names.wanted is None else frozenset(self.names.wanted)

    @_sound.default
    def _whole_lines(self) -> re.Pattern[bytes]:
        parts = (
            _STAMP if kind == TIME else _NUMBER if kind >= 0 else _OTHER for kind in self.fields
        )
        return re.compile(f"(?:{','.join(parts)}(?:\n|\\Z))*+".encode())

    def read(self, text: bytes, *, start: int, line: int, most: int) -> Lines:
        """At most so many whole lines; what was read is where the kernel goes on.

        Args:
            text: lines, each ended by a line feed.
            start: where in the text the first one begins.
            line: its number in the file.
            most: how many to read.

        Raises:
            ContractError: a line of a wanted name does not hold what the header says.
        """
        *rows, rest = text[start:].split(b"\n", most)
        rows, names, broken = self._named(rows, line)
        runs: list[tuple[bytes, int]] = []
        kept: list[bytes] = []
        at = 0
        for name, group in groupby(names):
            count = sum(1 for _ in group)
            if self._is_wanted(name):
                runs.append((name, count))
                kept += rows[at : at + count]
            at += count
        body = b"\n".join(kept)
        sound = self._sound.match(body)
        if sound is None or sound.end() < len(body):
            self._complain(rows, names, line)
        cells = body.replace(b"\n", b",").split(b",") if kept else []
        width = len(self.fields)
        try:
            times = np.array([int(t) for t in cells[self.fields.index(TIME) :: width]], np.int64)
        except OverflowError:
            self._complain(rows, names, line)
            raise
        if broken is not None:
            raise broken
        columns = sorted((kind, i) for i, kind in enumerate(self.fields) if kind >= 0)
        return Lines(
            end=len(text) - start - len(rest),
            runs=tuple(runs),
            times=times,
            columns=tuple(np.array([float(c) for c in cells[i::width]]) for _, i in columns),
            passed_over=len(rows) - len(kept),
        )

    def _named(
        self, rows: Sequence[bytes], line: int
    ) -> tuple[list[bytes], list[bytes], ContractError | None]:
        """The rows and their names, up to the first one that has none, and what to say of it."""
        plain: list[bytes] = []
        names: list[bytes] = []
        at = self.fields.index(NAME)
        for number, row in enumerate(rows, start=line):
            cells = _unquoted(row.removesuffix(b"\r"))
            name, *rest = cells.split(b",", at + 1)[at:] or (b"",)
            if not name or (not rest and at + 1 < len(self.fields)):
                return plain, names, self._broken(number)
            plain.append(cells)
            names.append(name)
        return plain, names, None

    def _is_wanted(self, name: bytes) -> bool:
        if self._wanted is None:
            return True
        return name[self.names.head : max(len(name) - self.names.tail, 0)] in self._wanted

    def _complain(self, rows: Sequence[bytes], names: Sequence[bytes], line: int) -> None:
        """Name the first line that is not sound."""
        at = self.fields.index(TIME)
        for number, (row, name) in enumerate(zip(rows, names, strict=True), start=line):
            sound = self._sound.match(row)
            is_sound = sound is not None and sound.end() == len(row)
            if self._is_wanted(name) and not (
                is_sound and -(2**63) <= int(row.split(b",")[at]) < 2**63
            ):
                raise self._broken(number)

    def _broken(self, line: int) -> ContractError:
        return ContractError(
            f"{self.name}, line {line}: it does not hold what the header says. Nothing of the file "
            "is used: fetch it again, and tell the provider if it stays."
        )


def _unquoted(row: bytes) -> bytes:
    """The same fields, as a flat file usually has them; nothing, if that cannot be."""
    if b'"' not in row:
        return row
    try:
        (cells,) = csv.reader([row.decode("utf-8", "surrogateescape")], strict=True)
    except (csv.Error, ValueError):
        return b""
    if any(set(cell) & set(",\r\n") for cell in cells):
        return b""
    return ",".join(cells).encode("utf-8", "surrogateescape")
