"""Alarms of many objects, told by confirmed notifications, each until it is confirmed.

From one socket, as a Notification Forwarder does: whose alarm it is, says the
notification itself.
"""

import asyncio
import struct
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, override

from tests.simulators import fleet_codec as codec
from tests.simulators.fleet_device import DEVICE

EVENT_ENROLLMENT = 9
DOUBLE_OUT_OF_RANGE = 14
HIGH_LIMIT = 3
PRIORITY = 200
RETRY_SECONDS = 3.0
PATIENCE_SECONDS = 60.0
INVOKE_IDS = 256
CONFIRMED_EVENT, SIMPLE_ACK = 2, 0x20

type Address = tuple[str, int]


@dataclass(slots=True, kw_only=True)
class _Open:
    frame: bytes
    sent_at: float


class EventSource(asyncio.DatagramProtocol):
    """Sends to one recipient; sent, confirmed and repeated are counted."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._transport: asyncio.DatagramTransport | None = None
        self._open: dict[int, _Open] = {}
        self._free: deque[int] = deque(range(INVOKE_IDS))
        self._room = asyncio.Event()
        self.sent = self.confirmed = self.repeated = 0

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(self._host, 0))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._transport is not None:
            self._transport.close()

    @override
    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    @override
    def datagram_received(self, data: bytes, addr: Any) -> None:
        apdu = data[6:]
        if len(apdu) != 3 or apdu[0] != SIMPLE_ACK or apdu[2] != CONFIRMED_EVENT:
            return
        if self._open.pop(apdu[1], None) is not None:
            self.confirmed += 1
            self._free.append(apdu[1])
            self._room.set()

    async def tell(
        self, to: Address, devices: Sequence[int], first: int, count: int, rate: float
    ) -> None:
        """Raise count alarms, from object number first on, so many in a second."""
        began = time.perf_counter()
        for number in range(count):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            device = devices[number % len(devices)]
            await self._send(to, device, first + number // len(devices))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self._open:
                self._repeat(to)
                await asyncio.sleep(0.05)

    async def _send(self, to: Address, device: int, instance: int) -> None:
        while not self._free:
            self._repeat(to)
            self._room.clear()
            await self._room.wait()
        invoke_id = self._free.popleft()
        apdu = bytes((0x00, 0x05, invoke_id, CONFIRMED_EVENT))
        body = apdu + notification(device, instance, time.time())
        frame = b"\x81\x0a" + (len(body) + 6).to_bytes(2) + b"\x01\x04" + body
        self._open[invoke_id] = _Open(frame=frame, sent_at=time.perf_counter())
        self.sent += 1
        self._transport_to(frame, to)

    def _repeat(self, to: Address) -> None:
        now = time.perf_counter()
        for each in self._open.values():
            if now - each.sent_at > RETRY_SECONDS:
                each.sent_at = now
                self.repeated += 1
                self._transport_to(each.frame, to)

    def _transport_to(self, frame: bytes, to: Address) -> None:
        assert self._transport is not None
        self._transport.sendto(frame, to)


def notification(device: int, instance: int, at: float) -> bytes:
    """Return the parameters of an alarm whose value is when it was sent (clause 13.8)."""
    second = time.localtime(at)
    date = bytes((second.tm_year - 1900, second.tm_mon, second.tm_mday, 255))
    clock = bytes((second.tm_hour, second.tm_min, second.tm_sec, int(at * 100) % 100))
    text = b"\x00" + f"Enrollment {instance} is in alarm".encode()
    return b"".join(
        (
            codec.context(0, b"\x01"),
            codec.context(1, codec.object_octets(DEVICE, device)),
            codec.context(2, codec.object_octets(EVENT_ENROLLMENT, instance)),
            b"\x3e\x2e\xa4" + date + b"\xb4" + clock + b"\x2f\x3f",
            codec.context(4, b"\x01"),
            codec.context(5, bytes((PRIORITY,))),
            codec.context(6, bytes((DOUBLE_OUT_OF_RANGE,))),
            bytes((0x7D, len(text))) + text,
            codec.context(8, b"\x00"),
            codec.context(9, b"\x01"),
            codec.context(10, b"\x00"),
            codec.context(11, bytes((HIGH_LIMIT,))),
            b"\xce\xee" + _values(at) + b"\xef\xcf",
        )
    )


def _values(at: float) -> bytes:
    def double(tag: int, value: float) -> bytes:
        return bytes((tag << 4 | 0x0D, 8)) + struct.pack(">d", value)

    return double(0, at) + b"\x1a\x04\x80" + double(2, 0.0) + double(3, 0.0)
