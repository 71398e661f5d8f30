"""Meters as the engine serves them: counters that go on, energy, demand and peaks."""

import asyncio
import logging
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Final, override

from ..events import DeviceStatusChanged, NetworkStatusChanged, NumberedEvent
from ..models import DeviceStatus, Health, Point, ProblemCode, Reading
from ..points import Derivation, Points
from ..problems import Problems
from ..site_config import DeviceConfig
from ..storage.meters import MeterStore
from .configuration import MeteringConfig
from .derived_points import MARK, source_id
from .device_follower import DeviceFollower
from .keeping import MeterKeeper
from .local_time import LocalTime
from .moment import Moment, now
from .plan import plan_device

_LOGGER = logging.getLogger(__name__)

TICK_SECONDS: Final = 60.0
LATE_SECONDS: Final = 3 * TICK_SECONDS
UNKNOWN_INTERVAL_SECONDS: Final = 60.0


class Metering(Derivation):
    """Follows the meters of every device; networks know nothing of it."""

    def __init__(
        self,
        points: Points,
        problems: Problems,
        store: MeterStore,
        local_time: LocalTime,
        *,
        rewatch: Callable[[], None],
        clock: Callable[[], Moment] = now,
    ) -> None:
        """Take the records and the time; rewatch: asks what is watched once more."""
        self._points = points
        self._problems = problems
        self._local_time = local_time
        self._rewatch = rewatch
        self._clock = clock
        self._keeper = MeterKeeper(store)
        self._configs: dict[str, DeviceConfig] = {}
        self._devices: dict[str, DeviceFollower] = {}
        self._followed: dict[str, DeviceFollower] = {}
        self._silent: set[str] = set()
        self._asked: frozenset[str] = frozenset()
        self._watched: frozenset[str] = frozenset()
        self._ticking: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None

    @property
    @override
    def followed(self) -> Container[str]:
        return self._followed

    async def start(self) -> None:
        """Load what was kept and begin; raises StorageError."""
        await self._keeper.load()
        await self._local_time.refresh()
        self._ticking = asyncio.get_running_loop().create_task(
            self._run(), name="plantroom meters"
        )

    async def stop(self) -> None:
        """Keep what was counted; calling it twice does no harm."""
        tasks = [task for task in (self._ticking, self._keeping) if task is not None]
        if self._ticking is None:
            return
        self._ticking = self._keeping = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.keep()

    async def configure(self, devices: Sequence[DeviceConfig]) -> None:
        """Follow the meters that are asked for, and forget devices that are gone."""
        before = self._configs
        self._configs = {device.device_id: device for device in devices}
        for device_id, config in self._configs.items():
            known = before.get(device_id)
            if known is None or _asked_of(known) != _asked_of(config):
                self._points.define_again(device_id)
        self._silent.intersection_update(self._configs)
        await self._keeper.keep_only(self._configs.keys())

    def watch(self, point_ids: frozenset[str]) -> frozenset[str]:
        """Return the points to keep fresh for these: what they are derived from too."""
        self._asked = point_ids
        self._watched = self._with_sources(point_ids)
        moment = self._clock()
        for device in self._devices.values():
            device.rely_on(self._watched, moment)
        return self._watched

    def hear(self, numbered: NumberedEvent) -> None:
        """Take that a device or a network went or came back."""
        match numbered.event:
            case DeviceStatusChanged(status=status):
                self._take_status(status)
            case NetworkStatusChanged(status=status):
                if status.health in {Health.DOWN, Health.STARTING}:
                    self._lose(f"{status.network_id}:")

    @override
    def points_of(self, device_id: str, field: Sequence[Point]) -> Sequence[Point]:
        config = self._configs.get(device_id)
        plan = plan_device(field, config.metering if config else MeteringConfig())
        interval = config.poll_seconds if config else UNKNOWN_INTERVAL_SECONDS
        known = self._devices.get(device_id)
        if known is None or (known.plan, known.interval) != (plan, interval):
            self.forget_device(device_id)
            if plan.counters or plan.powers:
                kept = self._keeper.kept
                follower = DeviceFollower(plan, interval, kept, self._clock())
                self._follow(device_id, follower)
        return plan.points

    @override
    def take(self, point_id: str, reading: Reading) -> Iterable[tuple[str, Reading]]:
        device = self._followed[point_id]
        shown = device.take(point_id, reading, self._clock())
        if device.unkept:
            self._keep_soon()
        return ((point_id, shown),)

    @override
    def readings_of(self, device_id: str) -> Iterable[tuple[str, Reading]]:
        device = self._devices.get(device_id)
        return () if device is None else device.readings(self._clock())

    @override
    def forget_device(self, device_id: str) -> None:
        device = self._devices.pop(device_id, None)
        if device is None:
            return
        self._keeper.take(device.records(self._clock()))
        for point_id in device.sources:
            del self._followed[point_id]

    def shift_of(self, point_id: str) -> tuple[float, float]:
        """Return factor and offset from what the field shows to what people see."""
        device = self._devices.get(point_id.rpartition(":")[0])
        return (1.0, 0.0) if device is None else device.shift_of(point_id)

    def device_of(self, point_id: str) -> DeviceFollower | None:
        """Return the device that a counter or derived point is of, None for others."""
        return self._devices.get(point_id.rpartition(":")[0])

    async def records(self) -> dict[str, str]:
        """Return what every meter counted up to now, by point id."""
        await self.keep()
        return dict(self._keeper.kept)

    async def take_records(self, records: Mapping[str, str]) -> None:
        """Count on from these once their devices are asked for; raises StorageError."""
        await self._keeper.adopt(
            {
                point_id: record
                for point_id, record in records.items()
                if point_id.rpartition(":")[0] not in self._configs
            }
        )

    async def keep(self) -> None:
        """Keep what every device counted, then show what waited for that."""
        await self._keep(dict(self._devices))

    async def _keep(self, devices: Mapping[str, DeviceFollower]) -> None:
        waiting = {key: device for key, device in devices.items() if device.unkept}
        for device in devices.values():
            self._keeper.take(device.records(self._clock()))
            await asyncio.sleep(0)
        await self._keeper.save(self._configs)
        for device_id, device in waiting.items():
            if self._devices.get(device_id) is device:
                self._points.show(list(device.were_kept()))
                self._report(device_id)

    def _follow(self, device_id: str, device: DeviceFollower) -> None:
        self._devices[device_id] = device
        device.silent = device_id in self._silent
        self._followed.update(dict.fromkeys(device.sources, device))
        device.rely_on(self._watched, self._clock())
        self._report(device_id)
        if self._with_sources(self._asked) != self._watched:
            asyncio.get_running_loop().call_soon(self._rewatch)

    def _with_sources(self, point_ids: frozenset[str]) -> frozenset[str]:
        wanted = set(point_ids)
        for point_id in point_ids:
            if MARK not in point_id:
                continue
            wanted.add(source_id(point_id))
            device = self.device_of(point_id)
            if device is not None:
                wanted.update(device.sources_of(point_id))
        return frozenset(wanted)

    def _take_status(self, status: DeviceStatus) -> None:
        device = self._devices.get(status.device_id)
        if not status.online:
            self._silent.add(status.device_id)
            if device is not None:
                device.fall_silent(self._clock())
            return
        self._silent.discard(status.device_id)
        if device is None:
            return
        self._points.show(list(device.resume(self._clock())))
        if device.unkept:
            self._keep_soon()

    def _lose(self, prefix: str) -> None:
        moment = self._clock()
        for device_id, device in self._devices.items():
            if device_id.startswith(prefix):
                device.lose(moment)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.sleep(TICK_SECONDS)
            try:
                if loop.time() - began > LATE_SECONDS:
                    # The process slept: nobody knows what was in between
                    self._lose("")
                await self.tick()
            except Exception:
                _LOGGER.exception("The meters could not be followed")

    async def tick(self) -> None:
        """Count what is known by now, show it and keep it."""
        await self._local_time.refresh()
        moment, zone = self._clock(), self._local_time.zone
        self._points.show(
            [
                shown
                for device in self._devices.values()
                for shown in device.advance(moment, zone)
            ]
        )
        await self.keep()

    def _keep_soon(self) -> None:
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.get_running_loop().create_task(self._keep_now())

    async def _keep_now(self) -> None:
        while waiting := {k: each for k, each in self._devices.items() if each.unkept}:
            await self._keep(waiting)

    def _report(self, device_id: str) -> None:
        """State the replacements that nobody confirmed, one problem a device."""
        device = self._devices[device_id]
        found = dict(device.replacements())
        if not found:
            self._problems.solve(device_id, ProblemCode.METER_REPLACED)
            return
        latest = max(found, key=lambda point_id: found[point_id].at)
        shown = {point_id: device.plan.counters[point_id].shown for point_id in found}
        self._problems.report(
            ProblemCode.METER_REPLACED,
            device_id,
            name=", ".join(point.name for point in shown.values()),
            points=", ".join(found),
            old=f"{found[latest].old:.10g}",
            new=f"{found[latest].new:.10g}",
            unit=shown[latest].unit,
            at=found[latest].at.isoformat(timespec="seconds"),
        )


def _asked_of(config: DeviceConfig) -> tuple[MeteringConfig, float]:
    return config.metering, config.poll_seconds
