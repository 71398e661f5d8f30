"""Our Device object: what we are and can do, told truly (clause 12.11)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, override

from ..names.property_ids import PropertyId
from ..names.service_names import SERVICES
from ..octets.encoding import Enumerated, ObjectId, encode_primitive
from .encoding import OBJECT_TYPE_NUMBERS, encode_bits
from .models import LocalDeviceFacts
from .properties import property_list
from .refusals import NOT_AN_ARRAY, UNKNOWN_PROPERTY, RefusedError
from .served_object import Readable, element_of

DEVICE_TYPE: Final = 8
MAX_APDU: Final = 1476
MAX_SEGMENTS: Final = 64
VENDOR_ID: Final = 999
MAKER: Final = "Plantroom"
VERSION: Final = "0.1.0"
# The last revision that does not ask for a Network Port object is 16; we have all that
# 14 asks for and nothing that a later one took away
PROTOCOL_REVISION: Final = 14
_PROTOCOL_VERSION: Final = 1
_OBJECT_TYPE_BITS: Final = 55
_SERVICE_BITS: Final = 41
_SEGMENTED_BOTH: Final = 0
_OPERATIONAL: Final = 0
_TIMEOUT_MS: Final = 3000
_SEGMENT_TIMEOUT_MS: Final = 1500
_RETRIES: Final = 3
EXECUTED_SERVICES: Final = (
    "confirmed-cov-notification",
    "confirmed-event-notification",
    "subscribe-cov",
    "read-property",
    "read-property-multiple",
    "write-property",
    "write-property-multiple",
    "i-am",
    "unconfirmed-cov-notification",
    "unconfirmed-event-notification",
    "who-has",
    "who-is",
    "subscribe-cov-property",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceIdentity:
    """What our device is when nobody describes it."""

    instance: int
    name: str


class DeviceObject(Readable):
    """Answers for the device; its lists are asked for when they are read."""

    def __init__(
        self,
        identity: DeviceIdentity,
        object_list: Callable[[], tuple[bytes, ...]],
        subscriptions: Callable[[], bytes],
    ) -> None:
        """Take who we are, and what encodes objects and subscriptions."""
        self.object_id = ObjectId(DEVICE_TYPE, identity.instance)
        self.kept: dict[int, bytes] = {}
        self.facts = LocalDeviceFacts()
        self.revision = 0
        self._identity = identity
        self._subscriptions = subscriptions
        self._arrays: dict[int, Callable[[], tuple[bytes, ...]]] = {
            PropertyId.OBJECT_LIST: object_list,
            PropertyId.PROPERTY_LIST: lambda: property_list(self._all()),
        }

    @property
    def name(self) -> str:
        """Return the device's name."""
        return self.facts.name or self._identity.name

    def describe(self, facts: LocalDeviceFacts) -> None:
        """Take what the device says of itself from now on."""
        self.facts = facts
        self.kept.clear()

    def count_change(self, revision: int) -> None:
        """Take the revision that objects which came or went make."""
        self.revision = revision
        self.kept.pop(PropertyId.OBJECT_LIST, None)
        self.kept.pop(PropertyId.DATABASE_REVISION, None)

    @override
    def value(self, property_id: int) -> bytes:
        known = self.kept.get(property_id)
        if known is not None:
            return known
        if property_id == PropertyId.ACTIVE_COV_SUBSCRIPTIONS:
            return self._subscriptions()
        octets = self._encoded(property_id)
        self.kept[property_id] = octets
        return octets

    @override
    def element(self, property_id: int, index: int) -> bytes:
        elements = self._arrays.get(property_id)
        if elements is None:
            self.value(property_id)
            raise RefusedError(NOT_AN_ARRAY)
        return element_of(elements(), index)

    @override
    def properties(self, *, required: bool | None) -> list[int]:
        return [
            number
            for number in self._all()
            if number != PropertyId.PROPERTY_LIST
            and required in {None, number not in _OPTIONAL}
        ]

    def _all(self) -> list[int]:
        texts = self._texts()
        return [number for number in _ORDER if number not in texts or texts[number]]

    def _texts(self) -> dict[int, str]:
        facts = self.facts
        return {
            PropertyId.OBJECT_NAME: self.name,
            PropertyId.VENDOR_NAME: facts.vendor or MAKER,
            PropertyId.MODEL_NAME: facts.model or MAKER,
            PropertyId.FIRMWARE_REVISION: VERSION,
            PropertyId.APPLICATION_SOFTWARE_VERSION: facts.software or VERSION,
            PropertyId.DESCRIPTION: facts.description,
            PropertyId.LOCATION: facts.location,
        }

    def _encoded(self, property_id: int) -> bytes:
        text = self._texts().get(property_id)
        if text:
            return encode_primitive(text)
        if property_id in self._arrays:
            return b"".join(self._arrays[property_id]())
        if property_id == PropertyId.OBJECT_IDENTIFIER:
            return encode_primitive(self.object_id)
        if property_id == PropertyId.DATABASE_REVISION:
            return encode_primitive(self.revision)
        octets = _CONSTANTS.get(property_id)
        if octets is None:
            raise RefusedError(UNKNOWN_PROPERTY)
        return octets


_CONSTANTS: Final[dict[int, bytes]] = {
    PropertyId.OBJECT_TYPE: encode_primitive(Enumerated(DEVICE_TYPE)),
    PropertyId.SYSTEM_STATUS: encode_primitive(Enumerated(_OPERATIONAL)),
    PropertyId.VENDOR_IDENTIFIER: encode_primitive(VENDOR_ID),
    PropertyId.PROTOCOL_VERSION: encode_primitive(_PROTOCOL_VERSION),
    PropertyId.PROTOCOL_REVISION: encode_primitive(PROTOCOL_REVISION),
    PropertyId.PROTOCOL_SERVICES_SUPPORTED: encode_bits(
        (
            number
            for name in EXECUTED_SERVICES
            if (number := SERVICES.number(name)) is not None
        ),
        _SERVICE_BITS,
    ),
    PropertyId.PROTOCOL_OBJECT_TYPES_SUPPORTED: encode_bits(
        (DEVICE_TYPE, *OBJECT_TYPE_NUMBERS.values()), _OBJECT_TYPE_BITS
    ),
    PropertyId.MAX_APDU_LENGTH_ACCEPTED: encode_primitive(MAX_APDU),
    PropertyId.SEGMENTATION_SUPPORTED: encode_primitive(Enumerated(_SEGMENTED_BOTH)),
    PropertyId.MAX_SEGMENTS_ACCEPTED: encode_primitive(MAX_SEGMENTS),
    PropertyId.APDU_SEGMENT_TIMEOUT: encode_primitive(_SEGMENT_TIMEOUT_MS),
    PropertyId.APDU_TIMEOUT: encode_primitive(_TIMEOUT_MS),
    PropertyId.NUMBER_OF_APDU_RETRIES: encode_primitive(_RETRIES),
    PropertyId.DEVICE_ADDRESS_BINDING: b"",
}

_ORDER: Final = (
    PropertyId.OBJECT_IDENTIFIER,
    PropertyId.OBJECT_NAME,
    PropertyId.OBJECT_TYPE,
    PropertyId.SYSTEM_STATUS,
    PropertyId.VENDOR_NAME,
    PropertyId.VENDOR_IDENTIFIER,
    PropertyId.MODEL_NAME,
    PropertyId.FIRMWARE_REVISION,
    PropertyId.APPLICATION_SOFTWARE_VERSION,
    PropertyId.PROTOCOL_VERSION,
    PropertyId.PROTOCOL_REVISION,
    PropertyId.PROTOCOL_SERVICES_SUPPORTED,
    PropertyId.PROTOCOL_OBJECT_TYPES_SUPPORTED,
    PropertyId.OBJECT_LIST,
    PropertyId.MAX_APDU_LENGTH_ACCEPTED,
    PropertyId.SEGMENTATION_SUPPORTED,
    PropertyId.MAX_SEGMENTS_ACCEPTED,
    PropertyId.APDU_SEGMENT_TIMEOUT,
    PropertyId.APDU_TIMEOUT,
    PropertyId.NUMBER_OF_APDU_RETRIES,
    PropertyId.DEVICE_ADDRESS_BINDING,
    PropertyId.DATABASE_REVISION,
    PropertyId.ACTIVE_COV_SUBSCRIPTIONS,
    PropertyId.DESCRIPTION,
    PropertyId.LOCATION,
    PropertyId.PROPERTY_LIST,
)
_OPTIONAL: Final = frozenset((PropertyId.DESCRIPTION, PropertyId.LOCATION))
