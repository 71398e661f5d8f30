"""What people call a device's objects that have events and are no points of ours."""

from collections.abc import Iterable
from typing import Final

from .description.object_names import clean_text
from .names.property_ids import PropertyId
from .octets.encoding import ObjectId
from .octets.rpm import PropertyRef
from .session import DeviceSession

MOST_NAMES: Final = 5000
READ_AT_ONCE: Final = 50


class EventObjectNames:
    """Names of event enrollments and their like, each read once."""

    def __init__(self) -> None:
        """Know none."""
        self._names: dict[ObjectId, str] = {}

    def of(self, event_object: ObjectId) -> str:
        """Return an object's name, "" while that is not known."""
        return self._names.get(event_object, "")

    def asked(self, event_object: ObjectId) -> bool:
        """Return whether an object was asked for its name, or is one too many."""
        return event_object in self._names or len(self._names) >= MOST_NAMES

    async def read(
        self, session: DeviceSession, event_objects: Iterable[ObjectId]
    ) -> None:
        """Ask for names that were not asked for yet; raises DeviceOfflineError."""
        fresh = [each for each in event_objects if each not in self._names]
        del fresh[max(0, MOST_NAMES - len(self._names)) :]
        for first in range(0, len(fresh), READ_AT_ONCE):
            part = fresh[first : first + READ_AT_ONCE]
            refs = [PropertyRef(*each, PropertyId.OBJECT_NAME) for each in part]
            for each, result in zip(part, await session.reader.read(refs), strict=True):
                name = result.values[0] if result.values else ""
                self._names[each] = clean_text(name) if isinstance(name, str) else ""
