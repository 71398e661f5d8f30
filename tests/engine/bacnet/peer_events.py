"""Event notifications as independent stacks put them into octets.

bac-py, but for date and time: that it leaves without their tags (clause 20.2.12), so
they are bacpypes3's.
"""

from typing import Any

from bac_py.services.event_notification import EventNotificationRequest
from bac_py.types.constructed import StatusFlags
from bac_py.types.enums import EventState, EventType, NotifyType, ObjectType
from bac_py.types.primitives import ObjectIdentifier
from bacpypes3.basetypes import DateTime, TimeStamp
from bacpypes3.primitivedata import Date, Time, Unsigned

FAULTY = StatusFlags(in_alarm=True, fault=True)


class Octets:
    """What bac-py takes for a value of its own."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def encode(self) -> bytes:
        return self._octets


def _stamp(**choice: Any) -> bytes:
    return bytes(TimeStamp(**choice).encode().encode().pduData)


NOON = Time((12, 0, 3, 50))
STAMPS = {
    "12:00:03.50": _stamp(time=NOON),
    "#17": _stamp(sequenceNumber=Unsigned(17)),
    "2026-11-21T12:00:03.50": _stamp(
        dateTime=DateTime(date=Date((126, 11, 21, 6)), time=NOON)
    ),
}


def peer_notification(**facts: Any) -> bytes:
    """Return the parameters of a notification: analog-input 3 of device 7 is too high."""
    wanted: dict[str, Any] = {
        "process_identifier": 20556,
        "initiating_device_identifier": ObjectIdentifier(ObjectType.DEVICE, 7),
        "event_object_identifier": ObjectIdentifier(ObjectType.ANALOG_INPUT, 3),
        "time_stamp": Octets(STAMPS["2026-11-21T12:00:03.50"]),
        "notification_class": 15,
        "priority": 100,
        "event_type": EventType.OUT_OF_RANGE,
        "notify_type": NotifyType.ALARM,
        "from_state": EventState.NORMAL,
        "to_state": EventState.HIGH_LIMIT,
        "message_text": "Zu warm",
        "ack_required": True,
    }
    octets: bytes = EventNotificationRequest(**wanted | facts).encode()
    return octets
