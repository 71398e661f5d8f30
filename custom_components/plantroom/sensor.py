"""Sensors: measured points, the health of networks, overrides, counts of alarms."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alarm_sensors import SeveritySensor, UnacknowledgedAlarmsSensor
from .device_adapter import PlatformEntities
from .engine.alarms.models import Severity
from .engine.models import Health, PointKind, PointValue
from .entity import DeviceEntity, NetworkEntity
from .entity_table import EntityRow
from .gateway_sensors import SUBSCRIPTION_SENSORS
from .overrides import overrides_subject
from .point_entity import PointEntity, Shown
from .point_values import option_of, shown_number, shown_text
from .runtime import PlantroomConfigEntry
from .secure_sensors import SECURE_HUB_SENSORS, SECURE_NETWORK_SENSORS

PARALLEL_UPDATES = 0

_NAMES_SHOWN: Final = 25


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PlantroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Show what networks, devices and points say."""
    adapter = entry.runtime_data.adapter
    unacknowledged = partial(UnacknowledgedAlarmsSensor, adapter.alarm_board)
    adapter.attach(
        PlatformEntities(
            platform=Platform.SENSOR,
            site=(
                *(
                    partial(SeveritySensor, adapter.alarm_board, item)
                    for item in Severity
                ),
                unacknowledged,
            ),
            subscription=SUBSCRIPTION_SENSORS,
            secure_network=SECURE_NETWORK_SENSORS,
            secure_hub=SECURE_HUB_SENSORS,
            network=(NetworkHealthSensor, DevicesOnlineSensor, unacknowledged),
            bacnet_device=(OverriddenPointsSensor,),
            point=PointSensor,
        ),
        async_add_entities,
    )


class PointSensor(PointEntity, SensorEntity):
    """A point that is read."""

    @override
    def _take_row(self, row: EntityRow) -> None:
        self._attr_native_unit_of_measurement = row.unit
        self._attr_device_class = (
            SensorDeviceClass(row.device_class) if row.device_class else None
        )
        self._attr_state_class = row.state_class
        self._attr_options = [*row.options] or None
        self._attr_suggested_display_precision = row.precision

    @override
    def _shown(self, value: PointValue) -> Shown:
        if self._row.options:
            return option_of(value, self._row.options)
        if self.point.kind is PointKind.TEXT:
            return shown_text(value)
        return shown_number(value)

    @override
    def _take_shown(self, shown: Any) -> None:
        self._attr_native_value = shown


class NetworkHealthSensor(NetworkEntity, SensorEntity):
    """How a network is doing, and since when and why."""

    _key = "network_health"
    _attr_device_class = SensorDeviceClass.ENUM
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_options = [health.value for health in Health]  # noqa: RUF012

    @property
    @override
    def native_value(self) -> str:
        """Return the health of the network."""
        return self._link.client.mirror.networks[self._link.network_id].health.value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return since when, and the reason while there is one."""
        status = self._link.client.mirror.networks[self._link.network_id]
        reason = {"reason": status.reason} if status.reason else {}
        return {"since": status.since.isoformat(), **reason}


class DevicesOnlineSensor(NetworkEntity, SensorEntity):
    """How many of a network's devices answer."""

    _key = "devices_online"
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_state_class = SensorStateClass.MEASUREMENT

    @property
    @override
    def native_value(self) -> int:
        """Return the number of devices that answer."""
        return self._link.client.mirror.networks[self._link.network_id].devices_online

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return the number of devices there are."""
        status = self._link.client.mirror.networks[self._link.network_id]
        return {"devices_total": status.devices_total}


class OverriddenPointsSensor(DeviceEntity, SensorEntity):
    """How many enabled points of a device somebody stronger than us commands."""

    _key = "overridden_points"
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_state_class = SensorStateClass.MEASUREMENT
    _unrecorded_attributes = frozenset({"points"})

    @override
    def _follow(self) -> Iterable[Callable[[], None]]:
        link = self._link
        return (
            *super()._follow(),
            link.changes.listen(
                overrides_subject(link.device_id), self.async_write_ha_state
            ),
        )

    @property
    @override
    def native_value(self) -> int:
        """Return the number of overridden points."""
        return len(self._link.overrides.of_device(self._link.device_id))

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return the names of the first overridden points."""
        point_ids = self._link.overrides.of_device(self._link.device_id)
        points = self._link.client.mirror.points
        names = [points[item].name for item in point_ids if item in points]
        return {"points": names[:_NAMES_SHOWN]}
