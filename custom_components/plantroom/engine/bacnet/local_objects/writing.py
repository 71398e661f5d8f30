"""What clients may write, and the writing of it (clauses 15.9, 15.10 and 19.2)."""

import math
from typing import Final

from ...errors import ConfigurationError, PlantroomError, UnknownTargetError
from ..names.property_ids import PropertyId
from ..octets.encoding import Double, Enumerated, Primitive, Signed, Tagged
from .commanding import LOWEST_PRIORITY, MINIMUM_TIME_PRIORITY
from .encoding import object_octets
from .models import LocalCommand, LocalState, LocalType, LocalValue, ObjectKey
from .objects import LocalObjects
from .refusals import (
    INVALID_DATA_TYPE,
    NOT_AN_ARRAY,
    OPERATIONAL_PROBLEM,
    UNKNOWN_OBJECT,
    VALUE_OUT_OF_RANGE,
    WRITE_ACCESS_DENIED,
    RefusedError,
    WriteFailedError,
)
from .served_device import ServedDevice
from .served_object import ServedObject
from .write_requests import (
    PropertyWrite,
    decode_write_property,
    decode_write_property_multiple,
)

type Done = dict[ObjectKey, LocalState]


class Writing:
    """Commands present values; nothing else of ours is written from the network."""

    def __init__(self, device: ServedDevice, objects: LocalObjects) -> None:
        """Take where objects are found, and commanded."""
        self._device = device
        self._objects = objects

    async def write_property(self, body: bytes, source: str, done: Done) -> None:
        """Do what a request asks, or raise Refusal; done gets what objects show then."""
        await self._write(decode_write_property(body), source, done)

    async def write_property_multiple(
        self, body: bytes, source: str, done: Done
    ) -> None:
        """Write in order until one fails, which the WriteFailedError names.

        What came before it stays written (clause 15.10.2).
        """
        for asked in decode_write_property_multiple(body):
            try:
                await self._write(asked, source, done)
            except RefusedError as err:
                raise WriteFailedError(err.reason, *asked[:3]) from err

    async def _write(self, asked: PropertyWrite, source: str, done: Done) -> None:
        key = self._device.keys.get(object_octets(asked.object_id))
        served = None if key is None else self._device.served(key)
        if key is None or served is None:
            # The Device object is there, and read-only
            self._device.find(asked.object_id).value(asked.property_id)
            raise RefusedError(WRITE_ACCESS_DENIED)
        _check_property(served, asked)
        command = LocalCommand(
            key=key,
            value=_command_value(served, asked),
            priority=_command_priority(served, asked.priority),
            source=source,
        )
        try:
            done[key] = await self._objects.command(command)
        except UnknownTargetError as err:
            raise RefusedError(UNKNOWN_OBJECT) from err
        except ConfigurationError as err:
            raise RefusedError(VALUE_OUT_OF_RANGE) from err
        except PlantroomError as err:
            raise RefusedError(OPERATIONAL_PROBLEM) from err


def check_priority(priority: int | None) -> None:
    """Raise RefusedError for the priority that only minimum times command."""
    if priority == MINIMUM_TIME_PRIORITY:
        raise RefusedError(WRITE_ACCESS_DENIED)


def _check_property(served: ServedObject, asked: PropertyWrite) -> None:
    """Raise RefusedError unless a client may write the property now."""
    served.value(asked.property_id)
    if asked.property_id != PropertyId.PRESENT_VALUE:
        raise RefusedError(WRITE_ACCESS_DENIED)
    if asked.array_index is not None:
        raise RefusedError(NOT_AN_ARRAY)
    # Who works on what is out of service may try values (clause 12, Out_Of_Service)
    if not served.definition.has_priorities and not served.state.flags.out_of_service:
        raise RefusedError(WRITE_ACCESS_DENIED)


def _command_priority(served: ServedObject, priority: int | None) -> int | None:
    if not served.definition.has_priorities:
        return None
    check_priority(priority)
    return LOWEST_PRIORITY if priority is None else priority


def _command_value(served: ServedObject, asked: PropertyWrite) -> LocalValue | None:
    """Return the value in the datatype of the object, None for a release."""
    if len(asked.values) != 1:
        raise RefusedError(INVALID_DATA_TYPE)
    value = asked.values[0]
    if value is None and served.definition.has_priorities:
        return None
    if type(value) is not _DATA_TYPES[served.definition.key.type]:
        raise RefusedError(INVALID_DATA_TYPE)
    return _in_range(value)


def _in_range(value: Primitive | Tagged) -> LocalValue:
    if isinstance(value, Enumerated):
        if value not in {0, 1}:
            raise RefusedError(VALUE_OUT_OF_RANGE)
        return bool(value)
    if isinstance(value, float) and not isinstance(value, Double):
        if not math.isfinite(value):
            raise RefusedError(VALUE_OUT_OF_RANGE)
        return value
    if isinstance(value, int) and not isinstance(value, Signed):
        return value
    raise RefusedError(INVALID_DATA_TYPE)


_DATA_TYPES: Final[dict[LocalType, type]] = {
    kind: float if kind.is_analog else Enumerated if kind.is_binary else int
    for kind in LocalType
}
