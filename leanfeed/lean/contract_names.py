"""How LEAN spells an option contract in the name of its entry."""

from __future__ import annotations

import datetime as dt
import decimal
import re
from decimal import Decimal

from leanfeed.errors import DamagedFileError
from leanfeed.options import OptionContract, OptionRight, OptionStyle
from leanfeed.values import SecurityType, Series

__all__ = ["contract_in", "contract_name", "contract_names", "style_of"]

#: Wide enough for every strike. The caller's own decimal context must not round.
_EXACT = decimal.Context(prec=60)
#: Strikes stand in names times 10,000.
_SCALE = 4

_STRIKE = r"[0-9]{1,18}(?:\.[0-9]{1,28})?"


def style_of(kind: Series | SecurityType) -> OptionStyle:
    """The style that LEAN's files of a security type have in their names."""
    if isinstance(kind, Series):
        kind = kind.symbol.security_type
    is_european = kind is SecurityType.INDEX_OPTION
    return OptionStyle.EUROPEAN if is_european else OptionStyle.AMERICAN


def contract_name(contract: OptionContract) -> str:
    """The end of an entry's name, such as ``american_call_1925000_20240119``.

    The strike is written as prices are: a plain decimal without trailing zeros.
    """
    strike = _shifted(contract.strike, _SCALE)
    expiry = contract.expiry
    return (
        f"{contract.style}_{contract.right}_{strike}_{expiry.year:04}{expiry.month:02}"
        f"{expiry.day:02}"
    )


def contract_names(series: Series, day: dt.date | None) -> re.Pattern[str]:
    """Matches the names of the entries in a zip of a chain, for :func:`contract_in`.

    Args:
        series: the chain.
        day: of a minute or second zip.
    """
    start = series.symbol.file_ticker
    if day is not None:
        start = f"{day.year:04}{day:%m%d}_{start}_{series.resolution}"
    return re.compile(
        re.escape(f"{start}_{series.tick_type}_{style_of(series)}_")
        + rf"(call|put)_({_STRIKE})_([0-9]{{8}})\.csv",
        re.ASCII,
    )


def contract_in(match: re.Match[str] | None, style: OptionStyle) -> OptionContract:
    """The contract of an entry's name.

    Raises:
        DamagedFileError: the name is that of no contract of the chain.
    """
    try:
        if match is None:
            raise ValueError("it is another name")
        right, strike, expiry = match.groups()
        price = Decimal(_shifted(Decimal(strike), -_SCALE))
        return OptionContract(dt.date.fromisoformat(expiry), OptionRight(right), price, style)
    except ValueError as error:
        raise DamagedFileError(
            "An entry is not named for a contract of its chain: fetch the file again with leanfeed."
        ) from error


def _shifted(number: Decimal, places: int) -> str:
    """A number with its point moved: plain, exact and without trailing zeros."""
    text = format(number.scaleb(places, context=_EXACT), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
