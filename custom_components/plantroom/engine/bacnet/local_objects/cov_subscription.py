"""One subscription: what it last told, whether that is news now, and its octets."""

import math
from collections.abc import Iterable
from typing import Final, NamedTuple

from ..names.property_ids import PropertyId
from ..octets.encoding import ObjectId, encode_context, encode_primitive
from ..octets.network_layer import (
    Target,
    network_header,
    unicast_frame,
)
from ..wire.addresses import BacnetAddress
from .cov_requests import PLAIN, CovRequest, is_present_value
from .models import ObjectKey
from .served_object import ServedObject

UNCONFIRMED_COV: Final = b"\x10\x02"
_PRESENT_VALUE: Final = int(PropertyId.PRESENT_VALUE)
_STATUS_FLAGS: Final = int(PropertyId.STATUS_FLAGS)
_MOST_MAX_APDU: Final = 1476


class SubscriptionKey(NamedTuple):
    """Who is told what: a subscription that comes again replaces the one before."""

    address: BacnetAddress
    process_id: int
    object_id: ObjectId
    property_id: int
    array_index: int | None


class CovSubscription:
    """A client's wish to be told of an object; the server of COV keeps the clocks."""

    __slots__ = (
        "_head",
        "_link_header",
        "_told",
        "_told_number",
        "expires_at",
        "is_sending",
        "key",
        "request",
        "silent_since",
        "subject",
        "target",
    )

    def __init__(
        self,
        key: SubscriptionKey,
        request: CovRequest,
        subject: ObjectKey,
        device: ObjectId,
        expires_at: float | None,
    ) -> None:
        """Take who wants what of which object, who we are, and until when (loop time)."""
        self.key = key
        self.subject = subject
        self.request = request
        self.expires_at = expires_at
        self.target: Target = key.address.target(_MOST_MAX_APDU)
        self.is_sending = False
        self.silent_since: float | None = None
        self._told: bytes | None = None
        self._told_number = math.nan
        self._head = (
            encode_context(0, key.process_id)
            + encode_context(1, device)
            + encode_context(2, key.object_id)
        )
        self._link_header = network_header(self.target, expecting_reply=False)

    def seconds_left(self, now: float) -> int:
        """Return the lifetime that is left, 1 at least, 0 for ever."""
        if self.expires_at is None:
            return 0
        return max(1, round(self.expires_at - now))

    def is_news(self, served: ServedObject) -> bool:
        """Return whether what an object shows is to be told (clause 13.1)."""
        told = self._told
        if told is None:
            return True
        # Value and flags in one: neither changed, as in most cases
        shown = self._shown(served)
        if shown == told:
            return False
        value = served.state.value
        if not isinstance(value, float) or not is_present_value(self.key.property_id):
            return True
        if served.value(_STATUS_FLAGS) != told[-_FLAGS_OCTETS:]:
            return True
        increment = self.request.increment
        if increment is None:
            increment = served.definition.cov_increment or 0.0
        # Not a number is further than any increment, from and to
        return not abs(value - self._told_number) < increment

    def tell(self, served: ServedObject, now: float) -> bytes:
        """Return the service data that tells what an object shows; it is told then."""
        self._told = self._shown(served)
        value = served.state.value
        self._told_number = value if isinstance(value, float) else math.nan
        left = encode_context(3, self.seconds_left(now))
        return b"%b%b\x4e%b\x4f" % (self._head, left, self._values(served))

    def forget_told(self) -> None:
        """Take what was told last as not heard."""
        self._told = None

    def frame(self, data: bytes) -> bytes:
        """Return the datagram of an unconfirmed notification."""
        return unicast_frame(self._link_header + UNCONFIRMED_COV + data)

    def _values(self, served: ServedObject) -> bytes:
        flags = served.value(_STATUS_FLAGS)
        property_id = self.key.property_id
        if property_id in {PLAIN, _PRESENT_VALUE}:
            value = served.value(_PRESENT_VALUE)
            return b"\x09\x55\x2e%b\x2f\x09\x6f\x2e%b\x2f" % (value, flags)
        reference = encode_context(0, property_id)
        if self.key.array_index is not None:
            reference += encode_context(1, self.key.array_index)
        value = self._monitored(served)
        own = b"%b\x2e%b\x2f" % (reference, value)
        if property_id == _STATUS_FLAGS:
            return own
        return b"%b\x09\x6f\x2e%b\x2f" % (own, flags)

    def _shown(self, served: ServedObject) -> bytes:
        return self._monitored(served) + served.value(_STATUS_FLAGS)

    def _monitored(self, served: ServedObject) -> bytes:
        property_id, index = self.key.property_id, self.key.array_index
        if property_id == PLAIN:
            return served.value(_PRESENT_VALUE)
        if index is None:
            return served.value(property_id)
        return served.element(property_id, index)


_FLAGS_OCTETS: Final = 3


def encode_subscriptions(subscriptions: Iterable[CovSubscription], now: float) -> bytes:
    """Return the list that Active_COV_Subscriptions is (clause 12.11)."""
    return b"".join(_encode_subscription(each, now) for each in subscriptions)


def _encode_subscription(subscription: CovSubscription, now: float) -> bytes:
    key, request = subscription.key, subscription.request
    monitored = encode_context(0, key.object_id) + encode_context(
        1, _PRESENT_VALUE if key.property_id == PLAIN else key.property_id
    )
    if key.array_index is not None:
        monitored += encode_context(2, key.array_index)
    tail = encode_context(2, request.confirmed) + encode_context(
        3, subscription.seconds_left(now)
    )
    if request.increment is not None:
        tail += encode_context(4, request.increment)
    recipient = b"\x0e\x1e%b\x1f\x0f" % _encode_address(key.address)
    process = b"\x0e%b%b\x0f" % (recipient, encode_context(1, key.process_id))
    return b"%b\x1e%b\x1f%b" % (process, monitored, tail)


def _encode_address(address: BacnetAddress) -> bytes:
    """Return BACnetAddress: network 0 for ours, and the MAC on it."""
    target = address.target(0)
    mac = address.mac
    if address.network is None:
        mac = address.octets
    network = encode_primitive(target.network or 0)
    return network + encode_primitive(mac)
