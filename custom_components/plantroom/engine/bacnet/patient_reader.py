"""Reads all that can be read of a device, even where single objects never answer."""

import logging
from collections.abc import Sequence
from typing import Final, Protocol

from ..errors import DeviceOfflineError, MalformedReplyError
from .encoding import Primitive
from .rpm import PropertyRef, PropertyResult

_LOGGER = logging.getLogger(__name__)

NO_ANSWER: Final = "no-answer"
"""The error of a property that the device falls silent on; our own word."""

MOST_SILENT_OBJECTS: Final = 10


class PropertySource(Protocol):
    """What surveys and descriptions need of a PropertyReader."""

    async def read(self, refs: Sequence[PropertyRef]) -> list[PropertyResult]:
        """Return a result for each reference; raises DeviceOfflineError."""

    async def read_array(
        self, object_type: int, instance: int, property_id: int
    ) -> list[Primitive]:
        """Return all elements of an array property; raises DeviceError."""


class PatientReader:
    """Narrows silence down to the object that causes it, while the device lives.

    A batch without an answer does not prove the device offline: an odd object can
    make it drop a request. alive: a property that every device has.
    """

    def __init__(self, source: PropertySource, alive: PropertyRef) -> None:
        """Take what reads, and the property that proves the device there."""
        self._source = source
        self._alive = alive
        self._silent_objects = 0

    async def read(self, refs: Sequence[PropertyRef]) -> list[PropertyResult]:
        """Return a result for each reference, NO_ANSWER for an object that is silent.

        Raises DeviceOfflineError when the device itself is, or when too many of its
        objects are silent to go on.
        """
        try:
            return await self._source.read(refs)
        except (DeviceOfflineError, MalformedReplyError) as err:
            await self._require_alive(err)
        objects = list(dict.fromkeys(ref[:2] for ref in refs))
        if len(objects) == 1:
            return self._silence(refs)
        first_half = set(objects[: len(objects) // 2])
        first = await self.read([ref for ref in refs if ref[:2] in first_half])
        second = await self.read([ref for ref in refs if ref[:2] not in first_half])
        results = {result.ref: result for result in (*first, *second)}
        return [results.get(ref) or PropertyResult(ref, (), NO_ANSWER) for ref in refs]

    async def _require_alive(self, cause: Exception) -> None:
        """Raise the cause once more if the device is gone or hopeless."""
        if self._silent_objects >= MOST_SILENT_OBJECTS:
            raise cause
        await self._source.read([self._alive])

    def _silence(self, refs: Sequence[PropertyRef]) -> list[PropertyResult]:
        self._silent_objects += 1
        _LOGGER.debug("Object %s of %s never answers", refs[0][:2], self._alive[:2])
        return [PropertyResult(ref, (), NO_ANSWER) for ref in refs]
