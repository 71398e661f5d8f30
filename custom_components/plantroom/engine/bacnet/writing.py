"""WriteProperty and SubscribeCOV as bacpypes3 sends them."""

from typing import Any, override

from bacpypes3.apdu import SubscribeCOVRequest, WritePropertyRequest
from bacpypes3.basetypes import PropertyIdentifier
from bacpypes3.constructeddata import Any as AnyValue
from bacpypes3.primitivedata import (
    CharacterString,
    Double,
    Enumerated,
    Integer,
    Null,
    ObjectIdentifier,
    Real,
    Unsigned,
)

from ..models import PointKind, PointValue
from .addresses import BacnetAddress
from .application import PlantroomApplication
from .change_of_value import PROCESS_ID, Subscriber
from .encoding import ObjectId
from .object_types import OBJECT_TYPES

LARGE_ANALOG_VALUE = 46
INTEGER_VALUE = 45


async def write_present_value(
    app: PlantroomApplication,
    address: BacnetAddress,
    object_id: ObjectId,
    value: PointValue,
    priority: int | None,
) -> None:
    """Write a present value, None relinquishes (clause 15.9); raises DeviceError."""
    request = WritePropertyRequest(
        objectIdentifier=ObjectIdentifier(tuple(object_id)),
        propertyIdentifier=PropertyIdentifier("presentValue"),
        propertyValue=AnyValue(_typed(object_id.object_type, value)),
    )
    if priority is not None:
        request.priority = priority
    await app.ask(request, address)


class CovSubscriber(Subscriber):
    """Subscribes at one device."""

    def __init__(self, app: PlantroomApplication, address: BacnetAddress) -> None:
        """Take our application and where the device is."""
        self._app = app
        self._address = address

    @override
    async def subscribe(self, object_id: ObjectId, lifetime_seconds: int) -> None:
        request = _subscription(object_id)
        request.issueConfirmedNotifications = True
        request.lifetime = lifetime_seconds
        await self._app.ask(request, self._address)

    @override
    async def unsubscribe(self, object_id: ObjectId) -> None:
        await self._app.ask(_subscription(object_id), self._address)


def _subscription(object_id: ObjectId) -> Any:
    return SubscribeCOVRequest(
        subscriberProcessIdentifier=PROCESS_ID,
        monitoredObjectIdentifier=ObjectIdentifier(tuple(object_id)),
    )


def _typed(object_type: int, value: PointValue) -> Any:
    """Return the value in the datatype that the object type's present value has."""
    if value is None:
        return Null(())
    kind = OBJECT_TYPES[object_type].kind
    if kind is PointKind.BINARY:
        return Enumerated(int(bool(value)))
    if kind is PointKind.TEXT:
        return CharacterString(str(value))
    assert not isinstance(value, str)
    if kind is PointKind.ANALOG:
        large = object_type == LARGE_ANALOG_VALUE
        return Double(float(value)) if large else Real(float(value))
    if object_type == INTEGER_VALUE:
        return Integer(int(value))
    return Unsigned(int(value))
