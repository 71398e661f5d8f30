"""A Modbus line as the engine serves it: its link, kept open, and the devices on it."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Final, override

from ..alarms.configuration import AlarmRule
from ..backoff import backoff_seconds
from ..errors import (
    DeviceError,
    DeviceRefusedError,
    LineInUseError,
    LineUnreachableError,
    NetworkError,
    UnknownTargetError,
    WriteRefusedError,
)
from ..events import DeviceRemoved
from ..field import FieldNetwork, ProgressListener
from ..host import ModbusLink
from ..models import (
    Device,
    FoundDevice,
    Health,
    Point,
    PointsDifference,
    PointValue,
    ProblemCode,
)
from ..polling import Poller
from ..records import Records
from ..requests import PropertyAnswer, ReadPropertyRequest, ScanRequest
from ..storage.devices import StoredDevice
from ..write_rules import ReadBack
from .configuration import ModbusDeviceConfig, ModbusLineConfig
from .inspection import Inspection
from .knowledge.profiles import Profiles
from .lines.line import ModbusLine
from .lines.line_unit import LineUnit
from .lines.turns import Urgency
from .lines.unit_requests import read_words
from .lines.unreachable import Obstacle
from .point_source import source_of
from .preview import read_once
from .registers.register_map import RegisterPoint, Space
from .registers.snapping import snap
from .search.scan import scan_line
from .unit.device import ModbusDevice
from .unit.sample_plan import Found
from .writing import RegisterWriter

_LOGGER = logging.getLogger(__name__)

PROBLEM_OF: Final = {
    LineUnreachableError: ProblemCode.LINE_UNREACHABLE,
    LineInUseError: ProblemCode.LINE_IN_USE,
}
FIRST_RETRY_SECONDS: Final = 2.0
# Any: Modbus points have no priorities, and no request for one is refused
ANY_PRIORITY: Final = 16
PRESENT_VALUE: Final = "present-value"


class ModbusNetwork(FieldNetwork[ModbusDeviceConfig]):
    """Opens its line, opens it again when it breaks, and serves devices over it."""

    def __init__(
        self,
        config: ModbusLineConfig,
        records: Records,
        open_link: Callable[[ModbusLineConfig], ModbusLink],
        profiles: Profiles,
    ) -> None:
        """Take what is asked for, where the facts go, and how a link is opened."""
        self._config = config
        self._records = records
        # Of its own: devices that wait for this line take no other's places
        self._poller = Poller()
        self._profiles = profiles
        self._line = ModbusLine(config, open_link(config), self._take_state)
        self.inspection = Inspection(self._line, profiles)
        self._wanted: dict[int, ModbusDeviceConfig] = {}
        self._devices: dict[int, ModbusDevice] = {}
        self._stored: dict[str, StoredDevice] = {}
        self._watched: Collection[str] = ()
        self._changing = asyncio.Lock()
        self._went_down = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._told: str | None = None

    @override
    async def start(self) -> None:
        self._stored = await self._records.store.load()
        self._records.health.network(self._config.network_id, Health.STARTING)
        await self._poller.start()
        self._task = asyncio.get_running_loop().create_task(
            self._keep_open(), name=f"plantroom line {self._config.name}"
        )

    @override
    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._poller.stop()
        async with self._changing:
            for unit_id in tuple(self._devices):
                await self._stop_device(unit_id)
            await self._line.close()

    @override
    async def serve(self, devices: Sequence[ModbusDeviceConfig]) -> None:
        async with self._changing:
            before, self._wanted = self._wanted, {d.unit_id: d for d in devices}
            for unit_id in before.keys() - self._wanted.keys():
                await self._remove_device(unit_id)
            for unit_id, config in self._wanted.items():
                if before.get(unit_id) != config:
                    await self._stop_device(unit_id)
                    await self._start_device(config)

    @override
    def watch(self, point_ids: Collection[str]) -> None:
        self._watched = point_ids
        for device in self._devices.values():
            if device.watch(point_ids):
                self._poller.poll_soon(device.device_id)

    @override
    async def scan(
        self, request: ScanRequest, progress: ProgressListener
    ) -> tuple[FoundDevice, ...]:
        return await scan_line(
            self._config,
            request,
            lambda unit_id, seconds: LineUnit(self._line, unit_id, seconds=seconds),
            self._profiles.all(),
            progress,
            tuple(self._wanted),
        )

    @override
    async def survey(self, device_id: str) -> PointsDifference:
        difference = await self._device(device_id).survey()
        self._poller.poll_soon(device_id)
        return difference

    @override
    async def read_property(self, request: ReadPropertyRequest) -> PropertyAnswer:
        device = self._device(request.device_id)
        point_id = f"{request.device_id}:{request.reference}"
        register = device.register_of(point_id)
        if register is None:
            raise UnknownTargetError(f"There is no point {point_id}", target=point_id)
        if request.property_name != PRESENT_VALUE:
            raise DeviceRefusedError(
                f"{point_id} is a register: it has a {PRESENT_VALUE} and nothing else",
                device=device.name,
                reason="unknown-property",
            )
        found = await self._read(device, point_id, register, Urgency.INTERACTIVE)
        if found.error:
            raise DeviceRefusedError(
                f"{point_id} has no value: {found.error}",
                device=device.name,
                reason=found.error,
            )
        return PropertyAnswer(
            device_id=request.device_id,
            reference=request.reference,
            property_name=PRESENT_VALUE,
            value=found.value,
        )

    @override
    async def alarm_suggestions(self, device_id: str) -> tuple[AlarmRule, ...]:
        profile = self._profiles.get(self._device(device_id).config.profile)
        known = {p.reference for p in self._records.points.of_device(device_id)}
        return tuple(
            alarm.rule(device_id)
            for alarm in (profile.alarms if profile else ())
            if known.issuperset(alarm.points)
        )

    @override
    def devices(self) -> tuple[Device, ...]:
        found = (device.device for device in self._devices.values())
        return tuple(device for device in found if device is not None)

    @override
    def write_settings(self, point: Point) -> tuple[int, bool]:
        return ANY_PRIORITY, self._device(point.device_id).config.writable

    @override
    def settle(self, point: Point, value: PointValue) -> PointValue:
        device, register = self._place_of(point)
        exponent = device.sampler.exponent_of(point.point_id)
        if exponent is None and register.exponent_address is not None:
            return value
        try:
            return snap(register, value, exponent or 0)
        except ValueError as err:
            raise _unfit(point, value) from err

    @override
    async def send_write(
        self, point: Point, value: PointValue, priority: int | None
    ) -> None:
        device, register = self._place_of(point)
        writer = RegisterWriter(self._line, device.config.unit_id, device.learned)
        try:
            await writer.write(register, value)
        except ValueError as err:
            raise _unfit(point, value) from err

    @override
    async def read_back(self, point: Point) -> ReadBack:
        device, register = self._place_of(point)
        found = await self._read(device, point.point_id, register, Urgency.WRITE)
        device.sampler.take([found])
        return ReadBack(present_value=found.value)

    async def _keep_open(self) -> None:
        """Open the line when nobody does, and again whenever it broke."""
        if not self._wanted:
            await self._try_open()
        failures = 0
        while True:
            await self._went_down.wait()
            failures += 1
            await asyncio.sleep(backoff_seconds(failures, FIRST_RETRY_SECONDS))
            self._went_down.clear()
            await self._try_open()
            if not self._went_down.is_set():
                failures = 0

    async def _try_open(self) -> None:
        """Ask somebody something: that opens the line, whatever the answer is."""
        unit_id = next(iter(self._wanted), 1)
        unit = LineUnit(self._line, unit_id, seconds=self._config.timeout_seconds)
        with suppress(DeviceError, NetworkError):
            await unit.ask(
                lambda unit: read_words(unit, Space.HOLDING, 0, 1),
                (Space.HOLDING, 0, 1),
            )

    def _take_state(self, failure: NetworkError | None) -> None:
        """Tell how the line is, once per change."""
        network_id, name = self._config.network_id, self._config.name
        if failure is not None:
            self._went_down.set()
            self._take_failure(failure)
            return
        self._went_down.clear()
        self._records.health.network(network_id, Health.HEALTHY)
        self._records.problems.solve(network_id, *PROBLEM_OF.values())
        if self._told is not None:
            self._told = None
            _LOGGER.warning("Modbus line %s is back", name)
            for device in self._devices.values():
                self._poller.poll_soon(device.device_id)

    def _take_failure(self, failure: NetworkError) -> None:
        if failure.facts.get("reason") == Obstacle.CLOSED:
            # The process is about to end, which is no news of the line
            return
        network_id, name = self._config.network_id, self._config.name
        self._records.health.network(
            network_id, Health.DOWN, failure.code, failure.facts
        )
        code = PROBLEM_OF.get(type(failure))
        if code is not None:
            facts = {"name": name, **failure.facts}
            self._records.problems.report(code, network_id, **facts)
        if self._told != str(failure):
            self._told = str(failure)
            _LOGGER.warning("Modbus line %s is down: %s", name, failure)
        for device in self._devices.values():
            device.cut_off(failure)

    async def _start_device(self, config: ModbusDeviceConfig) -> None:
        source = source_of(
            config.profile,
            config.registers,
            self._profiles,
            swap_words=config.swap_words,
        )
        device = ModbusDevice(
            config,
            self._line,
            source,
            self._stored.get(config.device_id),
            self._records,
        )
        self._devices[config.unit_id] = device
        await device.start()
        device.watch(self._watched)
        self._poller.add(device)

    async def _stop_device(self, unit_id: int) -> None:
        device = self._devices.pop(unit_id, None)
        if device is None:
            return
        await self._poller.remove(device.device_id)
        await device.stop()
        stored = device.as_stored()
        if stored is not None:
            self._stored[device.device_id] = stored

    async def _remove_device(self, unit_id: int) -> None:
        await self._stop_device(unit_id)
        device_id = f"{self._config.network_id}:{unit_id}"
        self._stored.pop(device_id, None)
        self._records.points.forget_device(device_id)
        self._records.health.forget_device(device_id)
        self._records.problems.solve(device_id)
        await self._records.store.remove(device_id)
        self._records.events.publish(DeviceRemoved(device_id=device_id))

    async def _read(
        self,
        device: ModbusDevice,
        point_id: str,
        register: RegisterPoint,
        urgency: Urgency,
    ) -> Found:
        unit = LineUnit(self._line, device.config.unit_id, urgency)
        wanted = [(point_id, register)]
        return (await read_once(unit, wanted, device.learned.limits))[0]

    def _place_of(self, point: Point) -> tuple[ModbusDevice, RegisterPoint]:
        device = self._device(point.device_id)
        register = device.register_of(point.point_id)
        if register is None:
            raise UnknownTargetError(
                f"There is no point {point.point_id}", target=point.point_id
            )
        return device, register

    def _device(self, device_id: str) -> ModbusDevice:
        unit_id = device_id.rpartition(":")[2]
        device = self._devices.get(int(unit_id)) if unit_id.isdecimal() else None
        if device is None or device.device_id != device_id:
            raise UnknownTargetError(
                f"There is no device {device_id}", target=device_id
            )
        return device


def _unfit(point: Point, value: PointValue) -> WriteRefusedError:
    return WriteRefusedError(
        f"{point.point_id} cannot hold {value!r}",
        reason="invalid_value",
        point=point.name,
        value=str(value),
    )
