"""Devices nobody asked for: each is described and told of once."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from ..errors import DeviceError
from ..models import FoundDevice
from .discovery import ReaderFor, describe_found
from .who_is import IAm

_LOGGER = logging.getLogger(__name__)

# Strangers told of in a session, and waiting to be described; more are noise
MOST_SEEN: Final = 2000
MOST_WAITING: Final = 256


class Newcomers:
    """Asks strangers for name and model, one at a time, and tells of them."""

    def __init__(
        self,
        network_id: str,
        reader_for: ReaderFor,
        tell: Callable[[FoundDevice], None],
    ) -> None:
        """Take who reads from a device and who hears of it."""
        self._network_id = network_id
        self._reader_for = reader_for
        self._tell = tell
        self._seen: set[int] = set()
        self._waiting: asyncio.Queue[IAm] = asyncio.Queue(MOST_WAITING)

    def heard(self, i_am: IAm) -> None:
        """Take the I-Am of a device that is not configured."""
        if i_am.instance in self._seen or len(self._seen) >= MOST_SEEN:
            return
        if not self._waiting.full():
            self._seen.add(i_am.instance)
            self._waiting.put_nowait(i_am)

    async def run(self) -> None:
        """Describe and tell of one after the other, for ever."""
        while True:
            i_am = await self._waiting.get()
            found = FoundDevice(
                network_id=self._network_id,
                instance=i_am.instance,
                address=i_am.address,
                vendor_id=i_am.vendor_id,
            )
            try:
                found = await describe_found(found, self._reader_for(i_am))
            except DeviceError as err:
                _LOGGER.debug("Device %s stays a number: %s", i_am.instance, err)
            self._tell(found)
