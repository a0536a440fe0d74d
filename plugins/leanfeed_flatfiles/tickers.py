"""How flat files spell symbols, and which of their tickers LEAN can hold."""

from __future__ import annotations

import re
from collections.abc import Iterable

from attrs import frozen

from leanfeed.errors import InvalidRequestError
from leanfeed.values import SecurityType, Symbol

__all__ = ["PREFIXES", "Refused", "is_index_root", "is_test", "root_of", "symbols_of", "ticker_of"]

#: What a file puts before each ticker.
PREFIXES = {SecurityType.EQUITY: b"", SecurityType.OPTION: b"O:", SecurityType.INDEX: b"I:"}

#: Symbols for tests of the exchanges' machines, whose trades are none: Nasdaq's (ZVZZT and its
#: like), those of the form NTEST or NTEST.A, and single ones, as in Direct Edge's Trading Notice
#: 13-06.
_TESTS = re.compile(
    r"Z[A-Z]ZZT|[ACMNPZ]TEST(?:\.[A-Z]{1,2})?|CBO|CBX|IBO|IGZ|ZBZX|ZZK|ZIEXT|ZXIET|ZEXIT"
)
#: Options on indices: LEAN keeps them as another security type, most with European exercise.
_INDEX_ROOTS = frozenset(
    """
    SPX SPXW SPXQ SPXPM XSP NANOS VIX VIXW NDX NDXP NQX XND RUT RUTW RUTQ MRUT
    DJX OEX OEXW XEO MNX MXEA MXEF MXACW MXUSA MXWLD HGX OSX PHLX SOX UTY XAU XDA XDB XDC XDE XDN
    XDS XDZ BKX KBW RLG RLV RUI CBTX MBTX SIXB SIXC SIXE SIXI SIXM SIXR SIXRE SIXT SIXU SIXV SIXY
    """.split()  # noqa: SIM905
)
#: Options are named without the dot of a share class: who these are, the name alone cannot tell.
_CLASSES = {
    "BFA": "BF.A", "BFB": "BF.B", "BRKB": "BRK.B", "HEIA": "HEI.A", "JWA": "JW.A", "LENB": "LEN.B",
    "LGFA": "LGF.A", "LGFB": "LGF.B", "MOGA": "MOG.A", "PBRA": "PBR.A", "RDSA": "RDS.A",
    "RDSB": "RDS.B",
}  # fmt: skip
#: A root that ends in a digit is that of an adjusted contract, one that begins with one of a FLEX.
_ROOT = re.compile(r"[A-Z]{1,6}")


@frozen
class Refused:
    """Tickers that are left out, and why."""

    why: str
    tickers: tuple[str, ...]


def ticker_of(symbol: Symbol) -> bytes:
    """A symbol as the files spell it, without what they put before it; of options the root."""
    if symbol.security_type is SecurityType.OPTION:
        return root_of(symbol.ticker).encode()
    return symbol.ticker.encode()


def root_of(underlying: str) -> str:
    """What the names of the options on an underlying begin with."""
    return underlying.replace(".", "")


def is_index_root(underlying: str) -> bool:
    """Whether what is called options on it are options on an index."""
    return underlying in _INDEX_ROOTS


def is_test(ticker: str) -> bool:
    """Whether it is a symbol for tests of an exchange's machines."""
    return bool(_TESTS.fullmatch(ticker))


def symbols_of(
    tickers: Iterable[str], security_type: SecurityType
) -> tuple[list[Symbol], list[Refused]]:
    """The symbols behind tickers, or roots of options, in order; and those that are left out.

    Symbols for tests, and of options adjusted contracts, those that are called FLEX, and those on
    indices, are left out without a word.
    """
    symbols: dict[str, list[Symbol]] = {}
    unheld = []
    for ticker in sorted(set(tickers)):
        if security_type is SecurityType.OPTION:
            if not _ROOT.fullmatch(ticker) or is_index_root(ticker):
                continue
            ticker = _CLASSES.get(ticker, ticker)
        if is_test(ticker):
            continue
        symbol = _symbol(ticker, security_type)
        if symbol is None:
            unheld.append(ticker)
        else:
            symbols.setdefault(symbol.file_ticker, []).append(symbol)
    clashing = [str(one) for same in symbols.values() if len(same) > 1 for one in same]
    refused = [
        Refused("LEAN has no such symbols", tuple(unheld)),
        Refused("they differ only by case, and LEAN's files have none", tuple(clashing)),
    ]
    found = [same[0] for same in symbols.values() if len(same) == 1]
    return found, [one for one in refused if one.tickers]


def _symbol(ticker: str, security_type: SecurityType) -> Symbol | None:
    try:
        symbol = Symbol(ticker, security_type)
    except InvalidRequestError:
        return None
    return symbol if symbol.ticker == ticker else None
