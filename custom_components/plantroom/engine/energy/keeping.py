"""Keeps what meters counted; what could not be kept is tried again."""

import asyncio
import logging
from collections.abc import Collection, Container, Iterable, Mapping

from ..errors import StorageError
from ..storage.meters import MeterStore

_LOGGER = logging.getLogger(__name__)


class MeterKeeper:
    """Records of meters by point id, on their way to the database."""

    def __init__(self, store: MeterStore) -> None:
        """Take the store."""
        self.kept: dict[str, str] = {}
        self._store = store
        self._unsaved: dict[str, str] = {}
        self._saving = asyncio.Lock()
        self._failed = False

    async def load(self) -> None:
        """Know what was kept before; raises StorageError."""
        self.kept = await self._store.load()

    def take(self, records: Iterable[tuple[str, str]]) -> None:
        """Take what has to be kept from now on."""
        fresh = dict(records)
        self.kept.update(fresh)
        self._unsaved.update(fresh)

    async def save(self, devices: Container[str]) -> None:
        """Keep what was taken of these devices before returning; failing is logged."""
        async with self._saving:
            records, self._unsaved = self._unsaved, {}
            mine = {
                point_id: record
                for point_id, record in records.items()
                if point_id.rpartition(":")[0] in devices
            }
            if not mine:
                return
            try:
                await self._store.save(mine)
            except StorageError as err:
                self._unsaved = mine | self._unsaved
                if not self._failed:
                    _LOGGER.warning("What meters counted cannot be kept: %s", err)
                self._failed = True
                return
            if self._failed:
                _LOGGER.warning("What meters counted is kept again")
            self._failed = False

    async def adopt(self, records: Mapping[str, str]) -> None:
        """Keep what was counted elsewhere before returning; raises StorageError."""
        async with self._saving:
            await self._store.save(records)
        self.kept.update(records)

    async def keep_only(self, device_ids: Collection[str]) -> None:
        """Forget the meters of every device but these; raises StorageError."""
        self.kept = {
            point_id: record
            for point_id, record in self.kept.items()
            if point_id.rpartition(":")[0] in device_ids
        }
        await self._store.keep_only(device_ids)
