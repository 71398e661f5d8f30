"""One device of the fleet: ten points or so, encoded by hand, values that change with time."""

import struct
import time
from dataclasses import dataclass, field

from . import fleet_codec as codec

ANALOG_INPUT, ANALOG_VALUE, BINARY_INPUT, MULTI_STATE_VALUE, DEVICE = 0, 2, 3, 19, 8
KINDS = (ANALOG_INPUT, ANALOG_INPUT, ANALOG_INPUT, ANALOG_VALUE, BINARY_INPUT)
PRESENT_VALUE, STATUS_FLAGS, PRIORITY_ARRAY, OBJECT_LIST = 85, 111, 87, 76
MAX_APDU = 1476
FIRST_INSTANCE = 100_000
SERVICES = (5, 12, 14, 15, 26, 34)
"""subscribeCOV, readProperty, readPropertyMultiple, writeProperty, iAm, whoIs."""


class PropertyError(Exception):
    """An error answer: (class, code)."""


UNKNOWN_OBJECT, UNKNOWN_PROPERTY = PropertyError(1, 31), PropertyError(2, 32)
BAD_INDEX, WRITE_DENIED = PropertyError(2, 42), PropertyError(2, 40)
INVALID_TYPE, OUT_OF_RANGE = PropertyError(2, 9), PropertyError(2, 37)

type ObjectKey = tuple[int, int]


@dataclass(slots=True)
class FleetDevice:
    """A device at its own loopback address."""

    number: int
    points: int
    forced: dict[ObjectKey, float] = field(default_factory=dict)
    priorities: dict[ObjectKey, dict[int, float]] = field(default_factory=dict)

    @property
    def instance(self) -> int:
        """Return the device instance."""
        return FIRST_INSTANCE + self.number

    @property
    def address(self) -> str:
        """Return the loopback address."""
        return f"127.10.{self.number // 250}.{self.number % 250 + 1}"

    @property
    def objects(self) -> list[ObjectKey]:
        """Return the objects, the device object left out."""
        return [(KINDS[index % len(KINDS)], index + 1) for index in range(self.points)]

    def has(self, key: ObjectKey) -> bool:
        """Tell whether the object exists."""
        kind, instance = key
        if kind == DEVICE:
            return instance == self.instance
        return (
            1 <= instance <= self.points and KINDS[(instance - 1) % len(KINDS)] == kind
        )

    def value(self, key: ObjectKey) -> float:
        """Return the present value now."""
        if slots := self.priorities.get(key):
            return slots[min(slots)]
        if key in self.forced:
            return self.forced[key]
        if key[0] == ANALOG_VALUE:
            return 21.0
        second = int(time.time())
        if key[0] == BINARY_INPUT:
            return float((second // 10 + key[1]) % 2)
        return 20.0 + key[1] + (second + self.number) % 50 / 10

    def read(self, key: ObjectKey, property_id: int, index: int | None) -> bytes:
        """Return the encoded property; raise PropertyError."""
        if not self.has(key):
            raise UNKNOWN_OBJECT
        if property_id == OBJECT_LIST and key[0] == DEVICE:
            return self._object_list(index)
        if property_id == PRIORITY_ARRAY and key[0] == ANALOG_VALUE:
            return self._priority_array(key, index)
        if index is not None:
            raise PropertyError(2, 50)
        encoded = self._encode(key, property_id)
        if encoded is None:
            raise UNKNOWN_PROPERTY
        return encoded

    def properties_of(self, key: ObjectKey) -> tuple[int, ...]:
        """Return what ALL stands for."""
        if key[0] == DEVICE:
            return (*self._device_properties(), OBJECT_LIST)
        extra = (22, 117) if key[0] != BINARY_INPUT else (84,)
        more = (PRIORITY_ARRAY, 104) if key[0] == ANALOG_VALUE else ()
        return (75, 77, 79, 28, PRESENT_VALUE, STATUS_FLAGS, 36, 81, 103, *extra, *more)

    def write(
        self, key: ObjectKey, property_id: int, value: codec.Tag, priority: int
    ) -> None:
        """Command an analog value; raise PropertyError."""
        if not self.has(key):
            raise UNKNOWN_OBJECT
        if property_id != PRESENT_VALUE or key[0] != ANALOG_VALUE:
            raise WRITE_DENIED
        if not 1 <= priority <= 16:
            raise OUT_OF_RANGE
        slots = self.priorities.setdefault(key, {})
        if value.number == 0 and not value.is_context:
            slots.pop(priority, None)
        elif value.number == 4 and len(value.body) == 4:
            slots[priority] = struct.unpack(">f", value.body)[0]
        else:
            raise INVALID_TYPE

    def present_value(self, key: ObjectKey) -> bytes:
        """Return the encoded present value."""
        value = self.value(key)
        if key[0] == BINARY_INPUT:
            return codec.enumerated(int(value))
        return codec.real(value)

    def _encode(self, key: ObjectKey, property_id: int) -> bytes | None:
        if property_id == PRESENT_VALUE and key[0] != DEVICE:
            return self.present_value(key)
        if property_id == STATUS_FLAGS and key[0] != DEVICE:
            return codec.RELIABLE
        if key[0] == DEVICE:
            return self._device_properties().get(property_id)
        return self._point_property(key, property_id)

    def _point_property(self, key: ObjectKey, property_id: int) -> bytes | None:
        kind, instance = key
        if property_id in (22, 117, 104, 84):
            if kind == BINARY_INPUT:
                return codec.enumerated(0) if property_id == 84 else None
            if property_id == 104:
                return codec.real(21.0) if kind == ANALOG_VALUE else None
            return {22: codec.real(0.5), 117: codec.enumerated(62)}.get(property_id)
        common = {
            75: codec.object_id(kind, instance),
            77: codec.text(f"F{self.number:04}.Point{instance:02}"),
            79: codec.enumerated(kind),
            28: codec.text(f"Point {instance} of device {self.instance}"),
            36: codec.enumerated(0),
            81: codec.boolean(False),
            103: codec.enumerated(0),
        }
        return common.get(property_id)

    def _device_properties(self) -> dict[int, bytes]:
        return {
            75: codec.object_id(DEVICE, self.instance),
            77: codec.text(f"Fleet {self.number:04}"),
            79: codec.enumerated(DEVICE),
            28: codec.text("One of many"),
            112: codec.enumerated(0),
            121: codec.text("Fleet Works"),
            120: codec.unsigned(999),
            70: codec.text("FW-10"),
            44: codec.text("1.0"),
            12: codec.text("1.0"),
            98: codec.unsigned(1),
            139: codec.unsigned(22),
            97: codec.bits(SERVICES, 44),
            96: codec.bits((ANALOG_INPUT, ANALOG_VALUE, BINARY_INPUT, DEVICE), 60),
            62: codec.unsigned(MAX_APDU),
            107: codec.enumerated(3),
            11: codec.unsigned(3000),
            73: codec.unsigned(3),
            155: codec.unsigned(1),
        }

    def _object_list(self, index: int | None) -> bytes:
        every = [(DEVICE, self.instance), *self.objects]
        if index is None:
            return b"".join(codec.object_id(*key) for key in every)
        if index == 0:
            return codec.unsigned(len(every))
        if index > len(every):
            raise BAD_INDEX
        return codec.object_id(*every[index - 1])

    def _priority_array(self, key: ObjectKey, index: int | None) -> bytes:
        slots = self.priorities.get(key, {})
        encoded = [
            codec.real(slots[n]) if n in slots else b"\x00" for n in range(1, 17)
        ]
        if index is None:
            return b"".join(encoded)
        if index == 0:
            return codec.unsigned(16)
        if index > 16:
            raise BAD_INDEX
        return encoded[index - 1]
