"""Our device as it is read: its own object and those of LocalObjects, by their octets."""

import time
from collections.abc import Callable
from typing import Final

from ..octets.encoding import ObjectId
from .device_object import DEVICE_TYPE, DeviceIdentity, DeviceObject
from .encoding import object_id_of_key, object_octets
from .models import ObjectKey
from .objects import LocalObjects
from .refusals import UNKNOWN_OBJECT, RefusedError
from .served_object import Readable, ServedObject

# Whoever does not know our instance may ask for the device by this one (clause 12.11)
ANY_INSTANCE: Final = 4194303


class ServedDevice:
    """Follows LocalObjects; finds an object by the four octets of its identifier."""

    def __init__(
        self,
        identity: DeviceIdentity,
        objects: LocalObjects,
        subscriptions: Callable[[], bytes],
    ) -> None:
        """Take who we are, the objects, and what encodes the subscriptions there are."""
        self.device = DeviceObject(identity, self._object_list, subscriptions)
        self._objects = objects
        self._served: dict[ObjectKey, ServedObject] = {}
        self._list: tuple[bytes, ...] | None = None
        self._unlisten: tuple[Callable[[], None], ...] = ()
        self._device_octets = object_octets(self.device.object_id)
        self.by_octets: dict[bytes, Readable] = {}
        self.keys: dict[bytes, ObjectKey] = {}

    def __len__(self) -> int:
        """Return how many objects there are beside the device."""
        return len(self._served)

    def start(self) -> None:
        """Serve what there is and follow what comes."""
        self.by_octets[self._device_octets] = self.device
        self.by_octets[object_octets(ObjectId(DEVICE_TYPE, ANY_INSTANCE))] = self.device
        # Greater than before we were restarted, whatever changed since
        self.device.count_change(int(time.time()))
        self._describe(None)
        for key in self._objects.keys():  # noqa: SIM118
            self._define(key)
        self._unlisten = (
            self._objects.listen_definitions(self._define),
            self._objects.listen_changes(self._show),
            self._objects.listen_device(self._describe),
        )

    def stop(self) -> None:
        """Follow no more; calling it twice does no harm."""
        for unlisten in self._unlisten:
            unlisten()
        self._unlisten = ()
        self._served.clear()
        self.by_octets.clear()
        self.keys.clear()

    def find(self, object_id: ObjectId) -> Readable:
        """Return an object, or raise RefusedError."""
        found = self.by_octets.get(object_octets(object_id))
        if found is None:
            raise RefusedError(UNKNOWN_OBJECT)
        return found

    def served(self, key: ObjectKey) -> ServedObject | None:
        """Return one of LocalObjects as it is read, None when it is not there."""
        return self._served.get(key)

    def named(self, name: str) -> Readable | None:
        """Return the object of a name, None when there is none."""
        if name == self.device.name:
            return self.device
        key = self._objects.key_of(name)
        return None if key is None else self._served.get(key)

    def name_of(self, readable: Readable) -> str:
        """Return an object's name."""
        if isinstance(readable, ServedObject):
            return readable.definition.name
        return self.device.name

    def _define(self, key: ObjectKey) -> None:
        definition, state = self._objects.definition(key), self._objects.state(key)
        octets = object_octets(object_id_of_key(key))
        known = self._served.get(key)
        if definition is None or state is None:
            if self._served.pop(key, None) is None:
                return
            del self.by_octets[octets], self.keys[octets]
            self._list = None
        elif known is not None:
            if known.definition == definition:
                known.redefine(definition, state)
                return
            known.redefine(definition, state)
        else:
            self._served[key] = self.by_octets[octets] = ServedObject(definition, state)
            self.keys[octets] = key
            self._list = None
        self.device.count_change(self.device.revision + 1)

    def _show(self, key: ObjectKey) -> None:
        served, state = self._served.get(key), self._objects.state(key)
        if served is not None and state is not None:
            served.show(state)

    def _describe(self, _: None) -> None:
        self.device.describe(self._objects.facts)

    def _object_list(self) -> tuple[bytes, ...]:
        if self._list is None:
            ids = [self._device_octets, *self.keys]
            self._list = tuple(b"\xc4" + octets for octets in ids)
        return self._list
