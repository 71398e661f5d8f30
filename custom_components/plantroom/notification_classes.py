"""Whom a BACnet device tells of its alarms, read from it for a dialogue."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from .client import EngineClient
from .engine.errors import DeviceRefusedError
from .engine.requests import ReadPropertyRequest

MOST_CLASSES: Final = 100
_CLASS: Final = re.compile(r"notification-class,(\d+)")
# A recipient is seven elements (BACnetDestination, clause 21): whom is the fourth
_PARTS: Final = 7
_RECIPIENT: Final = 3
_DEVICE: Final = 0
_INSTANCE: Final = 0x3FFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationClass:
    """A Notification Class with its present recipients.

    devices: instances of those that are told as devices. addresses: how many are told
    by their address. readable: False when the device does not show its list.
    """

    number: int
    name: str
    devices: tuple[int, ...] = ()
    addresses: int = 0
    readable: bool = True


async def read_notification_classes(
    client: EngineClient, device_id: str
) -> list[NotificationClass]:
    """Return the classes that a device has, at most 100; raises PlantroomError."""
    instance = device_id.rpartition(":")[2]
    listed = await _read(client, device_id, f"device,{instance}", "object-list")
    numbers = sorted(_numbers(listed if isinstance(listed, list) else ()))
    return [
        await _read_class(client, device_id, number)
        for number in numbers[:MOST_CLASSES]
    ]


async def _read_class(
    client: EngineClient, device_id: str, number: int
) -> NotificationClass:
    reference = f"notification-class,{number}"
    try:
        name = str(await _read(client, device_id, reference, "object-name"))
    except DeviceRefusedError:
        name = ""
    try:
        listed = await _read(client, device_id, reference, "recipient-list")
    except DeviceRefusedError:
        return NotificationClass(number=number, name=name, readable=False)
    recipients = [*_recipients(listed if isinstance(listed, list) else [])]
    devices = [each for each in recipients if each is not None]
    return NotificationClass(
        number=number,
        name=name,
        devices=tuple(dict.fromkeys(devices)),
        addresses=len(recipients) - len(devices),
    )


async def _read(
    client: EngineClient, device_id: str, reference: str, property_name: str
) -> Any:
    answer = await client.read_property(
        ReadPropertyRequest(
            device_id=device_id, reference=reference, property_name=property_name
        )
    )
    return answer.value


def _numbers(objects: Iterable[object]) -> Iterator[int]:
    for each in objects:
        if found := _CLASS.fullmatch(str(each)):
            yield int(found[1])


def _recipients(elements: list[Any]) -> Iterator[int | None]:
    """Yield the device instance of each recipient, None for one that is an address."""
    for start in range(0, len(elements) - _PARTS + 1, _PARTS):
        yield _device_of(elements[start + _RECIPIENT])


def _device_of(recipient: Any) -> int | None:
    match recipient:
        case [{"tag": int(tag), "value": str(octets)}] if tag == _DEVICE:
            try:
                return int(octets, 16) & _INSTANCE
            except ValueError:
                return None
    return None
