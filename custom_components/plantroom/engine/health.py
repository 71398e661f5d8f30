"""How networks and devices are doing, told once per change."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from .event_bus import EventBus
from .events import DeviceStatusChanged, NetworkRemoved, NetworkStatusChanged
from .models import DeviceStatus, Health, NetworkStatus


class HealthBoard:
    """The latest status of every network and device."""

    def __init__(self, events: EventBus) -> None:
        """Start with none."""
        self._events = events
        self._networks: dict[str, NetworkStatus] = {}
        self._devices: dict[str, DeviceStatus] = {}

    def networks(self) -> tuple[NetworkStatus, ...]:
        """Return the status of every network."""
        return tuple(self._networks.values())

    def devices(self) -> tuple[DeviceStatus, ...]:
        """Return the status of every device."""
        return tuple(self._devices.values())

    def network(
        self,
        network_id: str,
        health: Health,
        reason: str = "",
        facts: Mapping[str, str] | None = None,
    ) -> None:
        """State a network's health."""
        before = self._networks.get(network_id)
        status = NetworkStatus(
            network_id=network_id,
            health=health,
            since=datetime.now(UTC),
            reason=reason,
            facts=dict(facts or {}),
        )
        if before is not None:
            status = replace(
                status,
                since=before.since if before.health == health else status.since,
                devices_online=before.devices_online,
                devices_total=before.devices_total,
            )
        self._take_network(status)

    def device(self, status: DeviceStatus) -> None:
        """State a device's status; its `since` stays while it is as online as before."""
        before = self._devices.get(status.device_id)
        if before is not None and before.online == status.online:
            status = replace(status, since=before.since)
        if before == status:
            return
        self._devices[status.device_id] = status
        self._events.publish(DeviceStatusChanged(status=status))
        self._count(status.device_id.rpartition(":")[0])

    def forget_network(self, network_id: str) -> None:
        """Drop a network that has no devices any more, and tell."""
        if self._networks.pop(network_id, None) is not None:
            self._events.publish(NetworkRemoved(network_id=network_id))

    def forget_device(self, device_id: str) -> None:
        """Drop a device; the event for the device says so."""
        if self._devices.pop(device_id, None) is not None:
            self._count(device_id.rpartition(":")[0])

    def _count(self, network_id: str) -> None:
        network = self._networks.get(network_id)
        if network is None:
            return
        mine = [
            status
            for device_id, status in self._devices.items()
            if device_id.rpartition(":")[0] == network_id
        ]
        online = sum(status.online for status in mine)
        self._take_network(
            replace(network, devices_online=online, devices_total=len(mine))
        )

    def _take_network(self, status: NetworkStatus) -> None:
        if self._networks.get(status.network_id) == status:
            return
        self._networks[status.network_id] = status
        self._events.publish(NetworkStatusChanged(status=status))
