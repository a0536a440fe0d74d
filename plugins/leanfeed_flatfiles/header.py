"""The first line of a flat file: which field of the others is what."""

from __future__ import annotations

from leanfeed.errors import ContractError
from leanfeed.kernel.tables import NAME, PASSED_OVER, TIME

__all__ = ["COLUMNS", "TRADED_COLUMNS", "fields_of"]

#: The columns of numbers, of an index.
COLUMNS = ("open", "high", "low", "close")
#: The columns of numbers, of what is traded.
TRADED_COLUMNS = (*COLUMNS, "volume", "transactions")


def fields_of(header: bytes, columns: tuple[str, ...], *, name: str) -> tuple[int, ...]:
    """What each field of a line is, for :func:`~leanfeed.kernel.tables.read_lines`.

    Fields may stand in any order, and there may be others.

    Args:
        header: the first line, without its end.
        columns: what has to be there, besides the ticker and the time.
        name: of the file, for messages.

    Raises:
        ContractError: one is missing, or there twice.
    """
    kinds = {"ticker": NAME, "window_start": TIME} | {c: i for i, c in enumerate(columns)}
    text = header.decode("utf-8-sig", "replace").rstrip("\r")
    spelt = [word.strip().strip('"').lower() for word in text.split(",")]
    if lacking := [kind for kind in kinds if spelt.count(kind) != 1]:
        raise ContractError(
            f"{name}, line 1: the header lacks {', '.join(lacking)}, or has it twice. This is no "
            "file of aggregates: tell the provider."
        )
    return tuple(kinds.get(word, PASSED_OVER) for word in spelt)
