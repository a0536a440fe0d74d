"""What was affirmed and by whom: a small SQLite file beside the data, which LEAN ignores.

LEAN has no mark for "there was no trading" and none for where a file came from. The files are the
truth: without the ledger everything still works, only empty sessions are asked for again, files
are opened to see whether they are whole, and those that leanfeed wrote count as somebody else's. So
a ledger that is missing, damaged, locked or written by a newer leanfeed is passed over in silence,
and is never believed against a file.

Everything in it is relative to the data folder: it may be moved and copied with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leanfeed.ledger.entries import Columns, Digest, Entry
from leanfeed.ledger.ledger import FOLDER, Ledger
from leanfeed.ledger.suspicion import suspicious
from leanfeed.ledger.unanswered import Unanswered

if TYPE_CHECKING:
    from leanfeed.ledger.ingested import Ingested, IngestionLog

__all__ = [
    "FOLDER",
    "Columns",
    "Digest",
    "Entry",
    "Ingested",
    "IngestionLog",
    "Ledger",
    "Unanswered",
    "suspicious",
]


def __getattr__(name: str) -> Any:
    if name in ("Ingested", "IngestionLog"):
        from leanfeed.ledger import ingested  # late: only who takes whole files needs it

        return getattr(ingested, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
