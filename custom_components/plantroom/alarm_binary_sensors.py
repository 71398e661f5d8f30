"""Whether something is wrong, in maintenance, or too much at once."""

from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
)
from homeassistant.const import EntityCategory

from .alarm_entity import AlarmEntity
from .engine.alarms.models import Severity

ALARM_KEY: Final = "alarm"


class AlarmSensor(AlarmEntity, BinarySensorEntity):
    """Whether something is wrong at a device, in a network or at the site."""

    _key = ALARM_KEY
    _attr_device_class = BinarySensorDeviceClass.PROBLEM

    @property
    @override
    def is_on(self) -> bool:
        """Return whether there is an alarm that is not over."""
        return self._summary.active > 0

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return how many alarms there are, and how much they matter."""
        summary = self._summary
        return {
            "open": summary.open,
            "active": summary.active,
            "unacknowledged": summary.unacknowledged,
            "shelved": summary.shelved,
            "suppressed": summary.suppressed,
            "highest_severity": summary.highest,
            "by_severity": {each.value: summary.by_severity[each] for each in Severity},
        }


class MaintenanceSensor(AlarmEntity, BinarySensorEntity):
    """Whether alarms call nobody, since somebody works there."""

    _key = "maintenance"
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    @property
    @override
    def is_on(self) -> bool:
        """Return whether maintenance goes on, here or of all that this is part of."""
        return self._maintenance is not None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return since when, until when, who and why."""
        maintenance = self._maintenance
        if maintenance is None:
            return {}
        return {
            "since": maintenance.since,
            "until": maintenance.until,
            "actor": maintenance.actor,
            "comment": maintenance.comment,
        }


class AlarmFloodSensor(AlarmEntity, BinarySensorEntity):
    """Whether alarms come faster than people can take."""

    _key = "alarm_flood"
    _attr_device_class = BinarySensorDeviceClass.PROBLEM
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _unrecorded_attributes = frozenset({"alarms"})

    @property
    @override
    def is_on(self) -> bool:
        """Return whether there is a flood."""
        return self._link.client.mirror.flood is not None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return since when, and how many alarms were raised in it."""
        flood = self._link.client.mirror.flood
        if flood is None:
            return {}
        return {"since": flood.since, "alarms": flood.alarms}
