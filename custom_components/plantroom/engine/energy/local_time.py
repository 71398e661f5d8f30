"""The building's own clock, loaded off the loop."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

_LOGGER = logging.getLogger(__name__)


class LocalTime:
    """The time zone of a name that may change."""

    def __init__(self, name: Callable[[], str]) -> None:
        """Take what tells the IANA name now; it is UTC until the first refresh."""
        self.zone: tzinfo = UTC
        self._name = name
        self._known = ""

    async def refresh(self) -> None:
        """Follow the name; a zone that nobody has leaves the one before."""
        name = self._name()
        if name == self._known:
            return
        self._known = name
        try:
            self.zone = await asyncio.to_thread(ZoneInfo, name)
        except (KeyError, ValueError, OSError) as err:
            _LOGGER.warning("There is no time zone %r: %s", name, err)
