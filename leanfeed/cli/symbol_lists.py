"""Symbols as people keep them: on the command line, in a file (``@universe.txt``), in a pipe."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

__all__ = ["security_type_option", "symbol_list", "symbols_in", "ticker_option"]

#: More than every ticker there ever was; less than a file that was named by mistake.
_SIZE_LIMIT = 10_000_000
#: What the first cell of a table's head says.
_HEADS = ("symbol", "symbols", "ticker", "tickers")


def symbol_list(
    _context: click.Context, _parameter: click.Parameter, texts: Sequence[str]
) -> tuple[str, ...] | None:
    """The tickers of all words, in order; None when nothing at all was given.

    A word is a ticker, several with commas, ``@`` and the name of a file, or ``-`` for standard
    input.
    """
    if not texts:
        return None
    return tuple(ticker for text in texts for ticker in _tickers(text))


# Eager: it decides whether the symbols are missing.
ticker_option = click.option(
    "--ticker",
    multiple=True,
    is_eager=True,
    callback=symbol_list,
    metavar="SYMBOLS",
    help="The same as SYMBOL, as the Lean CLI spells it.",
)


security_type_option = click.option(
    "--security-type",
    type=click.Choice(["equity", "option", "index", "indexoption"], case_sensitive=False),
    help="What the symbols are; of options they are the underlyings. [default: equity]",
)


def _tickers(word: str) -> Iterator[str]:
    if word == "-":
        yield from symbols_in(_text("standard input", _stdin()), "standard input")
    elif word.startswith("@"):
        path = Path(word[1:]).expanduser()
        yield from symbols_in(_text(str(path), _content(path)), str(path))
    else:
        yield from (part for part in re.split(r"[,\s]+", word) if part)


def symbols_in(text: str, origin: str) -> Iterator[str]:
    """The tickers in a text: one or more on a line, or the first column of a table.

    Blank lines and what follows a ``#`` are passed over. It is a table when `origin` ends in
    ``.csv``, the first cell is ``symbol`` or ``ticker``, or a column holds no ticker at all.

    Args:
        text: the whole content.
        origin: its name, for messages.

    Raises:
        UsageError: something is no ticker, or there is none.
    """
    numbered = enumerate((line.partition("#")[0] for line in text.splitlines()), start=1)
    rows = [(number, cells) for number, line in numbered if (cells := _cells(line))]
    has_head = bool(rows) and rows[0][1][0].lower() in _HEADS
    if has_head:
        del rows[0]
    if not rows:
        raise click.UsageError(f"{origin} names no symbols: write one on a line, such as SPY.")
    is_table = has_head or origin.lower().endswith(".csv") or _is_table([row for _, row in rows])
    for number, cells in rows:
        for cell in cells[:1] if is_table else cells:
            yield _checked(cell, f"{origin}, line {number}")


def _cells(line: str) -> list[str]:
    """The cells of a line; without a comma or semicolon, the words of it."""
    if not line.strip():
        return []
    if not re.search(r"[,;\t]", line):
        return line.split()
    import csv  # late: few lists are tables

    separator = next(mark for mark in ("\t", ";", ",") if mark in line)
    (row,) = csv.reader([line], delimiter=separator, skipinitialspace=True)
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    """Whether all rows have the same columns, and one of these holds names or numbers only."""
    if len(rows) < 2 or len({len(row) for row in rows}) > 1:
        return False
    return any(not any(map(_is_ticker, column)) for column in list(zip(*rows, strict=True))[1:])


def _is_ticker(cell: str) -> bool:
    """Whether it is one as it stands, in capital or in small letters."""
    from leanfeed.errors import InvalidRequestError
    from leanfeed.values import Symbol

    try:
        ticker = Symbol(cell).ticker
    except InvalidRequestError:
        return False
    return bool(re.search("[A-Za-z]", cell)) and cell in (ticker, ticker.lower())


def _checked(ticker: str, place: str) -> str:
    from leanfeed.errors import InvalidRequestError
    from leanfeed.values import Symbol

    try:
        Symbol(ticker)
    except InvalidRequestError as error:
        raise click.UsageError(f"{place}: {error}") from None
    return ticker


def _stdin() -> bytes:
    return sys.stdin.buffer.read(_SIZE_LIMIT + 1)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_SIZE_LIMIT + 1)
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read ({error.strerror}).") from None


def _text(origin: str, content: bytes) -> str:
    if len(content) > _SIZE_LIMIT:
        raise click.UsageError(f"{origin} is larger than 10 MB: name a list of symbols.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.UsageError(f"{origin} is not UTF-8 text: name a list of symbols.") from None
