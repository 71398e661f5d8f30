"""How each difficult device is made, by the quirk its table names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bacpypes3.constructeddata import Any as AnyValue
from bacpypes3.errors import ExecutionError
from bacpypes3.local.object import Object as LocalObject
from bacpypes3.object import Object as StandardObject
from bacpypes3.primitivedata import (
    ApplicationTag,
    CharacterString,
    ObjectType,
    Real,
    TagList,
    TagNumber,
    Unsigned,
)

from .application import SimulatedApplication
from .bbmd import BroadcastManagementLink
from .device import SimulatedDevice
from .link import Link, SocketAddress
from .misbehaviour import (
    FiveCovSlots,
    NoReadMultiple,
    RefusesCov,
    RejectsCov,
    SilentCov,
)
from .points import DeviceTable
from .small_apdu import limit_to_128_octets

OBJECT_NAME, DESCRIPTION, PRESENT_VALUE, RESOLUTION = 77, 28, 85, 106
PROPRIETARY_PROPERTY = 5000
PROPRIETARY_TYPE, NEWER_STANDARD_TYPE = 900, 63
SLOW_SECONDS = 2.0
LOSS = 0.5
SHARED_NAME = "Temperature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirk:
    """A way to misbehave: application, wire, and what to do once it runs."""

    application: type[SimulatedApplication] = SimulatedApplication
    prepare: Callable[[SimulatedDevice], None] | None = None
    link: type[Link] = Link

    def make(self, table: DeviceTable, link: Link, seed: int) -> SimulatedDevice:
        """Return the device, not started."""
        return SimulatedDevice(table, link, application=self.application, seed=seed)


class Latin1(CharacterString):
    """A string in ISO 8859-1, character set 5."""

    _encoding = 5


class Ucs2(CharacterString):
    """A string in UCS-2, character set 4."""

    _encoding = 4


class ProprietaryObject(LocalObject, StandardObject):
    """An object of a type that no standard client knows."""

    _required = ("objectIdentifier", "objectName")
    _object_identifier_class = LocalObject._object_identifier_class
    _property_identifier_class = LocalObject._property_identifier_class
    presentValue: Real  # noqa: N815
    description: CharacterString
    notificationClass: Unsigned  # noqa: N815


def _garbage() -> Any:
    return AnyValue(TagList([ApplicationTag(TagNumber.real, b"\x41\xa8\x00")]))


def _refuse_read(device: SimulatedDevice) -> None:
    error = ExecutionError(errorClass="property", errorCode="readAccessDenied")
    device.object("analog-input,2").answer_instead(PRESENT_VALUE, error)


def _send_garbage(device: SimulatedDevice) -> None:
    device.object("analog-input,1").answer_instead(RESOLUTION, _garbage())
    device.object("analog-input,2").answer_instead(PRESENT_VALUE, _garbage())


def _name_in(encoding: type[CharacterString]) -> Callable[[SimulatedDevice], None]:
    def prepare(device: SimulatedDevice) -> None:
        for point in device.table.points:
            found = device.object(point.object_id)
            found.answer_instead(OBJECT_NAME, encoding(point.name))
            found.answer_instead(DESCRIPTION, encoding(point.description))

    return prepare


def _share_a_name(device: SimulatedDevice) -> None:
    for point in device.table.points:
        name = CharacterString(SHARED_NAME)
        device.object(point.object_id).answer_instead(OBJECT_NAME, name)


def _add_unknown_types(device: SimulatedDevice) -> None:
    for number in (PROPRIETARY_TYPE, NEWER_STANDARD_TYPE):
        made = ProprietaryObject(
            objectIdentifier=(ObjectType(number), 1),
            objectName=f"Unknown {number}",
            objectType=ObjectType(number),
            presentValue=12.5,
            description=f"An object of type {number}",
        )
        device.app.add_object(made)
    known = device.object("analog-input,1")
    known.answer_instead(PROPRIETARY_PROPERTY, AnyValue(Unsigned(42).encode()))


def _occupy_priorities(device: SimulatedDevice) -> None:
    device.override("analog-output,1", 5, 75.0)
    device.override("binary-output,1", 1, True)


def _writes(outcome: str) -> Callable[[SimulatedDevice], None]:
    def prepare(device: SimulatedDevice) -> None:
        for point in device.table.points:
            device.object(point.object_id).decide_writes(outcome)

    return prepare


def _answer_late(device: SimulatedDevice) -> None:
    device.link.delay_seconds = SLOW_SECONDS


def _lose_requests(device: SimulatedDevice) -> None:
    device.link.loss = LOSS


def _limit_apdu(device: SimulatedDevice) -> None:
    device.link.edit = limit_to_128_octets


QUIRKS: dict[str, Quirk] = {
    "rejects cov": Quirk(application=RejectsCov),
    "refuses cov": Quirk(application=RefusesCov),
    "five cov slots": Quirk(application=FiveCovSlots),
    "silent cov": Quirk(application=SilentCov),
    "no read multiple": Quirk(application=NoReadMultiple),
    "small apdu": Quirk(prepare=_limit_apdu),
    "refuses a read": Quirk(prepare=_refuse_read),
    "unknown types": Quirk(prepare=_add_unknown_types),
    "garbage value": Quirk(prepare=_send_garbage),
    "latin-1 names": Quirk(prepare=_name_in(Latin1)),
    "ucs-2 names": Quirk(prepare=_name_in(Ucs2)),
    "duplicate names": Quirk(prepare=_share_a_name),
    "restarts": Quirk(),
    "slow": Quirk(prepare=_answer_late),
    "lossy": Quirk(prepare=_lose_requests),
    "overridden": Quirk(prepare=_occupy_priorities),
    "ignores writes": Quirk(prepare=_writes("ignored")),
    "refuses writes": Quirk(prepare=_writes("refused")),
    "bbmd": Quirk(link=BroadcastManagementLink),
    "refuses foreign devices": Quirk(),
    "duplicate instance a": Quirk(),
    "duplicate instance b": Quirk(),
}


def make_link(
    table: DeviceTable,
    address: SocketAddress,
    broadcast: SocketAddress | None,
    seed: int,
) -> Link:
    """Return the wire of a device."""
    quirk = QUIRKS.get(table.quirk)
    return (quirk.link if quirk else Link)(address, broadcast, seed)
