"""What `leanfeed doctor` tells of flat files: the library, the keys, and whether they are taken."""

from __future__ import annotations

from collections.abc import Iterator

from leanfeed import clock
from leanfeed.errors import SourceError
from leanfeed.interfaces import Finding
from leanfeed_flatfiles.data_types import DataType
from leanfeed_flatfiles.loops import result_of
from leanfeed_flatfiles.store import Store

__all__ = ["server_found"]


def server_found(store: Store) -> Iterator[Finding]:
    """Whether the server takes the keys: the newest month is listed, and nothing downloaded."""
    kind = DataType.STOCKS_DAILY
    try:
        found = result_of(store.list(kind.month(clock.now().date())))
    except SourceError as error:
        yield Finding("flat files", False, str(error))
    else:
        said = f"{store.endpoint} takes the keys, and lists {len(found)} files of this month"
        yield Finding("flat files", True, said)
