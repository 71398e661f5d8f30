"""A device written by hand on a UDP socket of its own, that misbehaves as told."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from custom_components.plantroom.engine.bacnet.octets.encoding import (
    BitString,
    ObjectId,
    Primitive,
    encode_context,
    encode_primitive,
)
from custom_components.plantroom.engine.bacnet.octets.network_layer import Target
from custom_components.plantroom.engine.bacnet.octets.tags import read_tag
from custom_components.plantroom.engine.bacnet.reading.confirmed_requests import (
    ConfirmedRequests,
)

type Objects = dict[tuple[int, int], dict[int, list[Primitive]]]

UNKNOWN_OBJECT = b"\x91\x01\x91\x1f"
UNKNOWN_PROPERTY = b"\x91\x02\x91\x20"
BAD_INDEX = b"\x91\x02\x91\x2a"
FLAGS = BitString((False, False, False, False))


@dataclass(kw_only=True)
class Behaviour:
    """What the device does wrong."""

    max_apdu: int = 1476
    rpm: bool = True
    at_once: int = 1000
    silent: bool = False
    silent_about: set[tuple[int, int]] = field(default_factory=set)
    rpm_garbage: bool = False
    rpm_error_about: set[tuple[int, int]] = field(default_factory=set)
    segments: bool = False
    lose_first: int = 0
    answer_delay: float = 0.0
    network: int | None = None
    mac: bytes = b""


class ScriptedDevice(asyncio.DatagramProtocol):
    """Answers ReadProperty and ReadPropertyMultiple for its objects."""

    def __init__(self, objects: Objects, behaviour: Behaviour) -> None:
        self.objects = objects
        self.behaviour = behaviour
        self.requests: list[tuple[int, int]] = []
        self.aborted: list[int] = []
        self.in_progress = 0
        self.most_in_progress = 0

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        control = data[5]
        offset = 6
        if control & 0x20:
            offset += 4 + data[8]
        apdu = data[offset:]
        if apdu[0] == 0x70:
            self.aborted.append(apdu[1])
            return
        invoke_id, service = apdu[2], apdu[3]
        self.requests.append((invoke_id, service))
        if self.behaviour.lose_first > 0:
            self.behaviour.lose_first -= 1
            return
        if self.behaviour.silent or self.in_progress >= self.behaviour.at_once:
            return
        self.in_progress += 1
        self.most_in_progress = max(self.most_in_progress, self.in_progress)
        asyncio.get_running_loop().call_later(
            self.behaviour.answer_delay, self._answer, invoke_id, service, apdu, addr
        )

    def _answer(self, invoke_id, service, apdu, addr):
        self.in_progress -= 1
        reply = self._reply(invoke_id, service, apdu[4:])
        if reply is not None:
            self.send(reply, addr)

    def send(self, apdu: bytes, addr) -> None:
        network = b"\x01\x00"
        if self.behaviour.network is not None:
            mac = self.behaviour.mac
            network = struct.pack(">BBHB", 1, 8, self.behaviour.network, len(mac)) + mac
        octets = network + apdu
        self.transport.sendto(
            struct.pack(">BBH", 0x81, 0x0A, 4 + len(octets)) + octets, addr
        )

    def _reply(self, invoke_id: int, service: int, data: bytes) -> bytes | None:
        if self.behaviour.segments:
            return bytes((0x3C, invoke_id, 0, 4, service)) + bytes(20)
        if service == 12:
            return self._read_property(invoke_id, data)
        if service != 14 or not self.behaviour.rpm:
            return bytes((0x60, invoke_id, 9))
        if self.behaviour.rpm_garbage:
            return bytes((0x30, invoke_id, 14)) + b"\x0c\x00\x00\x00\x01\x1e\x29"
        return self._read_multiple(invoke_id, data)

    def _read_property(self, invoke_id: int, data: bytes) -> bytes | None:
        object_id = split(data[1:5])
        if object_id in self.behaviour.silent_about:
            return None
        property_id, index, _ = read_property_ref(data, 5, 1)
        value, error = self._value(object_id, property_id, index)
        if error:
            return bytes((0x50, invoke_id, 12)) + error
        reply = bytes((0x30, invoke_id, 12)) + data + b"\x3e" + value + b"\x3f"
        return self._fit(invoke_id, reply)

    def _read_multiple(self, invoke_id: int, data: bytes) -> bytes | None:
        reply = bytes((0x30, invoke_id, 14))
        offset = 0
        while offset < len(data):
            object_id = split(data[offset + 1 : offset + 5])
            if object_id in self.behaviour.silent_about:
                return None
            if object_id in self.behaviour.rpm_error_about:
                return bytes((0x50, invoke_id, 14)) + UNKNOWN_OBJECT
            reply += data[offset : offset + 6]
            offset += 6
            while data[offset] != 0x1F:
                property_id, index, offset = read_property_ref(data, offset, 0)
                reply += encode_context(2, property_id)
                reply += b"" if index is None else encode_context(3, index)
                value, error = self._value(object_id, property_id, index)
                reply += (
                    b"\x5e" + error + b"\x5f" if error else b"\x4e" + value + b"\x4f"
                )
            reply += b"\x1f"
            offset += 1
        return self._fit(invoke_id, reply)

    def _value(self, object_id, property_id, index) -> tuple[bytes, bytes]:
        properties = self.objects.get(object_id)
        if properties is None:
            return b"", UNKNOWN_OBJECT
        values = properties.get(property_id)
        if values is None:
            return b"", UNKNOWN_PROPERTY
        if index == 0:
            return encode_primitive(len(values)), b""
        if index is not None:
            if index > len(values):
                return b"", BAD_INDEX
            values = values[index - 1 : index]
        return b"".join(encode_primitive(value) for value in values), b""

    def _fit(self, invoke_id: int, reply: bytes) -> bytes:
        if len(reply) > self.behaviour.max_apdu:
            return bytes((0x71, invoke_id, 4))
        return reply


def split(octets: bytes) -> tuple[int, int]:
    number = int.from_bytes(octets)
    return number >> 22, number & 0x3FFFFF


def read_property_ref(data: bytes, offset: int, first: int):
    tag = read_tag(data, offset, len(data))
    offset = tag.start + tag.length
    property_id = int.from_bytes(data[tag.start : offset])
    if offset < len(data):
        tag = read_tag(data, offset, len(data))
        if tag.number == first + 1 and tag.length:
            offset = tag.start + tag.length
            return property_id, int.from_bytes(data[tag.start : offset]), offset
    return property_id, None, offset


def analog_inputs(count: int) -> Objects:
    """Return analog inputs 0 to count - 1 with their number as value."""
    return {
        (0, number): {
            85: [float(number)],
            111: [FLAGS],
            77: [f"sensor {number}"],
            75: [ObjectId(0, number)],
        }
        for number in range(count)
    }


class _Client(asyncio.DatagramProtocol):
    def __init__(self, handle: Callable[[bytes, tuple[str, int]], bool]) -> None:
        self.handle = handle
        self.passed_on: list[bytes] = []

    def datagram_received(self, data, addr):
        if not self.handle(data, addr):
            self.passed_on.append(data)


@asynccontextmanager
async def device_and_requests(
    objects: Objects, **behaviour: Any
) -> AsyncIterator[tuple[ScriptedDevice, ConfirmedRequests, Target]]:
    """Run a scripted device and requests to it, with time-outs of 80 ms."""
    loop = asyncio.get_running_loop()
    device = ScriptedDevice(objects, Behaviour(**behaviour))
    served, _ = await loop.create_datagram_endpoint(
        lambda: device, local_addr=("127.0.0.1", 0)
    )
    target = Target(
        addr=served.get_extra_info("sockname"),
        network=device.behaviour.network,
        mac=device.behaviour.mac,
        max_apdu=device.behaviour.max_apdu,
    )
    try:
        async with requests_on_loopback() as requests:
            yield device, requests, target
    finally:
        served.close()
        await asyncio.sleep(0)


@asynccontextmanager
async def requests_on_loopback(**options: Any) -> AsyncIterator[ConfirmedRequests]:
    """Run requests on a socket of their own."""
    loop = asyncio.get_running_loop()
    requests = ConfirmedRequests(
        lambda data, addr: transport.sendto(data, addr),  # noqa: PLW0108
        **({"timeout_seconds": 0.08} | options),
    )
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Client(requests.handle), local_addr=("127.0.0.1", 0)
    )
    try:
        yield requests
    finally:
        requests.close()
        transport.close()
        await asyncio.sleep(0)
