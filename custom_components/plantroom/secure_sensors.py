"""Sensors of BACnet/SC: through which hub, since when, drops, nodes, certificates."""

from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorStateClass,
)

from .engine.secure_connect.models import HubConnection
from .secure_entities import (
    CertificateEntity,
    SecureHubEntity,
    SecureNetworkEntity,
)


class HubConnectionSensor(SecureNetworkEntity, SensorEntity):
    """Through which hub our node takes part, and why not through the primary."""

    _key = "hub_connection"
    _attr_device_class = SensorDeviceClass.ENUM
    _attr_options = [each.value for each in HubConnection]  # noqa: RUF012
    _unrecorded_attributes = frozenset({"detail", "direct_peers", "hub_vmac", "vmac"})

    @property
    @override
    def native_value(self) -> str:
        """Return primary, failover or none."""
        return self._status.connection.value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return hub and addresses, and the reason while something is wrong."""
        status = self._status
        why = {"reason": status.reason, "detail": status.detail}
        return {
            "hub_uri": status.hub_uri,
            "hub_vmac": status.hub_vmac,
            "vmac": status.vmac,
            "direct_peers": [*status.direct_peers],
            **(why if status.reason else {}),
        }


class ConnectedSinceSensor(SecureNetworkEntity, SensorEntity):
    """When the connection was made or lost."""

    _key = "hub_since"
    _attr_device_class = SensorDeviceClass.TIMESTAMP

    @property
    @override
    def native_value(self) -> datetime:
        """Return the moment."""
        return self._status.since


class HubDropsSensor(SecureNetworkEntity, SensorEntity):
    """How often the connection was lost since the server started."""

    _key = "hub_drops"
    _attr_state_class = SensorStateClass.TOTAL_INCREASING

    @property
    @override
    def native_value(self) -> int:
        """Return the number."""
        return self._status.drops


class HubNodesSensor(SecureHubEntity, SensorEntity):
    """How many nodes are connected to our hub."""

    _key = "hub_nodes"
    _attr_state_class = SensorStateClass.MEASUREMENT

    @property
    @override
    def native_value(self) -> int:
        """Return the number of nodes."""
        return self._status.nodes


class HubRefusedSensor(SecureHubEntity, SensorEntity):
    """How many connections our hub refused since the server started."""

    _key = "hub_refused"
    _attr_state_class = SensorStateClass.TOTAL_INCREASING

    @property
    @override
    def native_value(self) -> int:
        """Return the number of connections."""
        return self._status.refused


class CertificateExpirySensor(CertificateEntity, SensorEntity):
    """When the certificate in use ends."""

    _key = "certificate_expires"
    _attr_device_class = SensorDeviceClass.TIMESTAMP

    @property
    @override
    def native_value(self) -> datetime | None:
        """Return the moment."""
        return self._expires_at


SECURE_NETWORK_SENSORS: Final = (
    HubConnectionSensor,
    ConnectedSinceSensor,
    HubDropsSensor,
    CertificateExpirySensor,
)
SECURE_HUB_SENSORS: Final = (
    HubNodesSensor,
    HubRefusedSensor,
    CertificateExpirySensor,
)
