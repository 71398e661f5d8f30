"""Binary sensors of BACnet/SC: whether our hub listens."""

from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
)

from .secure_entities import SecureHubEntity


class HubListeningSensor(SecureHubEntity, BinarySensorEntity):
    """Whether nodes can connect to our hub."""

    _key = "hub_listening"
    _attr_device_class = BinarySensorDeviceClass.RUNNING
    _unrecorded_attributes = frozenset({"detail"})

    @property
    @override
    def is_on(self) -> bool:
        """Return whether it listens."""
        return self._status.listening

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return since when, and the reason while it does not."""
        status = self._status
        why = {"reason": status.reason, "detail": status.detail}
        since = {"since": status.since.isoformat()}
        return since | (why if status.reason else {})


SECURE_HUB_BINARY_SENSORS: Final = (HubListeningSensor,)
