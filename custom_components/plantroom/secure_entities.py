"""What the entities of BACnet/SC networks and hubs share."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EntityCategory
from homeassistant.helpers import device_registry as dr

from .change_router import CERTIFICATES_SUBJECT, ChangeRouter
from .client import EngineClient
from .engine.secure_connect.models import SecureHubStatus, SecureNetworkStatus
from .entity import PlantroomEntity

_CREDENTIALS: Final = "credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureLinkHere:
    """A BACnet/SC network or hub, its device in Home Assistant and the engine.

    subject: id of the network or hub.
    """

    client: EngineClient
    changes: ChangeRouter
    entry: ConfigEntry
    subject: str
    subentry_id: str
    registry_device: dr.DeviceEntry

    @property
    def credentials(self) -> str:
        """Return the id of the credentials used; it can change without a reload."""
        subentry = self.entry.subentries.get(self.subentry_id)
        data: Mapping[str, Any] = {} if subentry is None else subentry.data
        return str(data.get(_CREDENTIALS, ""))


class SecureEntity(PlantroomEntity):
    """An entity about a network or hub; key is its translation key and id."""

    _key: str
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(self, link: SecureLinkHere) -> None:
        """Take the network or hub."""
        self._link = link
        self._attr_translation_key = self._key
        self._attr_unique_id = f"{link.subject}:{self._key}"
        self.device_entry = link.registry_device

    @override
    def _follow(self) -> Iterable[Callable[[], None]]:
        changes, subject = self._link.changes, self._link.subject
        return (changes.listen(subject, self.async_write_ha_state),)


class SecureNetworkEntity(SecureEntity):
    """Available while the server says how our node is: not connected is an answer."""

    @property
    @override
    def available(self) -> bool:
        """Return whether the engine can be asked and knows the network."""
        client = self._link.client
        return client.connected and self._link.subject in client.mirror.secure_networks

    @property
    def _status(self) -> SecureNetworkStatus:
        return self._link.client.mirror.secure_networks[self._link.subject]


class SecureHubEntity(SecureEntity):
    """Available while the server says how the hub is: not listening is an answer."""

    @property
    @override
    def available(self) -> bool:
        """Return whether the engine can be asked and knows the hub."""
        client = self._link.client
        return client.connected and self._link.subject in client.mirror.secure_hubs

    @property
    def _status(self) -> SecureHubStatus:
        return self._link.client.mirror.secure_hubs[self._link.subject]


class CertificateEntity(SecureEntity):
    """An entity about the certificate that a network or hub uses."""

    @override
    def _follow(self) -> Iterable[Callable[[], None]]:
        listen = self._link.changes.listen
        return (listen(CERTIFICATES_SUBJECT, self.async_write_ha_state),)

    @property
    @override
    def available(self) -> bool:
        """Return whether there is a certificate that ends."""
        return self._link.client.connected and self._expires_at is not None

    @property
    def _expires_at(self) -> datetime | None:
        for each in self._link.client.mirror.certificates.credentials:
            if each.credentials_id == self._link.credentials:
                return each.expires_at
        return None
