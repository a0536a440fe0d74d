"""Every symbol of a window, as the daily flat files of it name them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from leanfeed.errors import ContractError, SourceError
from leanfeed.events import SourceWarned, announce
from leanfeed.kernel.tables import Names
from leanfeed.values import Resolution, SecurityType, Symbol
from leanfeed_flatfiles.chains import root_in
from leanfeed_flatfiles.data_types import DataType
from leanfeed_flatfiles.downloads import Downloaded, Downloading
from leanfeed_flatfiles.failures import absent, summary
from leanfeed_flatfiles.tables import read_table
from leanfeed_flatfiles.tickers import PREFIXES, Refused, symbols_of

__all__ = ["universe"]

#: Names in one sentence.
_MOST = 8


def universe(
    security_type: SecurityType, dates: Sequence[dt.date], downloads: Downloading, *, source: str
) -> Sequence[Symbol]:
    """The symbols in the daily files of some dates, sorted. Files that are not there are left out.

    Args:
        security_type: what the symbols are; there are files of it.
        dates: trading days, oldest first.
        downloads: brings the files.
        source: the source's name, for what it says.

    Raises:
        SourceError: there is not one file that can be read.
    """
    data_type = DataType.of(security_type, Resolution.DAILY)
    if data_type is None:
        return ()
    names: set[bytes] = set()
    failures: list[SourceError] = []
    for found in downloads.download(data_type, dates):
        if not isinstance(found, Downloaded):
            failures.append(absent(found))
            continue
        try:
            names |= _names(found)
        except ContractError as error:
            failures.append(error)
    if failures and not names:
        whole = summary(failures)
        raise type(whole)(f"Which symbols there are stands in the daily files. {whole}")
    symbols, refused = symbols_of(_tickers(names, security_type), security_type)
    for one in refused:
        announce(SourceWarned(source, _sentence(one)))
    return symbols


def _names(file: Downloaded) -> set[bytes]:
    table = read_table(file.path, (), Names.of(None), name=file.key)
    return {name for name, _ in table.runs}


def _tickers(names: set[bytes], security_type: SecurityType) -> set[str]:
    prefix = PREFIXES[security_type]
    if security_type is SecurityType.OPTION:
        return {root for name in names if (root := root_in(name))}
    return {
        name.removeprefix(prefix).decode("utf-8", "backslashreplace")
        for name in names
        if name.startswith(prefix)
    }


def _sentence(refused: Refused) -> str:
    tickers = refused.tickers
    more = f" and {len(tickers) - _MOST} more" if len(tickers) > _MOST else ""
    return f"{', '.join(tickers[:_MOST])}{more} left out: {refused.why}."
