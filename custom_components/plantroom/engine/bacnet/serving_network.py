"""A BACnet network on which we are a device ourselves, with objects that are points."""

from collections.abc import Sequence
from typing import override

from ..alarms.configuration import AlarmRule
from ..errors import DeviceRefusedError
from ..history.log_source import LoggedHours, LogProgress, LogQuery
from ..history.models import TrendLogSummary
from ..models import Device, Point, PointsDifference, PointValue
from ..polling import Poller
from ..records import Records
from ..requests import PropertyAnswer, ReadPropertyRequest
from ..site_config import BacnetConfig, BacnetDeviceConfig
from ..write_rules import ReadBack
from .local_objects.as_points import OwnPoints
from .local_objects.device_object import DeviceIdentity
from .local_objects.objects import LocalObjects
from .local_objects.own_device import OwnDevice
from .network import BacnetNetwork
from .network_access import NetworkAccess
from .routing.router import Router

DEFAULT_PRIORITY = 8


class ServingNetwork(BacnetNetwork):
    """Does for our own device what a network does for others, without the wire."""

    def __init__(
        self,
        config: BacnetConfig,
        access: NetworkAccess,
        records: Records,
        poller: Poller,
        objects: LocalObjects,
        router: Router | None = None,
        *,
        has_points: bool = True,
    ) -> None:
        """Take what is asked for, where the facts go, and our objects.

        has_points: whether the objects are points of ours here, or of another network
        that shows the same ones.
        """
        identity = DeviceIdentity(
            instance=config.instance, name=f"Plantroom {config.name}"
        )
        self._own_device = OwnDevice(identity, objects)
        super().__init__(config, access, records, poller, self._own_device, router)
        self._has_points = has_points
        self._network_config = config
        self._own_id = f"{config.network_id}:{config.instance}"
        self._own_points = OwnPoints(
            self._own_id, objects, records, self._describe_ourselves
        )
        self._own_config: BacnetDeviceConfig | None = None

    @override
    async def start(self) -> None:
        self._own_device.start()
        if self._has_points:
            self._own_points.start()
        await super().start()

    @override
    async def stop(self) -> None:
        await super().stop()
        self._own_points.stop()
        await self._own_device.stop()

    @override
    def _opened(self) -> None:
        self._own_points.moved(self._access.own_address)

    @override
    async def serve(self, devices: Sequence[BacnetDeviceConfig]) -> None:
        ours = [each for each in devices if each.device_id == self._own_id]
        self._own_config = ours[0] if ours else None
        await super().serve([each for each in devices if each not in ours])

    @override
    def devices(self) -> tuple[Device, ...]:
        own = self._own_points.device
        return super().devices() if own is None else (*super().devices(), own)

    @override
    def write_settings(self, point: Point) -> tuple[int, bool]:
        if point.device_id != self._own_id:
            return super().write_settings(point)
        config = self._own_config
        return (DEFAULT_PRIORITY if config is None else config.priority), False

    @override
    async def send_write(
        self, point: Point, value: PointValue, priority: int | None
    ) -> None:
        if point.device_id != self._own_id:
            await super().send_write(point, value, priority)
            return
        await self._own_points.write(point, value, priority)

    @override
    async def read_back(self, point: Point) -> ReadBack:
        if point.device_id != self._own_id:
            return await super().read_back(point)
        return self._own_points.read_back(point)

    @override
    async def survey(self, device_id: str) -> PointsDifference:
        if device_id != self._own_id:
            return await super().survey(device_id)
        return PointsDifference(device_id=device_id)

    @override
    async def read_property(self, request: ReadPropertyRequest) -> PropertyAnswer:
        if request.device_id != self._own_id:
            return await super().read_property(request)
        return self._own_device.read_property(request)

    @override
    async def alarm_suggestions(self, device_id: str) -> tuple[AlarmRule, ...]:
        if device_id != self._own_id:
            return await super().alarm_suggestions(device_id)
        return ()

    @override
    async def trend_logs(self, device_id: str) -> tuple[TrendLogSummary, ...]:
        if device_id != self._own_id:
            return await super().trend_logs(device_id)
        return ()

    @override
    async def logged_hours(
        self, device_id: str, query: LogQuery, progress: LogProgress
    ) -> LoggedHours:
        if device_id != self._own_id:
            return await super().logged_hours(device_id, query, progress)
        raise DeviceRefusedError(
            "Our own device keeps no Trend Logs",
            device=device_id,
            reason="no-objects-of-specified-type",
        )

    def _describe_ourselves(self) -> Device:
        return self._own_device.describe(
            self._network_config.network_id, self._access.own_address
        )
