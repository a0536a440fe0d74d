"""What the bucket holds, month by month."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping

from attrs import define, field

from leanfeed_flatfiles.data_types import DataType
from leanfeed_flatfiles.patience import Patience
from leanfeed_flatfiles.store import RemoteObject, Store

__all__ = ["Listing"]


@define(eq=False)
class Listing:
    """Lists each month once, however many ask for its days."""

    store: Store
    patience: Patience
    _months: dict[str, asyncio.Task[dict[dt.date, RemoteObject]]] = field(factory=dict, init=False)

    async def month(self, data_type: DataType, date: dt.date) -> Mapping[dt.date, RemoteObject]:
        """The files of the month of a date, by date.

        Raises:
            SourceError: the server refuses, or cannot be reached.
        """
        prefix = data_type.month(date)
        if prefix not in self._months:
            self._months[prefix] = asyncio.create_task(self._listed(data_type, prefix))
        return await asyncio.shield(self._months[prefix])

    def forget(self, data_type: DataType, date: dt.date) -> None:
        """List the month of a date anew when it is asked for again."""
        self._months.pop(data_type.month(date), None)

    async def _listed(self, data_type: DataType, prefix: str) -> dict[dt.date, RemoteObject]:
        found = await self.patience.asking(
            lambda is_retry: self.store.list(prefix, is_retry=is_retry)
        )
        dated = ((data_type.date_of(key), remote) for key, remote in found.items())
        return {date: remote for date, remote in dated if date is not None}
