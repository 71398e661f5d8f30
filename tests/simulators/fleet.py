"""A thousand devices in one process on one UDP socket, for the bench.

python -m tests.simulators.fleet --port 47809 --devices 1000 --points 10 --cov-rate 200

A value that the notification mode sends is the wall clock's milliseconds at the moment
of sending, modulo SEND_TIME_MODULUS: exact in a Real, so a receiver knows the delay.
"""

import argparse
import asyncio
import contextlib
import json
import random
import signal
import socket
import struct
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from . import fleet_codec as codec
from .control_server import Command, ControlServer, Request
from .fleet_device import DEVICE, MAX_APDU, FleetDevice, ObjectKey
from .fleet_services import Subscribe, answer_confirmed
from .small_apdu import apdu_offset

IP_PKTINFO = 8
SEND_TIME_MODULUS = 10_000_000
I_AM_BATCH, I_AM_PAUSE_SECONDS = 50, 0.02
"""I-Ams are spread, as a thousand at once overrun a receiver's buffer."""
EMIT_SECONDS = 0.02
KEPT_NOTIFICATIONS = 100_000

type SocketAddress = tuple[str, int]


@dataclass(slots=True)
class Subscription:
    """One subscriber of one object."""

    device: FleetDevice
    key: ObjectKey
    process_id: int
    subscriber: SocketAddress
    confirmed: bool
    expires: float | None

    def remaining_seconds(self) -> int:
        """Return the lifetime left; 0 when it never ends."""
        return (
            0 if self.expires is None else max(1, int(self.expires - time.monotonic()))
        )


class Fleet:
    """Serves every device; change-of-value notifications at a chosen rate."""

    def __init__(
        self, *, port: int, devices: int = 1000, points: int = 10, cov_rate: float = 0.0
    ) -> None:
        self.port = port
        self.devices = [FleetDevice(number, points) for number in range(devices)]
        self.cov_rate = cov_rate
        self.requests: Counter[str] = Counter()
        self.sent: deque[tuple[float, int, str, float]] = deque(
            maxlen=KEPT_NOTIFICATIONS
        )
        self._by_address = {device.address: device for device in self.devices}
        self._subscriptions: dict[tuple[Any, ...], Subscription] = {}
        self._socket: socket.socket | None = None
        self._emitter: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._invoke = 0
        self._random = random.Random(1)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Open the socket and start the notification mode."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT, socket.SO_BROADCAST):
            sock.setsockopt(socket.SOL_SOCKET, option, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        sock.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        sock.setblocking(False)
        sock.bind(("0.0.0.0", self.port))
        self.port = sock.getsockname()[1]
        self._socket = sock
        asyncio.get_running_loop().add_reader(sock, self._readable)
        self._emitter = asyncio.create_task(self._emit())

    async def stop(self) -> None:
        """Close the socket; idempotent."""
        for task in (*self._tasks, self._emitter):
            if task:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        self._emitter = None
        if self._socket:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def subscriptions(self) -> list[Subscription]:
        """Return the subscriptions that still hold."""
        now = time.monotonic()
        self._subscriptions = {
            key: each
            for key, each in self._subscriptions.items()
            if each.expires is None or each.expires > now
        }
        return list(self._subscriptions.values())

    def _readable(self) -> None:
        for _ in range(200):
            if self._socket is None:
                return
            try:
                data, ancillary, _flags, source = self._socket.recvmsg(2048, 64)
            except BlockingIOError:
                return
            local = ""
            for level, kind, body in ancillary:
                if level == socket.IPPROTO_IP and kind == IP_PKTINFO:
                    local = socket.inet_ntoa(struct.unpack("=I4s4s", body[:12])[2])
            if len(data) > 6 and data[0] == 0x81:
                self._received(data, source, local)

    def _received(self, data: bytes, source: SocketAddress, local: str) -> None:
        if data[1] not in (0x0A, 0x0B) or data[5] & 0x80:
            return
        npdu = data[4:]
        apdu = npdu[apdu_offset(npdu) :]
        device = self._by_address.get(local)
        if len(apdu) < 2:
            return
        if apdu[0] >> 4 == 1 and apdu[1] == 8:
            self._who_is(apdu[2:], source, device)
        elif apdu[0] >> 4 == 0 and device is not None and len(apdu) > 4:
            self._confirmed(device, apdu, source)
        elif apdu[0] >> 4 == 2:
            self.requests["acknowledged"] += 1

    def _who_is(
        self, body: bytes, source: SocketAddress, device: FleetDevice | None
    ) -> None:
        self.requests["who-is"] += 1
        limits = [codec.number_in(tag) for tag in codec.read_tags(body)]
        low, high = limits if len(limits) == 2 else (0, 4_194_303)
        asked = [device] if device else self.devices
        found = [each for each in asked if low <= each.instance <= high]
        task = asyncio.get_running_loop().create_task(self._announce(found, source))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _announce(self, devices: list[FleetDevice], to: SocketAddress) -> None:
        for number, device in enumerate(devices, 1):
            body = codec.object_id(DEVICE, device.instance) + codec.unsigned(MAX_APDU)
            apdu = b"\x10\x00" + body + codec.enumerated(3) + codec.unsigned(999)
            self._send(device, apdu, to)
            if number % I_AM_BATCH == 0:
                await asyncio.sleep(I_AM_PAUSE_SECONDS)

    def _confirmed(
        self, device: FleetDevice, apdu: bytes, source: SocketAddress
    ) -> None:
        made: list[Subscription] = []

        def subscribe(request: Subscribe) -> None:
            if subscription := self._subscribe(device, request, source):
                made.append(subscription)

        service, answer = answer_confirmed(device, apdu, subscribe)
        self.requests[str(service)] += 1
        self._send(device, answer, source)
        for subscription in made:
            self._notify(subscription)

    def _subscribe(
        self, device: FleetDevice, request: Subscribe, source: SocketAddress
    ) -> Subscription | None:
        key = (device.number, request.key, source, request.process_id)
        if request.lifetime_seconds is None:
            self._subscriptions.pop(key, None)
            return None
        lifetime = request.lifetime_seconds
        self._subscriptions[key] = Subscription(
            device=device,
            key=request.key,
            process_id=request.process_id,
            subscriber=source,
            confirmed=request.confirmed,
            expires=time.monotonic() + lifetime if lifetime else None,
        )
        return self._subscriptions[key]

    def _notify(self, subscription: Subscription) -> None:
        device, key = subscription.device, subscription.key
        remaining = codec.unsigned_octets(subscription.remaining_seconds())
        body = (
            codec.context(0, codec.unsigned_octets(subscription.process_id))
            + codec.context(1, codec.object_octets(DEVICE, device.instance))
            + codec.context(2, codec.object_octets(*key))
            + codec.context(3, remaining)
            + b"\x4e\x09\x55\x2e"
            + device.present_value(key)
            + b"\x2f\x09\x6f\x2e"
            + codec.RELIABLE
            + b"\x2f\x4f"
        )
        if subscription.confirmed:
            self._invoke = (self._invoke + 1) & 0xFF
            apdu = bytes((0x00, 0x05, self._invoke, 1)) + body
        else:
            apdu = b"\x10\x02" + body
        self._send(device, apdu, subscription.subscriber, reply=subscription.confirmed)

    async def _emit(self) -> None:
        owed = 0.0
        last = time.monotonic()
        turns = self._turns()
        while True:
            await asyncio.sleep(EMIT_SECONDS)
            now = time.monotonic()
            owed = min(owed + (now - last) * self.cov_rate, self.cov_rate)
            last = now
            while owed >= 1:
                owed -= 1
                if (subscription := next(turns)) is None:
                    break
                at = time.time()
                value = float(int(at * 1000) % SEND_TIME_MODULUS)
                subscription.device.forced[subscription.key] = value
                self._notify(subscription)
                name = f"{subscription.key[0]},{subscription.key[1]}"
                self.sent.append((at, subscription.device.instance, name, value))

    def _turns(self) -> Iterator[Subscription | None]:
        """Yield the analog subscriptions in turn; None when there is none."""
        while True:
            analog = [each for each in self.subscriptions() if each.key[0] in (0, 2)]
            self._random.shuffle(analog)
            yield from analog or (None,)

    def _send(
        self,
        device: FleetDevice,
        apdu: bytes,
        to: SocketAddress,
        *,
        reply: bool = False,
    ) -> None:
        if self._socket is None:
            return
        frame = b"\x81\x0a" + (len(apdu) + 6).to_bytes(2, "big")
        frame += (b"\x01\x04" if reply else b"\x01\x00") + apdu
        info = struct.pack("=I4s4s", 0, socket.inet_aton(device.address), b"\0" * 4)
        ancillary = [(socket.IPPROTO_IP, IP_PKTINFO, info)]
        try:
            self._socket.sendmsg([frame], ancillary, 0, to)
        except BlockingIOError:
            self.requests["dropped"] += 1


async def _statistics(fleet: Fleet, _request: Request) -> Request:
    return dict(fleet.requests) | {"subscriptions": len(fleet.subscriptions())}


async def _emit_rate(fleet: Fleet, request: Request) -> None:
    fleet.cov_rate = float(request["rate"])


async def _sent(fleet: Fleet, _request: Request) -> list[Any]:
    taken = [list(each) for each in fleet.sent]
    fleet.sent.clear()
    return taken


COMMANDS: dict[str, Command[Fleet]] = {
    "statistics": _statistics,
    "emit": _emit_rate,
    "sent": _sent,
}


async def _run(arguments: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    fleet = Fleet(
        port=arguments.port,
        devices=arguments.devices,
        points=arguments.points,
        cov_rate=arguments.cov_rate,
    )
    async with fleet:
        control = ControlServer(fleet, COMMANDS)
        control_port = await control.start(arguments.control_port)
        devices = [
            {"instance": each.instance, "address": f"{each.address}:{fleet.port}"}
            for each in fleet.devices
        ]
        ready = {"port": fleet.port, "devices": devices, "control_port": control_port}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        await stopped.wait()
        await control.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="tests.simulators.fleet")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--points", type=int, default=10)
    parser.add_argument("--cov-rate", type=float, default=0.0)
    parser.add_argument("--control-port", type=int, default=0)
    asyncio.run(_run(parser.parse_args()))
