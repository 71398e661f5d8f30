"""Unasked messages we take straight from the datagram: I-Am and COV notifications."""

import logging
from collections.abc import Callable
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


class Notifications:
    """Takes I-Am and COV notifications from datagrams; all others go on."""

    def __init__(
        self,
        send: Callable[[bytes, Endpoint], None],
        on_i_am: Callable[[IAm], None],
        on_change: Callable[[CovNotification], bool],
    ) -> None:
        """Take where to send acknowledgements and who hears.

        on_change returns False for a notification nobody subscribed to; a confirmed
        one is then left to bacpypes3, which refuses it.
        """
        self._send = send
        self._on_i_am = on_i_am
        self._on_change = on_change

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
        return False

    def _confirmed(self, data: bytes, start: int, source: BacnetAddress) -> bool:
        header = data[start : start + 4]
        if len(header) < 4 or header[0] & SEGMENTED or header[3] != CONFIRMED_COV:
            return False
        if not self._on_change(_decode_cov(data[start + 4 :], source)):
            return False
        target = source.target(0)
        acknowledgement = bytes((SIMPLE_ACK, header[2], CONFIRMED_COV))
        self._send(
            unicast_frame(
                network_header(target, expecting_reply=False) + acknowledgement
            ),
            target.addr,
        )
        return True


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
