"""The catalogue: every kind of fault that a server can commit and a client can notice.

What no single answer can betray is not in it: rows left out while the counts agree, and bars that
are wrong but plausible.
"""

from __future__ import annotations

from tests.polygon.faults.bodies import BODIES
from tests.polygon.faults.connections import CONNECTIONS
from tests.polygon.faults.echoes import ECHOES
from tests.polygon.faults.next_urls import NEXT_URLS
from tests.polygon.faults.refusals import REFUSALS
from tests.polygon.faults.rows import ROWS

__all__ = ["BY_NAME", "CATALOGUE"]

CATALOGUE = (*CONNECTIONS, *BODIES, *ROWS, *REFUSALS, *NEXT_URLS, *ECHOES)
BY_NAME = {kind.name: kind for kind in CATALOGUE}
