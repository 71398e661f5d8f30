"""Unasked messages we take straight from the datagram: I-Am, COV and event notifications."""

import logging
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from ..octets.encoding import (
    Element,
    Enumerated,
    ObjectId,
    Primitive,
    Tagged,
    decode_values,
    walk,
)
from ..octets.event_notifications import (
    EventNotification,
    decode_event_notification,
)
from ..octets.network_layer import Endpoint, locate_apdu, network_header, unicast_frame
from ..octets.tags import MalformedFrameError
from ..who_is import IAm
from .addresses import BacnetAddress

_LOGGER = logging.getLogger(__name__)

UNCONFIRMED_REQUEST = 0x10
CONFIRMED_REQUEST = 0x00
SEGMENTED = 0x08
SIMPLE_ACK = 0x20
I_AM = 0
UNCONFIRMED_COV = 2
CONFIRMED_COV = 1
UNCONFIRMED_EVENT = 3
CONFIRMED_EVENT = 2
DEVICE_TYPE = 8
MAX_UNSIGNED_OCTETS = 4
# Clause 12.11: Max_APDU_Length_Accepted
LEAST_MAX_APDU = 50


class CovNotification(NamedTuple):
    """A change of value: who says it of which object; values by property id."""

    source: BacnetAddress
    process_id: int
    object_id: ObjectId
    values: dict[int, tuple[Primitive, ...]]


type EventTaker = Callable[[EventNotification, Callable[[], None]], bool]


def leave_event(_heard: EventNotification, _confirm: Callable[[], None]) -> bool:
    """Take no event notification: nobody wants to hear of any."""
    return False


class Notifications:
    """Takes I-Am, COV and event notifications from datagrams; all others go on."""

    def __init__(
        self,
        send: Callable[[bytes, Endpoint], None],
        on_i_am: Callable[[IAm], None],
        on_change: Callable[[CovNotification], bool],
        on_event: EventTaker = leave_event,
    ) -> None:
        """Take where to send acknowledgements and who hears.

        on_change and on_event return False for a notification that nobody wants; a
        confirmed one is then left to bacpypes3, which refuses it. on_event is given
        what confirms, to be called once the event cannot be lost any more.
        """
        self._send = send
        self._on_i_am = on_i_am
        self._on_change = on_change
        self._on_event = on_event

    def take(self, data: bytes, addr: Endpoint) -> bool:
        """Return whether the datagram was one of ours."""
        located = locate_apdu(data, addr)
        if located is None:
            return False
        endpoint, specifier, start = located
        kind = data[start] & 0xF0
        if kind not in (UNCONFIRMED_REQUEST, CONFIRMED_REQUEST):
            return False
        try:
            source = BacnetAddress.of_sender(endpoint, specifier)
            if kind == UNCONFIRMED_REQUEST:
                return self._unconfirmed(data, start, source)
            return self._confirmed(data, start, source)
        except (MalformedFrameError, ValueError) as err:
            _LOGGER.debug("Malformed notification from %s: %s", endpoint, err)
            return True

    def _unconfirmed(self, data: bytes, start: int, source: BacnetAddress) -> bool:
        service = data[start + 1]
        body = data[start + 2 :]
        if service == I_AM:
            self._on_i_am(_decode_i_am(body, source))
            return True
        if service == UNCONFIRMED_COV:
            self._on_change(_decode_cov(body, source))
            return True
        if service == UNCONFIRMED_EVENT:
            self._on_event(decode_event_notification(body), _nothing)
            return True
        return False

    def _confirmed(self, data: bytes, start: int, source: BacnetAddress) -> bool:
        header = data[start : start + 4]
        if len(header) < 4 or header[0] & SEGMENTED:
            return False
        body, invoke_id, service = data[start + 4 :], header[2], header[3]
        if service == CONFIRMED_COV:
            taken = self._on_change(_decode_cov(body, source))
            if taken:
                self._acknowledge(source, invoke_id, service)
            return taken
        if service == CONFIRMED_EVENT:
            confirm = partial(self._acknowledge, source, invoke_id, service)
            return self._confirmed_event(body, confirm)
        return False

    def _confirmed_event(self, body: bytes, confirm: Callable[[], None]) -> bool:
        try:
            heard = decode_event_notification(body)
        except MalformedFrameError:
            # bacpypes3 says what it thinks of it, lest the device repeat it
            return False
        return self._on_event(heard, confirm)

    def _acknowledge(self, source: BacnetAddress, invoke_id: int, service: int) -> None:
        target = source.target(0)
        header = network_header(target, expecting_reply=False)
        acknowledgement = bytes((SIMPLE_ACK, invoke_id, service))
        self._send(unicast_frame(header + acknowledgement), target.addr)


def _nothing() -> None:
    """Confirm what needs no confirmation."""


def _decode_i_am(body: bytes, source: BacnetAddress) -> IAm:
    values = decode_values(body, 0, len(body))
    if len(values) != 4:
        raise MalformedFrameError("an I-Am has four parameters")
    device, max_apdu, segmentation, vendor_id = values
    if (
        not isinstance(device, ObjectId)
        or device.object_type != DEVICE_TYPE
        or not isinstance(max_apdu, int)
        or max_apdu < LEAST_MAX_APDU
        or not isinstance(segmentation, Enumerated)
        or not isinstance(vendor_id, int)
    ):
        raise MalformedFrameError("an I-Am has other parameters")
    return IAm(
        instance=device.instance,
        address=str(source),
        max_apdu=max_apdu,
        segmentation=int(segmentation),
        vendor_id=vendor_id,
    )


def _decode_cov(body: bytes, source: BacnetAddress) -> CovNotification:
    """Decode the parameters both COV services share (clause 13.6)."""
    elements = walk(body)
    process_id = _unsigned(elements, 0)
    object_number = _unsigned(elements, 2)
    values: dict[int, tuple[Primitive, ...]] = {}
    property_id: int | None = None
    for element in _content(elements, 4):
        if not isinstance(element, Tagged):
            raise MalformedFrameError("a property is not tagged")
        if element.tag == 0 and isinstance(element.content, bytes):
            property_id = int.from_bytes(element.content)
        elif element.tag == 2 and property_id is not None:
            if not isinstance(element.content, tuple):
                raise MalformedFrameError("a value is not constructed")
            values[property_id] = tuple(
                item for item in element.content if not isinstance(item, Tagged)
            )
            property_id = None
    return CovNotification(
        source=source,
        process_id=process_id,
        object_id=ObjectId(object_number >> 22, object_number & 0x3FFFFF),
        values=values,
    )


def _content(elements: tuple[Element, ...], tag: int) -> tuple[Element, ...]:
    for element in elements:
        if isinstance(element, Tagged) and element.tag == tag:
            if isinstance(element.content, tuple):
                return element.content
            # An empty list is primitive to nobody; a value here is malformed
            break
    raise MalformedFrameError(f"parameter {tag} is missing")


def _unsigned(elements: tuple[Element, ...], tag: int) -> int:
    for element in elements:
        if (
            isinstance(element, Tagged)
            and element.tag == tag
            and isinstance(element.content, bytes)
            and 0 < len(element.content) <= MAX_UNSIGNED_OCTETS
        ):
            return int.from_bytes(element.content)
    raise MalformedFrameError(f"parameter {tag} is missing")
