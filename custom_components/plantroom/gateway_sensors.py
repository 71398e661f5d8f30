"""Sensors: how far an event subscription is, and what waits."""

from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorStateClass,
)
from homeassistant.const import UnitOfTime

from .engine.gateway.models import SubscriptionState
from .gateway_entity import SubscriptionEntity, reason_attributes

# Of the age of an event nobody needs more, and each change is a row of the recorder
_DIGITS: Final = 1


class SubscriptionStateSensor(SubscriptionEntity, SensorEntity):
    """What a subscription does, since when and why."""

    _key = "subscription_state"
    _attr_device_class = SensorDeviceClass.ENUM
    _attr_options = [state.value for state in SubscriptionState]  # noqa: RUF012
    _unrecorded_attributes = frozenset({"detail"})

    @property
    @override
    def native_value(self) -> str:
        """Return the state."""
        return self._status.state.value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return since when, and the reason while there is one."""
        return reason_attributes(self._status)


class LagEventsSensor(SubscriptionEntity, SensorEntity):
    """How many events are in the store and not yet shown; unknown where none can say."""

    _key = "lag_events"
    _attr_state_class = SensorStateClass.MEASUREMENT

    @property
    @override
    def native_value(self) -> int | None:
        """Return the number of events."""
        return self._status.lag_events


class LagSecondsSensor(SubscriptionEntity, SensorEntity):
    """How old the latest event was when it was shown."""

    _key = "lag_seconds"
    _attr_device_class = SensorDeviceClass.DURATION
    _attr_native_unit_of_measurement = UnitOfTime.SECONDS
    _attr_state_class = SensorStateClass.MEASUREMENT
    _attr_suggested_display_precision = _DIGITS

    @property
    @override
    def native_value(self) -> float | None:
        """Return the age in seconds."""
        seconds = self._status.lag_seconds
        return None if seconds is None else round(seconds, _DIGITS)


class ParkedEventsSensor(SubscriptionEntity, SensorEntity):
    """How many events could not be used and were put aside."""

    _key = "parked_events"
    _attr_state_class = SensorStateClass.MEASUREMENT

    @property
    @override
    def native_value(self) -> int:
        """Return the number of events."""
        return self._status.parked


class ServedObjectsSensor(SubscriptionEntity, SensorEntity):
    """How many BACnet objects the events have made."""

    _key = "served_objects"
    _attr_state_class = SensorStateClass.MEASUREMENT

    @property
    @override
    def native_value(self) -> int:
        """Return the number of objects."""
        return self._status.objects


class CommandsWaitingSensor(SubscriptionEntity, SensorEntity):
    """How many commands of BACnet clients are not yet in the event store."""

    _key = "commands_waiting"
    _attr_state_class = SensorStateClass.MEASUREMENT

    @property
    @override
    def native_value(self) -> int:
        """Return the number of commands."""
        return self._status.commands_waiting


class UnsavedEventsSensor(SubscriptionEntity, SensorEntity):
    """How many events are shown and not yet in the recovery cache."""

    _key = "unsaved_events"
    _attr_state_class = SensorStateClass.MEASUREMENT
    _attr_entity_registry_enabled_default = False

    @property
    @override
    def native_value(self) -> int:
        """Return the number of events."""
        return self._status.unsaved


class HandledEventsSensor(SubscriptionEntity, SensorEntity):
    """How many events were used since the subscription began; it changes all the time."""

    _key = "handled_events"
    _attr_state_class = SensorStateClass.TOTAL_INCREASING
    _attr_entity_registry_enabled_default = False

    @property
    @override
    def native_value(self) -> int:
        """Return the number of events."""
        return self._status.handled


SUBSCRIPTION_SENSORS: Final = (
    SubscriptionStateSensor,
    LagEventsSensor,
    LagSecondsSensor,
    ParkedEventsSensor,
    ServedObjectsSensor,
    CommandsWaitingSensor,
    UnsavedEventsSensor,
    HandledEventsSensor,
)
