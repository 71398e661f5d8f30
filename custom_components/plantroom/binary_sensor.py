"""Binary sensors: points that are on or off, whether a device answers, alarms."""

from functools import partial
from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
)
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alarm_binary_sensors import AlarmFloodSensor, AlarmSensor, MaintenanceSensor
from .device_adapter import PlatformEntities
from .engine.models import PointValue
from .entity import DeviceEntity
from .entity_table import EntityRow
from .gateway_binary_sensors import SUBSCRIPTION_BINARY_SENSORS
from .point_entity import PointEntity, Shown
from .point_values import shown_switch
from .runtime import PlantroomConfigEntry
from .secure_binary_sensors import SECURE_HUB_BINARY_SENSORS

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PlantroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Show which points are on, which devices answer and where something is wrong."""
    adapter = entry.runtime_data.adapter
    alarm = partial(AlarmSensor, adapter.alarm_board)
    maintenance = partial(MaintenanceSensor, adapter.alarm_board)
    adapter.attach(
        PlatformEntities(
            platform=Platform.BINARY_SENSOR,
            site=(alarm, maintenance, partial(AlarmFloodSensor, adapter.alarm_board)),
            subscription=SUBSCRIPTION_BINARY_SENSORS,
            secure_hub=SECURE_HUB_BINARY_SENSORS,
            network=(alarm, maintenance),
            device=(ConnectivitySensor, alarm, maintenance),
            point=PointBinarySensor,
        ),
        async_add_entities,
    )


class PointBinarySensor(PointEntity, BinarySensorEntity):
    """A binary point that is read."""

    @override
    def _take_row(self, row: EntityRow) -> None:
        self._attr_device_class = (
            BinarySensorDeviceClass(row.device_class) if row.device_class else None
        )

    @override
    def _shown(self, value: PointValue) -> Shown:
        return shown_switch(value)

    @override
    def _take_shown(self, shown: Any) -> None:
        self._attr_is_on = shown


class ConnectivitySensor(DeviceEntity, BinarySensorEntity):
    """Whether a device answers, and how it is read."""

    _key = "connectivity"
    _attr_device_class = BinarySensorDeviceClass.CONNECTIVITY
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _unrecorded_attributes = frozenset({"cov_points", "polled_points"})

    @property
    @override
    def available(self) -> bool:
        """Return whether the engine can say: not answering is an answer."""
        client = self._link.client
        return client.connected and self._link.device_id in client.mirror.statuses

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the device answers."""
        return self._link.online

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return why it does not answer, or how many points come which way."""
        status = self._link.client.mirror.statuses[self._link.device_id]
        if not status.online:
            return {"reason": status.reason} if status.reason else {}
        return {"cov_points": status.cov_points, "polled_points": status.polled_points}
