"""The simulated building: starts the devices of a profile and lets time pass in them."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tests.ports import free_port

from .device import PointTruth, SimulatedDevice
from .link import BroadcastListener, Link, SocketAddress
from .physics import Surroundings
from .points import DeviceTable, Point, PointValue
from .quirks import QUIRKS, make_link
from .router import start_router
from .tables.difficult import DIFFICULT
from .tables.office import OFFICE, SECURE

if TYPE_CHECKING:
    from custom_components.plantroom.engine.secure_connect.port import SecureLink

    from .modbus.side import ModbusSide

BROADCAST_ADDRESS = "127.255.255.255"
PROFILES: dict[str, tuple[DeviceTable, ...]] = {
    "office": OFFICE,
    "difficult": DIFFICULT,
    "all": OFFICE + DIFFICULT,
    "secure": SECURE,
}
TICK_SECONDS = 0.5


def _second_of_day() -> float:
    now = datetime.now().astimezone()
    return (now - now.replace(hour=0, minute=0, second=0)).total_seconds()


class UnknownDeviceError(LookupError):
    """No such device in the building."""


class Building:
    """Every simulated device of a profile, in this process; the in-process API of the tests.

    modbus: with the Modbus lines of the profile too, which share weather and plants.
    modbus_real_time: what they count goes at the wall clock's pace and by its hour.
    node: of a device by its instance; devices are on BACnet/SC then.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        profile: str = "office",
        speed: float = 1.0,
        seed: int = 1,
        distinct_ports: bool = False,
        only: tuple[int | str, ...] = (),
        modbus: bool = False,
        modbus_ports: dict[str, int] | None = None,
        modbus_folder: Path | None = None,
        modbus_real_time: bool = False,
        node: Callable[[int], SecureLink] | None = None,
    ) -> None:
        self.port = port or free_port()
        self.speed = speed
        self.devices: list[SimulatedDevice] = []
        self.surroundings = Surroundings()
        self.modbus: ModbusSide | None = None
        self._has_modbus = modbus
        self._modbus_ports = modbus_ports
        self._modbus_folder = modbus_folder
        self._modbus_real_time = modbus_real_time
        self._node = node
        self._profile = profile
        self._seed = seed
        self._distinct_ports = distinct_ports
        self._only = only
        self._listener: BroadcastListener | None = None
        self._clock: asyncio.Task[None] | None = None

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
        """Start every device; all answer when this returns."""
        alone = self._distinct_ports or self._node is not None
        broadcast = None if alone else (BROADCAST_ADDRESS, self.port)
        self._listener = BroadcastListener(broadcast) if broadcast else None
        for number, table in enumerate(self._tables()):
            address = (
                ("127.0.0.1", self.port + 1 + number)
                if self._distinct_ports
                else (table.address, self.port)
            )
            await self._start_device(table, address, broadcast, self._seed + number)
        if self._listener:
            await self._listener.start()
        if self._has_modbus:
            await self._start_modbus()
        self._clock = asyncio.create_task(self._run_clock())

    async def stop(self) -> None:
        """Stop every device; idempotent."""
        if self._clock:
            self._clock.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._clock
            self._clock = None
        if self.modbus:
            await self.modbus.stop()
            self.modbus = None
        if self._listener:
            self._listener.stop()
        for device in self.devices:
            device.stop()
        self.devices.clear()

    def device(self, name: int | str) -> SimulatedDevice:
        """Return a device by its instance, name, quirk or address; the first when several match."""
        wanted = str(name)
        for device in self.devices:
            table = device.table
            if wanted in (
                str(table.instance),
                table.name,
                table.quirk,
                table.address,
                device.address,
            ):
                return device
        raise UnknownDeviceError(f"no device {name}")

    def set(
        self, device: int | str, object_id: str, property_name: str, value: PointValue
    ) -> None:
        """Change a property from inside; see SimulatedDevice.set."""
        self.device(device).set(object_id, property_name, value)

    def get(self, device: int | str, object_id: str) -> PointTruth:
        """Return the truth about a point."""
        return self.device(device).get(object_id)

    def override(
        self, device: int | str, object_id: str, priority: int, value: PointValue | None
    ) -> None:
        """Occupy or free a priority from inside."""
        self.device(device).override(object_id, priority, value)

    def rename(self, device: int | str, object_id: str, name: str) -> None:
        """Give an object another name."""
        self.device(device).rename(object_id, name)

    def add_object(self, device: int | str, point: Point) -> None:
        """Add an object while the device runs; the database revision counts up."""
        found = self.device(device)
        found.add_object(point)
        found.count_objects_changed()

    def remove_object(self, device: int | str, object_id: str) -> None:
        """Take an object away while the device runs."""
        self.device(device).remove_object(object_id)

    async def restart(
        self,
        device: int | str,
        silent_seconds: float = 1.0,
        *,
        new_revision: bool = False,
    ) -> None:
        """Restart a device; returns when it has announced itself."""
        await self.device(device).restart(silent_seconds, new_revision=new_revision)

    def unplug(self, device: int | str) -> None:
        """Stop a device answering."""
        self.device(device).unplug()

    def plug(self, device: int | str) -> None:
        """Let a device answer again."""
        self.device(device).plug()

    def statistics(self) -> dict[str, dict[str, int]]:
        """Return the requests seen, by device address and service."""
        return {device.address: device.requests_seen() for device in self.devices}

    def cov_subscriptions(self, device: int | str) -> list[dict[str, PointValue]]:
        """Return a device's open subscriptions."""
        return self.device(device).subscriptions()

    def pass_time(self, seconds: float, step_seconds: float = 10.0) -> None:
        """Let simulated time pass at once, without waiting."""
        while seconds > 0:
            dt = min(step_seconds, seconds)
            for device in self.devices:
                device.step(self.surroundings, dt)
            if self.modbus:
                self.modbus.step(self.surroundings, dt)
            seconds -= dt

    def _tables(self) -> tuple[DeviceTable, ...]:
        tables = PROFILES[self._profile]
        if not self._only:
            return tables
        return tuple(
            t
            for t in tables
            if t.instance in self._only or t.quirk in self._only or t.name in self._only
        )

    async def _start_device(
        self,
        table: DeviceTable,
        address: SocketAddress,
        broadcast: SocketAddress | None,
        seed: int,
    ) -> None:
        link = self._link(table, address, broadcast, seed)
        quirk = QUIRKS.get(table.quirk)
        if table.quirk == "router":
            started = await start_router(table, link)
        else:
            device = (
                SimulatedDevice(table, link, seed=seed)
                if quirk is None
                else quirk.make(table, link, seed)
            )
            await device.start()
            if quirk is not None and quirk.prepare is not None:
                quirk.prepare(device)
            started = [device]
        if self._listener:
            self._listener.add(link)
        self.devices.extend(started)

    def _link(
        self,
        table: DeviceTable,
        address: SocketAddress,
        broadcast: SocketAddress | None,
        seed: int,
    ) -> Link:
        if self._node is None:
            return make_link(table, address, broadcast, seed)
        from .secure import SecureWire  # brings the engine's vocabulary

        return SecureWire(self._node(table.instance), seed)

    async def _start_modbus(self) -> None:
        from .modbus.side import ModbusSide  # brings the engine's vocabulary

        self.modbus = ModbusSide(
            profile=self._profile,
            speed=0,
            seed=self._seed,
            ports=self._modbus_ports,
            folder=self._modbus_folder,
        )
        self.modbus.surroundings = self.surroundings
        if self._modbus_real_time:
            self.modbus.installation.seconds = _second_of_day()
        await self.modbus.start()

    async def _run_clock(self) -> None:
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = loop.time()
            seconds = now - last
            passed = seconds * self.speed
            for device in self.devices:
                device.step(self.surroundings, passed)
                await asyncio.sleep(0)
            if self.modbus:
                counted = seconds if self._modbus_real_time else passed
                self.modbus.step(self.surroundings, counted)
            last = now
