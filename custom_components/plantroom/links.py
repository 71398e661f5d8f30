"""What the entities of one network or one device share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.helpers import device_registry as dr

from .change_router import ChangeRouter
from .client import EngineClient
from .const import (
    CONF_NAME_SOURCE,
    CONF_OWN,
    CONF_POINTS,
    CONF_PRIORITY,
    CONF_WRITABLE,
    NAME_SOURCE_DESCRIPTION,
)
from .engine.energy.derived_points import source_id
from .engine.models import Point, Protocol
from .overrides import OverrideBook

DEFAULT_PRIORITY: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLink:
    """The whole site, its device in Home Assistant and the way to the engine."""

    client: EngineClient
    changes: ChangeRouter
    entry_id: str
    registry_device: dr.DeviceEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkLink:
    """A network, its device in Home Assistant and the way to the engine."""

    client: EngineClient
    changes: ChangeRouter
    network_id: str
    subentry_id: str
    registry_device: dr.DeviceEntry
    protocol: Protocol = Protocol.BACNET


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionLink:
    """An event subscription, its device in Home Assistant and the way to the engine."""

    client: EngineClient
    changes: ChangeRouter
    subscription_id: str
    subentry_id: str
    registry_device: dr.DeviceEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLink:
    """A field device, its options, its device in Home Assistant and the engine."""

    client: EngineClient
    changes: ChangeRouter
    overrides: OverrideBook
    entry: ConfigEntry
    subentry_id: str
    device_id: str
    registry_device: dr.DeviceEntry
    protocol: Protocol = Protocol.BACNET

    @property
    def name(self) -> str:
        """Return what the device calls itself, its id before it was ever read."""
        device = self.client.mirror.devices.get(self.device_id)
        return device.name if device is not None and device.name else self.device_id

    @property
    def online(self) -> bool:
        """Return whether the engine can be asked and the device answers."""
        status = self.client.mirror.statuses.get(self.device_id)
        return self.client.connected and status is not None and status.online

    @property
    def priority(self) -> int:
        """Return the priority we write at; it can change without a reload."""
        priority: int = self._options.get(CONF_PRIORITY, DEFAULT_PRIORITY)
        return priority

    @property
    def is_own(self) -> bool:
        """Return whether the device is Plantroom itself, with what events made."""
        return bool(self._options.get(CONF_OWN))

    @property
    def wanted(self) -> frozenset[str] | None:
        """Return the references that a person chose, None for no choice."""
        points = self._options.get(CONF_POINTS)
        return None if points is None else frozenset(points)

    def is_wanted(self, reference: str) -> bool:
        """Return whether a person chose a point, or what it is computed from."""
        wanted = self.wanted
        return wanted is None or bool(wanted & {reference, source_id(reference)})

    def is_writable(self, point: Point) -> bool:
        """Return whether a value without priorities may be written.

        A register map says it of each register, and a person of the whole device.
        """
        if self.protocol is Protocol.MODBUS:
            return bool(self._options.get(CONF_WRITABLE, True))
        return point.reference in self._options.get(CONF_WRITABLE, ())

    @property
    def from_description(self) -> bool:
        """Return whether entities are named by the points' descriptions."""
        return self._options.get(CONF_NAME_SOURCE) == NAME_SOURCE_DESCRIPTION

    @property
    def _options(self) -> Mapping[str, Any]:
        subentry = self.entry.subentries.get(self.subentry_id)
        return {} if subentry is None else subentry.data
