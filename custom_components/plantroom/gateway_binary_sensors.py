"""Binary sensors: whether an event store and the recovery cache are there."""

from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
)

from .engine.gateway.models import SubscriptionState
from .gateway_entity import SubscriptionEntity, reason_attributes

_CONNECTED: Final = frozenset({SubscriptionState.RUNNING, SubscriptionState.STANDBY})


class EventStoreSensor(SubscriptionEntity, BinarySensorEntity):
    """Whether the event store answers: events flow, or wait for our turn."""

    _key = "event_store"
    _attr_device_class = BinarySensorDeviceClass.CONNECTIVITY
    _unrecorded_attributes = frozenset({"detail"})

    @property
    @override
    def is_on(self) -> bool:
        """Return whether it answers."""
        return self._status.state in _CONNECTED

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return the state, since when, and the reason while there is one."""
        status = self._status
        return {"state": status.state.value, **reason_attributes(status)}


class RecoveryCacheSensor(SubscriptionEntity, BinarySensorEntity):
    """Whether the recovery cache takes what is shown."""

    _key = "recovery_cache"
    _attr_device_class = BinarySensorDeviceClass.CONNECTIVITY

    @property
    @override
    def is_on(self) -> bool:
        """Return whether it answers."""
        return self._status.cache_connected


SUBSCRIPTION_BINARY_SENSORS: Final = (EventStoreSensor, RecoveryCacheSensor)
