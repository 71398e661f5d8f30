"""Requests to our device, answered from the datagram that brought them."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from ..octets.network_layer import Endpoint, locate_apdu, unicast_frame
from ..octets.tags import MalformedFrameError
from ..wire.addresses import BacnetAddress
from .accepted_writes import AcceptedWrites, WriteId
from .introductions import WHO_HAS, WHO_IS, Introductions, send_apdu
from .refusals import (
    ABORT_OUT_OF_RESOURCES,
    ABORT_SEGMENTATION,
    REJECT_INVALID_TAG,
    AbortedError,
    Refusal,
    RejectedError,
)
from .services import WRITES, Services
from .writing import Done

_LOGGER = logging.getLogger(__name__)

MOST_WRITES_AT_ONCE: Final = 256
_MOST_APDU: Final = 1476
# A Who-Is to everybody has no parameters
_SHORTEST: Final = 2
_UNCONFIRMED: Final = 0x10
_CONFIRMED: Final = 0x00
_SEGMENTED: Final = 0x08
_TAKES_SEGMENTS: Final = 0x02
_SIMPLE_ACK: Final = 0x20
_COMPLEX_ACK: Final = 0x30
_ORIGINAL_UNICAST: Final = 0x0A
_FORWARDED: Final = 0x04
_HAS_DESTINATION: Final = 0x20
_ALL_NETWORKS: Final = b"\xff\xff"
_HEADER_OCTETS: Final = 4
_PLAIN_HEADER: Final = b"\x01\x00"
# Max_APDU_Length_Accepted in a request's second octet (clause 20.1.2.5)
_LONGEST_REPLIES: Final = (50, 128, 206, 480, 1024, 1476)
# Notifications come to us as clients, and go on while our own device is silent
_FOR_CLIENTS: Final = frozenset((1, 2))


class Answering:
    """Takes what is asked of our device; what needs segments goes on to bacpypes3."""

    def __init__(
        self,
        services: Services,
        introductions: Introductions,
        accepted: AcceptedWrites,
        is_live: Callable[[], bool],
    ) -> None:
        """Take what answers; is_live: whether we are this device, or wholly silent."""
        self._services = services
        self._introductions = introductions
        self._accepted = accepted
        self._is_live = is_live
        self._send: Callable[[bytes, Endpoint], None] | None = None
        self._may_segment: Callable[[], bool] = lambda: False
        self._writing: dict[WriteId, asyncio.Task[None]] = {}

    def open(
        self,
        send: Callable[[bytes, Endpoint], None],
        may_segment: Callable[[], bool],
    ) -> None:
        """Answer by this from now on; may_segment: whether bacpypes3 has room."""
        self._send, self._may_segment = send, may_segment

    def close(self) -> None:
        """Answer nobody any more; writes that were begun are done all the same."""
        self._send = None

    async def stop(self) -> None:
        """Wait for what clients had us write."""
        self.close()
        await asyncio.gather(*self._writing.values(), return_exceptions=True)

    def take(self, data: bytes, addr: Endpoint) -> bool:
        """Return whether a datagram was for our device, and is dealt with."""
        located = locate_apdu(data, addr, _SHORTEST)
        if located is None or self._send is None or _is_for_others(data):
            return False
        endpoint, specifier, start = located
        kind = data[start] & 0xF0
        if kind == _CONFIRMED:
            return self._take_confirmed(data, endpoint, specifier, start)
        if kind == _UNCONFIRMED and data[start + 1] in {WHO_HAS, WHO_IS}:
            self._introduce(data, endpoint, specifier, start)
            return True
        return False

    def _take_confirmed(
        self, data: bytes, endpoint: Endpoint, specifier: bytes, start: int
    ) -> bool:
        """Answer at once, begin to write, or leave it to bacpypes3."""
        is_segmented = data[start] & _SEGMENTED
        place = start + (5 if is_segmented else 3)
        if place >= len(data):
            return True
        service = data[place]
        if service in _FOR_CLIENTS:
            return False
        if not self._is_live() or data[1] != _ORIGINAL_UNICAST:
            return True
        if data[5] & _HAS_DESTINATION:
            # To everybody
            return True
        if is_segmented:
            return False
        return self._answer(data, endpoint, specifier, start)

    def _answer(
        self, data: bytes, endpoint: Endpoint, specifier: bytes, start: int
    ) -> bool:
        invoke_id, service = data[start + 2], data[start + 3]
        body = data[start + _HEADER_OCTETS :]
        read = self._services.reads.get(service)
        try:
            if read is not None:
                found = read(body)
                apdu = b"%c%c%c%b" % (_COMPLEX_ACK, invoke_id, service, found)
                if len(apdu) > _longest_reply(data[start + 1]):
                    return self._too_long(data[start], invoke_id, endpoint, specifier)
            elif service in WRITES:
                source = BacnetAddress.of_sender(endpoint, specifier)
                self._begin_write(service, invoke_id, body, source)
                return True
            else:
                source = BacnetAddress.of_sender(endpoint, specifier)
                self._services.subscribe(service, body, source)
                apdu = bytes((_SIMPLE_ACK, invoke_id, service))
        except Refusal as err:
            apdu = err.octets(invoke_id, service)
        except MalformedFrameError as err:
            _LOGGER.debug("Malformed request from %s: %s", endpoint, err)
            apdu = RejectedError(REJECT_INVALID_TAG).octets(invoke_id, service)
        except ValueError:
            # From nobody that can be answered
            return True
        self._reply(apdu, endpoint, specifier)
        return True

    def _too_long(
        self, header: int, invoke_id: int, endpoint: Endpoint, specifier: bytes
    ) -> bool:
        """Leave an answer to bacpypes3, which sends segments, or abort."""
        reason = ABORT_SEGMENTATION
        if header & _TAKES_SEGMENTS:
            if self._may_segment():
                return False
            reason = ABORT_OUT_OF_RESOURCES
        self._reply(AbortedError(reason).octets(invoke_id, 0), endpoint, specifier)
        return True

    def _reply(self, apdu: bytes, endpoint: Endpoint, specifier: bytes) -> None:
        if self._send is None:
            return
        if not specifier:
            self._send(unicast_frame(_PLAIN_HEADER + apdu), endpoint)
            return
        try:
            source = BacnetAddress.of_sender(endpoint, specifier)
        except ValueError:
            return
        send_apdu(self._send, source, apdu)

    def _begin_write(
        self, service: int, invoke_id: int, body: bytes, source: BacnetAddress
    ) -> None:
        write = WriteId(str(source), invoke_id, service, body)
        if write in self._writing:
            return
        known = self._accepted.answer(write)
        if known is not None:
            self._reply_to(source, known)
            return
        if len(self._writing) >= MOST_WRITES_AT_ONCE:
            raise AbortedError(ABORT_OUT_OF_RESOURCES)
        task = asyncio.get_running_loop().create_task(self._write(write, source))
        self._writing[write] = task
        task.add_done_callback(lambda _: self._writing.pop(write))

    async def _write(self, write: WriteId, source: BacnetAddress) -> None:
        done: Done = {}
        try:
            await self._services.write(write.service, write.body, write.source, done)
            apdu = bytes((_SIMPLE_ACK, write.invoke_id, write.service))
        except Refusal as err:
            apdu = err.octets(write.invoke_id, write.service)
        except MalformedFrameError as err:
            _LOGGER.debug("Malformed write from %s: %s", source, err)
            refusal = RejectedError(REJECT_INVALID_TAG)
            apdu = refusal.octets(write.invoke_id, write.service)
        except Exception:
            _LOGGER.exception("A write from %s broke", source)
            return
        self._accepted.remember(write, apdu, done)
        self._reply_to(source, apdu)

    def _reply_to(self, source: BacnetAddress, apdu: bytes) -> None:
        if self._send is not None and self._is_live():
            send_apdu(self._send, source, apdu)

    def _introduce(
        self, data: bytes, endpoint: Endpoint, specifier: bytes, start: int
    ) -> None:
        if self._send is None or not self._is_live():
            return
        try:
            apdu = self._introductions.answer(data[start + 1], data[start + 2 :])
            source = BacnetAddress.of_sender(endpoint, specifier)
        except ValueError as err:
            _LOGGER.debug("Malformed question from %s: %s", endpoint, err)
            return
        if apdu is not None:
            send_apdu(self._send, source, apdu)


def _is_for_others(data: bytes) -> bool:
    """Return whether a frame is for a network that we are no router to."""
    start = 10 if data[1] == _FORWARDED else 4
    if not data[start + 1] & _HAS_DESTINATION:
        return False
    return data[start + 2 : start + 4] != _ALL_NETWORKS


def _longest_reply(octet: int) -> int:
    """Return how long an APDU a client takes, of those we send."""
    code = octet & 0x0F
    return _LONGEST_REPLIES[code] if code < len(_LONGEST_REPLIES) else _MOST_APDU
