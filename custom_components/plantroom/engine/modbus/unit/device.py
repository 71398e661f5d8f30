"""One Modbus device as the engine serves it: described, sampled, written."""

import logging
from collections.abc import Collection
from dataclasses import replace
from typing import override

from ...difference import compare_points
from ...errors import (
    DeviceOfflineError,
    DeviceRefusedError,
    PlantroomError,
    StorageError,
)
from ...events import DeviceChanged
from ...models import Device, Point, PointsDifference
from ...polling import Pollable
from ...records import Records
from ...storage.devices import StoredDevice
from ..configuration import ModbusDeviceConfig
from ..lines.line import ModbusLine
from ..lines.line_unit import LineUnit
from ..lines.turns import Urgency
from ..point_source import DeviceMap, PointSource
from ..registers.point_description import describe_point
from ..registers.register_map import RegisterPoint
from .block_reader import BlockReader
from .device_description import address_of, describe_device
from .device_facts import DeviceFacts
from .device_reports import DeviceReports
from .learned import Learned
from .mute_blocks import MuteBlocks
from .sampling import Sampler
from .unit_check import UnitCheck

_LOGGER = logging.getLogger(__name__)


class ModbusDevice(Pollable):
    """Serves one configured unit over one line; a new line makes a new one."""

    def __init__(
        self,
        config: ModbusDeviceConfig,
        line: ModbusLine,
        source: PointSource,
        stored: StoredDevice | None,
        records: Records,
    ) -> None:
        """Take what is asked for, the line, and what is known from before."""
        self.config = config
        self.device: Device | None = None
        self._line = line
        self._source = source
        self._stored = stored
        self._records = records
        self._watched: Collection[str] = ()
        self._points: tuple[Point, ...] = stored.points if stored else ()
        self._registers: dict[str, RegisterPoint] = {}
        self.learned = Learned(stored.learned if stored else "")
        self._kept = self.learned.lessons
        self._unit = LineUnit(line, config.unit_id, Urgency.POLL)
        self._check = UnitCheck(line, config.unit_id, self.learned)
        self.sampler = self._new_sampler()
        # How often in a row it did not answer, its line being open
        self._silences = 0
        known = self.learned.lessons.slowest is not None
        self._reports = DeviceReports(config, line.config.name, records, known=known)

    @property
    @override
    def device_id(self) -> str:
        return self.config.device_id

    @property
    @override
    def poll_seconds(self) -> float:
        return self.sampler.poll_seconds or self.config.poll_seconds

    @property
    def name(self) -> str:
        """Return what people call it."""
        return self.device.name if self.device else str(self.config.unit_id)

    async def start(self) -> None:
        """Show at once what is known without asking the device."""
        patience = self._line.patience(self.config.unit_id)
        patience.slowest = patience.slowest or self.learned.lessons.slowest
        found = self._source.at_once() or self._known_map()
        if found is not None:
            await self._take_map(found)

    async def stop(self) -> None:
        """Let go of the device; calling it twice does no harm."""
        self._reports.closed = True
        await self._save_learned()

    def watch(self, point_ids: Collection[str]) -> bool:
        """Keep these of the device's points fresh; return whether one is new."""
        self._watched = point_ids
        return self._apply_watch()

    def cut_off(self, failure: PlantroomError) -> None:
        """State that the device cannot be reached for its line's sake."""
        self._reports.failed(failure, self.name, self._address)

    @override
    async def poll(self) -> None:
        try:
            if not self._reports.online:
                await self._check.probe(self._silences)
                self.sampler.forget()
            if self.device is None:
                await self._take_map(await self._source.find(self._unit))
            await self._sample()
        except PlantroomError as err:
            self._silences += isinstance(err, DeviceOfflineError)
            self._reports.failed(err, self.name, self._address)
            raise
        self._silences = 0
        self._report_online()

    async def survey(self) -> PointsDifference:
        """Find the points again and return what changed; raises PlantroomError."""
        reader = LineUnit(self._line, self.config.unit_id, Urgency.INTERACTIVE)
        before = self._points
        found = await self._source.find(reader)
        self.learned.forget_refusals()
        await self._take_map(found)
        return compare_points(self.device_id, before, self._points)

    def register_of(self, point_id: str) -> RegisterPoint | None:
        """Return where a point lies, None for one that is not the device's."""
        return self._registers.get(point_id)

    def as_stored(self) -> StoredDevice | None:
        """Return what a later line starts from, None before it was described."""
        if self.device is None:
            return None
        return StoredDevice(
            device=self.device, points=self._points, learned=self._lessons_text()
        )

    def _new_sampler(self) -> Sampler:
        reader = BlockReader(self._unit.read, self.learned)
        blocks = MuteBlocks(reader, self.learned, self._check.is_alive_beside)
        return Sampler(self._records.points, blocks, self.learned)

    @property
    def _address(self) -> str:
        return address_of(self._line.config, self.config.unit_id)

    async def _sample(self) -> None:
        try:
            if self.sampler.watched_count:
                await self.sampler.sample()
            elif self._reports.online:
                await self._check.check()
        except DeviceRefusedError as err:
            # Busy: it answers
            _LOGGER.debug("Device %s: %s", self.device_id, err)
        if self.learned.lessons is not self._kept:
            await self._save_learned()

    def _report_online(self) -> None:
        self._reports.answered(polled_points=self.sampler.watched_count)
        swapped, floats = self.sampler.suspects
        keys = [point_id.rpartition(":")[2] for point_id in swapped]
        self._reports.word_order(self.name, keys, floats)

    def _known_map(self) -> DeviceMap | None:
        """Return what the device told in an earlier life."""
        points = self.learned.lessons.points
        if not points or self._stored is None:
            return None
        device = self._stored.device
        return DeviceMap(
            points=points,
            facts=DeviceFacts(
                vendor=device.vendor,
                model=device.model,
                firmware=device.firmware,
                serial_number=device.serial_number,
            ),
        )

    async def _take_map(self, found: DeviceMap) -> None:
        self.learned.state(found.limits)
        if self._source.at_once() is None:
            self.learned.lessons = replace(self.learned.lessons, points=found.points)
        self.device = describe_device(
            self._line.config,
            self.config.unit_id,
            found.facts,
            name=self.config.name,
            profile=self.config.profile,
        )
        self._points = tuple(describe_point(self.device_id, p) for p in found.points)
        self._registers = {f"{self.device_id}:{p.key}": p for p in found.points}
        self._check.choose_among(found.points)
        spacing = found.limits.spacing_seconds
        if spacing:
            self._line.space_out(self.config.unit_id, spacing)
        self._records.events.publish(DeviceChanged(device=self.device))
        self._records.points.define(self.device_id, self._wanted())
        self._apply_watch()
        await self._save()

    def _wanted(self) -> list[Point]:
        wanted = self.config.points
        if wanted is None:
            return [*self._points]
        return [
            replace(point, enabled=True)
            for point in self._points
            if point.reference in wanted
        ]

    def _apply_watch(self) -> bool:
        mine = {
            point.point_id: self._registers[point.point_id]
            for point in self._records.points.of_device(self.device_id)
            if point.point_id in self._watched and point.point_id in self._registers
        }
        return self.sampler.watch(mine, self.config.poll_seconds)

    def _lessons_text(self) -> str:
        slowest = self._line.patience(self.config.unit_id).slowest
        self.learned.lessons = replace(self.learned.lessons, slowest=slowest)
        return self.learned.to_json()

    async def _save(self) -> None:
        """Keep the description, unless it is as it was kept."""
        device, stored = self.device, self._stored
        if device is None or (
            stored and (stored.device, stored.points) == (device, self._points)
        ):
            return
        try:
            await self._records.store.save(device, self._points)
        except StorageError as err:
            _LOGGER.warning("Cannot keep device %s: %s", self.device_id, err)
            return
        self._stored = self.as_stored()
        await self._save_learned()

    async def _save_learned(self) -> None:
        text = self._lessons_text()
        self._kept = self.learned.lessons
        if self.device is None or not self.learned.changed(text):
            return
        try:
            await self._records.store.save_learned(self.device_id, text)
        except StorageError as err:
            _LOGGER.warning(
                "Cannot keep what was learned of %s: %s", self.device_id, err
            )
