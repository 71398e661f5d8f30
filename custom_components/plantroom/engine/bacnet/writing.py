"""WriteProperty and SubscribeCOV in octets (clauses 15.9 and 13.14)."""

from typing import Final, override

from ..errors import WriteRefusedError
from ..models import PointKind, PointValue
from .change_of_value import PROCESS_ID, Subscriber
from .description.object_types import OBJECT_TYPES
from .octets.encoding import (
    Double,
    Enumerated,
    ObjectId,
    Primitive,
    Signed,
    encode_context,
    encode_primitive,
)
from .octets.tags import encode_brackets
from .reading.confirmed_requests import ConfirmedRequests, Target

SUBSCRIBE_COV: Final = 5
WRITE_PROPERTY: Final = 15
PRESENT_VALUE: Final = 85
_VALUE_TAG: Final = 3
_LARGE_ANALOG_VALUE: Final = 46
_INTEGER_VALUE: Final = 45


async def write_present_value(
    requests: ConfirmedRequests,
    target: Target,
    object_id: ObjectId,
    value: PointValue,
    priority: int | None,
) -> None:
    """Write a present value, ahead of waiting reads; None relinquishes.

    Raises DeviceOfflineError, DeviceRefusedError, MalformedReplyError, and
    WriteRefusedError for a value that its datatype cannot hold.
    """
    opening, closing = encode_brackets(_VALUE_TAG)
    try:
        encoded = encode_primitive(_typed(object_id.object_type, value))
    except (OverflowError, ValueError) as err:
        raise WriteRefusedError(
            f"{value!r} does not fit the datatype of {object_id}",
            reason="invalid_value",
            value=str(value),
        ) from err
    data = (
        encode_context(0, object_id)
        + encode_context(1, PRESENT_VALUE)
        + opening
        + encoded
        + closing
    )
    if priority is not None:
        data += encode_context(4, priority)
    await requests.request(target, WRITE_PROPERTY, data, urgent=True)


class CovSubscriber(Subscriber):
    """Subscribes at one device."""

    def __init__(self, requests: ConfirmedRequests, target: Target) -> None:
        """Take the socket's requests and the device."""
        self._requests = requests
        self._target = target

    @override
    async def subscribe(self, object_id: ObjectId, lifetime_seconds: int) -> None:
        confirmed = encode_context(2, True) + encode_context(3, lifetime_seconds)
        data = _subscription(object_id) + confirmed
        await self._requests.request(self._target, SUBSCRIBE_COV, data)

    @override
    async def unsubscribe(self, object_id: ObjectId) -> None:
        data = _subscription(object_id)
        await self._requests.request(self._target, SUBSCRIBE_COV, data, retries=0)


def _subscription(object_id: ObjectId) -> bytes:
    return encode_context(0, PROCESS_ID) + encode_context(1, object_id)


def _typed(object_type: int, value: PointValue) -> Primitive:
    """Return the value in the datatype that the object type's present value has.

    Raises ValueError or OverflowError where it has no such value.
    """
    kind = OBJECT_TYPES[object_type].kind
    if value is None or isinstance(value, str):
        return value
    if kind is PointKind.BINARY:
        return Enumerated(bool(value))
    if kind is PointKind.ANALOG:
        large = object_type == _LARGE_ANALOG_VALUE
        return Double(value) if large else float(value)
    if object_type == _INTEGER_VALUE:
        return Signed(value)
    if value < 0:
        raise ValueError("the datatype is unsigned")
    return int(value)
