"""What was affirmed and by whom: a small SQLite file beside the data, which LEAN ignores.

LEAN has no mark for "there was no trading" and none for where a file came from. The files are the
truth: without the ledger everything still works, only empty sessions are asked for again, files
are opened to see whether they are whole, and those that leanfeed wrote count as somebody else's. So
a ledger that is missing, damaged, locked or written by a newer leanfeed is passed over in silence,
and is never believed against a file.

Everything in it is relative to the data folder: it may be moved and copied with it.
"""

from __future__ import annotations

from leanfeed.ledger.entries import Columns, Digest, Entry
from leanfeed.ledger.ingested import Ingested, IngestionLog
from leanfeed.ledger.ledger import FOLDER, Ledger
from leanfeed.ledger.suspicion import suspicious
from leanfeed.ledger.unanswered import Unanswered

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
