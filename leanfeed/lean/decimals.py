"""Exact decimals: how float64 columns become LEAN's number texts, and back."""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from decimal import Decimal
from functools import reduce

import numpy as np

from leanfeed.bars import FloatColumn
from leanfeed.errors import ContractError

__all__ = ["Cell", "cells", "decimal_sum", "number_text", "parse_numbers"]

#: A number on its way to text: an int or float that any encoder spells plainly, or its spelling.
Cell = int | float | str

#: Wide enough for every sum and product here. The caller's own decimal context must not round.
_EXACT = decimal.Context(prec=60)

#: Below it, `x * 10_000` is close enough to the decimal that rounding finds it.
_WHOLE_LIMIT = 1e15
#: Between these, the shortest decimal of a float64 is written without an exponent.
_PLAIN_FROM, _PLAIN_TO = 1e-3, 1e15


def number_text(value: float, *, scale: int = 1) -> str:
    """The shortest decimal of `value` times `scale`, as LEAN writes it.

    Plain notation, no trailing zeros, no sign on zero: ``12.34567`` at scale 10,000 is
    ``123456.7``.

    Raises:
        ContractError: LEAN could not read the number: it is not finite, has more than 18 digits
            before the point (LEAN's reader counts in 64 bits) or more than 28 after it (the limit
            of a C# decimal).
    """
    number = _EXACT.multiply(Decimal(repr(float(value))), scale)
    if not number.is_finite() or number.adjusted() >= 18:
        raise _out_of_range(value)
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
        if len(text.partition(".")[2]) > 28:
            raise _out_of_range(value)
    return "0" if text == "-0" else text


def cells(values: FloatColumn, *, scale: int = 1) -> list[Cell]:
    """Each value times `scale`, exactly; NaN becomes an empty text.

    Most values are whole after scaling, and rounding finds them: ``r = rint(x * 10_000)`` is
    right when ``r / 10_000 == x``. Only the others take a slower road.

    Raises:
        ContractError: LEAN could not read one of the numbers.
    """
    with np.errstate(over="ignore"):
        whole = np.rint(values * scale)
    is_whole = (whole / scale == values) & (np.abs(whole) < _WHOLE_LIMIT)
    if is_whole.all():
        return whole.astype(np.int64).tolist()  # type: ignore[no-any-return]
    result: list[Cell] = np.where(is_whole, whole, 0).astype(np.int64).tolist()
    others = np.flatnonzero(~is_whole)
    for i, value in zip(others.tolist(), values[others].tolist(), strict=True):
        result[i] = _cell(value, scale)
    return result


def _cell(value: float, scale: int) -> Cell:
    if value != value:
        return ""
    if scale == 1 and _PLAIN_FROM <= abs(value) < _PLAIN_TO:
        return value
    return number_text(value, scale=scale)


def parse_numbers(texts: Sequence[bytes], *, scale: int = 1) -> FloatColumn:
    """The float64 nearest to each text divided by `scale`; an empty text becomes NaN.

    Raises:
        ValueError: a text is not a number.
    """
    values = np.array([float(text or b"nan") for text in texts], dtype=np.float64)
    if scale == 1:
        return values
    result = values / scale
    # Dividing rounds a second time when the text itself was not exact as a float64.
    is_exact = np.isnan(values) | ((values == np.rint(values)) & (np.abs(values) < 2**53))
    for i in np.flatnonzero(~is_exact).tolist():
        result[i] = float(_EXACT.divide(Decimal(texts[i].decode()), scale))
    return result


def decimal_sum(values: FloatColumn) -> float:
    """The sum of the decimals that the values stand for: ``0.1 + 0.2`` is ``0.3``."""
    total = float(values.sum())
    if np.abs(values).sum() < 2**53 and (values == np.rint(values)).all():
        return total
    decimals = map(Decimal, map(repr, values.tolist()))
    return float(reduce(_EXACT.add, decimals, Decimal(0)))


def _out_of_range(value: float) -> ContractError:
    return ContractError(
        f"{value!r} is not a number that LEAN can read: check the answer of the provider."
    )
