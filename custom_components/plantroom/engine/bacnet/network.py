"""A BACnet network: its link, kept open, and the devices on it."""

import asyncio
from collections.abc import Collection, Sequence
from typing import override

from ..alarms.configuration import AlarmRule
from ..alarms.models import Alarm
from ..errors import (
    DeviceOfflineError,
    NetworkError,
    UnknownTargetError,
)
from ..events import DeviceChanged, DeviceRemoved, DeviceSeen
from ..field import FieldNetwork, ProgressListener
from ..history.log_source import LoggedHours, LogProgress, LogQuery, LogSource
from ..history.models import TrendLogSummary
from ..models import (
    Access,
    Device,
    FoundDevice,
    Point,
    PointsDifference,
    PointValue,
)
from ..polling import Poller
from ..records import Records
from ..requests import PropertyAnswer, ReadPropertyRequest, ScanRequest
from ..site_config import MAX_INSTANCE, BacnetConfig, BacnetDeviceConfig
from ..storage.devices import StoredDevice
from ..write_rules import ReadBack
from .device import BacnetDevice
from .device_search import DeviceSearch
from .devices_by_address import DevicesByAddress
from .event_router import EventRouter
from .limit_rules import read_limit_rules
from .local_objects.own_device import OwnDevice
from .network_access import NetworkAccess
from .newcomers import Newcomers
from .own_instance import OwnInstance
from .property_queries import read_any_property
from .reading.property_reader import PropertyReader
from .routing.router import Router
from .scanning import reader_on, scan_network
from .who_is import IAm
from .wire.link import Link

FIRST_CENSUS_SECONDS = 60.0
CENSUS_SECONDS = 1800.0


class BacnetNetwork(FieldNetwork[BacnetDeviceConfig], LogSource):
    """Opens its link, opens it again when it breaks, and serves devices over it."""

    def __init__(
        self,
        config: BacnetConfig,
        access: NetworkAccess,
        records: Records,
        poller: Poller,
        own_device: OwnDevice | None = None,
        router: Router | None = None,
    ) -> None:
        """Take what is asked for, where the facts go, and who answers for us.

        access: to the network, which is ours alone. router: to the other ones.
        """
        self._config = config
        self._access = access
        self._served_device = own_device
        self._router = router
        self._records = records
        self._poller = poller
        self._wanted: dict[int, BacnetDeviceConfig] = {}
        self._devices: dict[int, BacnetDevice] = {}
        self._by_address = DevicesByAddress()
        self._stored: dict[str, StoredDevice] = {}
        self._watched: Collection[str] = ()
        self._link: Link | None = None
        self._own = OwnInstance(config, records.problems, own_device)
        self._search = DeviceSearch(self._send_who_is)
        self._newcomers = Newcomers(
            config.network_id, self._reader_for, self._introduce
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._changing = asyncio.Lock()

    @override
    async def start(self) -> None:
        self._stored = await self._records.store.load()
        self._access.starting()
        await self._try_open()
        loop = asyncio.get_running_loop()
        for work in (
            self._keep_open(),
            self._take_census(),
            self._newcomers.run(),
        ):
            self._tasks.add(loop.create_task(work))

    @override
    async def stop(self) -> None:
        tasks = [*self._tasks]
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._search.stop()
        async with self._changing:
            await self._close_link(cancel=True)
        await self._access.stop()

    @override
    async def serve(self, devices: Sequence[BacnetDeviceConfig]) -> None:
        async with self._changing:
            before, self._wanted = self._wanted, {d.instance: d for d in devices}
            for instance in before.keys() - self._wanted.keys():
                await self._remove_device(instance)
            for instance, config in self._wanted.items():
                if before.get(instance) == config:
                    continue
                if self._link is None:
                    self._show_stored(config)
                else:
                    await self._stop_device(instance)
                    await self._start_device(config, self._link)

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
        link = await self._registered_link()
        found = await scan_network(link, self._search, request, progress)
        return self._own.mark(found, link.address.host)

    @override
    async def survey(self, device_id: str) -> PointsDifference:
        return await self._device(device_id).survey()

    @override
    async def read_property(self, request: ReadPropertyRequest) -> PropertyAnswer:
        session = self._device(request.device_id).session
        return await read_any_property(session.reader, request)

    @override
    async def alarm_suggestions(self, device_id: str) -> tuple[AlarmRule, ...]:
        reader = self._device(device_id).session.reader
        return await read_limit_rules(reader, self._records.points.of_device(device_id))

    @override
    def devices(self) -> tuple[Device, ...]:
        found = (self._description(config) for config in self._wanted.values())
        return tuple(device for device in found if device is not None)

    @override
    def write_settings(self, point: Point) -> tuple[int, bool]:
        config = self._device(point.device_id).config
        return config.priority, point.reference in config.writable

    @override
    def settle(self, point: Point, value: PointValue) -> PointValue:
        return value

    @override
    async def send_write(
        self, point: Point, value: PointValue, priority: int | None
    ) -> None:
        session, object_id = self._device(point.device_id).session_for(point)
        await session.write(
            object_id,
            value,
            priority if point.access is Access.COMMANDABLE else None,
        )

    @override
    async def read_back(self, point: Point) -> ReadBack:
        session, object_id = self._device(point.device_id).session_for(point)
        return await session.read_back(point, object_id)

    @override
    async def trend_logs(self, device_id: str) -> tuple[TrendLogSummary, ...]:
        device = self._device(device_id)
        return await device.trend_logs.summaries(device.session)

    @override
    async def logged_hours(
        self, device_id: str, query: LogQuery, progress: LogProgress
    ) -> LoggedHours:
        device = self._device(device_id)
        services = device.device.services if device.device else ()
        points = self._records.points.of_device(device_id)
        return await device.trend_logs.hours(
            device.session, services, points, query, progress
        )

    async def acknowledge_alarm(self, alarm: Alarm, actor: str) -> None:
        """Have a device take note of what is pending; raises PlantroomError."""
        if not alarm.pending:
            return
        device = self._device(alarm.device_id)
        await device.alarms.acknowledge(device.session, alarm, actor)

    async def _take_census(self) -> None:
        """Ask for everybody now and then: new devices and doubles show themselves."""
        await asyncio.sleep(FIRST_CENSUS_SECONDS)
        while True:
            self._own.begin_census()
            await self._send_who_is(0, MAX_INSTANCE)
            await asyncio.sleep(CENSUS_SECONDS)

    async def _keep_open(self) -> None:
        """Open the link whenever it is not, and notice when it is lost."""
        failures = 0 if self._link is not None else 1
        while True:
            if self._link is None:
                await self._access.until_worth_trying(failures)
                failures = 0 if await self._try_open() else failures + 1
                continue
            failure = await self._access.until_lost()
            if failure is None:
                self._refresh()
                continue
            async with self._changing:
                for device in self._devices.values():
                    device.cut_off(failure)
                await self._close_link(cancel=False)
            self._access.failed(failure)

    async def _try_open(self) -> bool:
        async with self._changing:
            try:
                link = await self._opened_link()
            except NetworkError as err:
                self._access.failed(err)
                return False
            self._link = link
            if self._router is not None:
                self._router.opened(self._config.network_id)
            self._access.opened()
            self._opened()
            for config in self._wanted.values():
                await self._start_device(config, link)
        return True

    def _opened(self) -> None:
        """Take note that a link is open."""

    def _refresh(self) -> None:
        """Say and ask again what may not have come through."""
        if self._link is not None:
            self._link.introduce()
        for device in self._devices.values():
            device.may_have_missed_something()
            self._poller.poll_soon(device.device_id)

    async def _opened_link(self) -> Link:
        carrier = await self._access.carrier()
        if self._router is not None:
            self._router.attach(self._config.network_id, carrier)
        link = Link(
            carrier,
            self._config,
            on_i_am=self._take_i_am,
            on_change=self._by_address.notified,
            on_event=EventRouter(self._devices).take,
            own_device=self._served_device,
        )
        try:
            await link.open()
        except NetworkError:
            await link.close()
            raise
        return link

    async def _close_link(self, *, cancel: bool) -> None:
        await asyncio.gather(
            *(
                self._stop_device(instance, cancel=cancel)
                for instance in tuple(self._devices)
            )
        )
        link, self._link = self._link, None
        if self._router is not None:
            self._router.detach(self._config.network_id)
        if link is not None:
            await link.close()

    async def _registered_link(self) -> Link:
        """Return the link once broadcasts go out, or raise NetworkError."""
        link = self._link
        if link is None:
            raise self._access.down_error()
        await link.registration_settled()
        if not link.registered:
            raise self._access.down_error()
        return link

    async def _start_device(self, config: BacnetDeviceConfig, link: Link) -> None:
        device = BacnetDevice(
            config,
            link,
            self._stored.get(config.device_id),
            self._records,
            locate=self._search.locate,
            on_address=self._by_address.moved,
            poll_soon=self._poller.poll_soon,
        )
        self._devices[config.instance] = device
        await device.start()
        device.watch(self._watched)
        self._poller.add(device)

    async def _stop_device(
        self, instance: int, *, cancel: bool = True, withdraw: bool = False
    ) -> None:
        device = self._devices.pop(instance, None)
        if device is None:
            return
        await self._poller.remove(device.device_id)
        if withdraw:
            await device.withdraw()
        await device.stop(cancel=cancel)
        stored = device.as_stored()
        if stored is not None:
            self._stored[device.device_id] = stored

    async def _remove_device(self, instance: int) -> None:
        await self._stop_device(instance, withdraw=True)
        device_id = f"{self._config.network_id}:{instance}"
        self._stored.pop(device_id, None)
        self._records.points.forget_device(device_id)
        self._records.health.forget_device(device_id)
        self._records.problems.solve(device_id)
        await self._records.store.remove(device_id)
        self._records.events.publish(DeviceRemoved(device_id=device_id))

    def _description(self, config: BacnetDeviceConfig) -> Device | None:
        served = self._devices.get(config.instance)
        if served is not None:
            return served.device
        stored = self._stored.get(config.device_id)
        return stored.device if stored else None

    def _show_stored(self, config: BacnetDeviceConfig) -> None:
        """Show a device that cannot be reached as it was when it last could."""
        stored = self._stored.get(config.device_id)
        if stored is None:
            return
        self._records.events.publish(DeviceChanged(device=stored.device))
        wanted = config.points
        points = [p for p in stored.points if wanted is None or p.reference in wanted]
        self._records.points.define(config.device_id, points)

    def _device(self, device_id: str) -> BacnetDevice:
        instance = device_id.rpartition(":")[2]
        device = self._devices.get(int(instance)) if instance.isdecimal() else None
        if device is None and instance.isdecimal() and int(instance) in self._wanted:
            raise self._access.down_error()
        if device is None or device.device_id != device_id:
            raise UnknownTargetError(
                f"There is no device {device_id}", target=device_id
            )
        return device

    async def _send_who_is(self, low: int, high: int) -> None:
        if self._link is not None:
            await self._link.send_who_is(low, high)

    def _take_i_am(self, i_am: IAm) -> None:
        self._search.heard(i_am)
        ours = self._own.heard(i_am)
        device = self._devices.get(i_am.instance)
        if device is not None:
            task = asyncio.get_running_loop().create_task(self._tell(device, i_am))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif i_am.instance not in self._wanted and not ours:
            self._newcomers.heard(i_am)

    def _reader_for(self, i_am: IAm) -> PropertyReader:
        """Return what reads from a device that is not configured."""
        if self._link is None:
            raise DeviceOfflineError("The network is down", device=i_am.address)
        return reader_on(self._link, i_am)

    def _introduce(self, found: FoundDevice) -> None:
        if found.instance not in self._wanted:
            self._records.events.publish(DeviceSeen(found=found))

    async def _tell(self, device: BacnetDevice, i_am: IAm) -> None:
        if await device.heard(i_am):
            self._poller.poll_soon(device.device_id)
