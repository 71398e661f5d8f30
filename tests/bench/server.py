"""The fleet with values that differ at every read, fast enough to keep any client busy.

python -m tests.bench.server --devices 1000 --points 10 --large 4 --large-points 1000

Reads of present values and status flags are answered from pages made before: each read
turns a page, and a share of the points differ from page to page. Everything else is
answered as the fleet does.
"""

import argparse
import asyncio
import json
import signal
import sys
import time
from collections import Counter
from typing import Any, override

from tests.bench.cores import pin
from tests.bench.event_source import EventSource
from tests.simulators import fleet_codec as codec
from tests.simulators.control_server import Command, ControlServer, Request
from tests.simulators.fleet import COMMANDS as FLEET_COMMANDS
from tests.simulators.fleet import Fleet, SocketAddress
from tests.simulators.fleet_device import BINARY_INPUT, FleetDevice
from tests.simulators.fleet_services import READ_MULTIPLE, READ_PROPERTY

PAGES = 64
PRESENT_VALUE, STATUS_FLAGS = 0x55, 0x6F
OBJECT_OCTETS, PROPERTY_OCTETS = 5, 2
CLOSING_1 = 0x1F
EVENT_HOST = "127.0.8.1"


class ChangingFleet(Fleet):
    """Devices of two sizes; share: how many of a device's points change, 0 to 1.

    With share 0 the fleet's own values are served, with which notifications agree.
    """

    def __init__(
        self, *, devices: int, points: int, large: int, large_points: int, share: float
    ) -> None:
        super().__init__(port=0, devices=devices, points=points)
        self.devices += [
            FleetDevice(devices + number, large_points) for number in range(large)
        ]
        self._by_address = {device.address: device for device in self.devices}
        self._share = share
        self._pages: dict[bytes, list[bytes]] = {}
        self._turns_of: Counter[tuple[int, bytes]] = Counter()

    def set_share(self, share: float) -> None:
        """Let another share of the points change from now on."""
        self._share = share
        self._pages.clear()

    @override
    def _confirmed(
        self, device: FleetDevice, apdu: bytes, source: SocketAddress
    ) -> None:
        request = apdu[3:]
        pages = self._pages.get(request)
        if pages is None:
            pages = self._pages[request] = self._make_pages(device, request)
        if not pages:
            super()._confirmed(device, apdu, source)
            return
        key = device.number, request
        turn = self._turns_of[key] = self._turns_of[key] + 1
        self._send(device, b"\x30" + apdu[2:3] + pages[turn % PAGES], source)

    def _make_pages(self, device: FleetDevice, request: bytes) -> list[bytes]:
        """Return the replies to a request, none where the fleet itself has to answer."""
        if not self._share:
            return []
        make = {READ_MULTIPLE: self._multiple_page, READ_PROPERTY: self._single_page}
        service = request[0]
        if service not in make:
            return []
        try:
            pages = [make[service](device, request[1:], n) for n in range(PAGES)]
        except LookupError:
            return []
        return [request[:1] + page for page in pages]

    def _single_page(self, device: FleetDevice, body: bytes, page: int) -> bytes:
        value = self._value(device, body[1:OBJECT_OCTETS], body[6:], page)
        return body + b"\x3e" + value + b"\x3f"

    def _multiple_page(self, device: FleetDevice, body: bytes, page: int) -> bytes:
        answer = bytearray()
        offset = 0
        while offset < len(body):
            reference = body[offset + 1 : offset + OBJECT_OCTETS]
            answer += body[offset : offset + OBJECT_OCTETS] + b"\x1e"
            offset += OBJECT_OCTETS + 1
            while body[offset] != CLOSING_1:
                property_id = body[offset + 1 : offset + PROPERTY_OCTETS]
                value = self._value(device, reference, property_id, page)
                answer += b"\x29" + property_id + b"\x4e" + value + b"\x4f"
                offset += PROPERTY_OCTETS
            answer.append(CLOSING_1)
            offset += 1
        return bytes(answer)

    def _value(
        self, device: FleetDevice, reference: bytes, property_id: bytes, page: int
    ) -> bytes:
        """Return an encoded value, or raise LookupError for what has no pages."""
        number = int.from_bytes(reference)
        key = number >> 22, number & 0x3FFFFF
        if not device.has(key) or len(property_id) != 1:
            raise LookupError
        if property_id[0] == STATUS_FLAGS:
            return codec.RELIABLE
        if property_id[0] != PRESENT_VALUE or key[0] == 8:
            raise LookupError
        step = page if changes(key[1], self._share) else 0
        if key[0] == BINARY_INPUT:
            return codec.enumerated(step % 2)
        return codec.real(20.0 + key[1] % 50 + step * 0.125)


def changes(instance: int, share: float) -> bool:
    """Return whether a point is among the share that changes."""
    return (instance - 1) * 37 % 100 < share * 100


async def _set_share(fleet: Fleet, request: Request) -> None:
    assert isinstance(fleet, ChangingFleet)
    fleet.set_share(float(request["share"]))


async def _tell_events(_fleet: Fleet, request: Request) -> Request:
    """Raise alarms of these devices, and return what became of the notifications."""
    host, port = request["to"]
    async with EventSource(EVENT_HOST) as source:
        began = time.perf_counter()
        await source.tell(
            (host, port),
            request["devices"],
            request["first"],
            request["count"],
            request["rate"],
        )
        return {
            "sent": source.sent,
            "confirmed": source.confirmed,
            "repeated": source.repeated,
            "told_seconds": time.perf_counter() - began,
        }


COMMANDS: dict[str, Command[Fleet]] = {
    **FLEET_COMMANDS,
    "share": _set_share,
    "tell_events": _tell_events,
}


async def _run(arguments: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    fleet = ChangingFleet(
        devices=arguments.devices,
        points=arguments.points,
        large=arguments.large,
        large_points=arguments.large_points,
        share=arguments.share,
    )
    async with fleet:
        control = ControlServer[Any](fleet, COMMANDS)
        ready = {
            "port": fleet.port,
            "control_port": await control.start(),
            "devices": [
                {
                    "instance": device.instance,
                    "address": f"{device.address}:{fleet.port}",
                    "objects": len(device.objects),
                }
                for device in fleet.devices
            ],
        }
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        await stopped.wait()
        await control.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="tests.bench.server")
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--points", type=int, default=10)
    parser.add_argument("--large", type=int, default=4)
    parser.add_argument("--large-points", type=int, default=1000)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--core", type=int, help="the core to stay on")
    parsed = parser.parse_args()
    pin(parsed.core)
    asyncio.run(_run(parsed))
