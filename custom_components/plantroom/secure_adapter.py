"""Registers what Home Assistant shows of BACnet/SC networks and hubs."""

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .change_router import ChangeRouter
from .client import EngineClient
from .const import SUBENTRY_SECURE_HUB, SUBENTRY_SECURE_NETWORK
from .device_registration import register_hub, register_network
from .secure_entities import SecureLinkHere
from .secure_subentries import secure_hub, secure_network


class SecureAdapter:
    """Makes the service devices of an entry's networks and hubs."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        client: EngineClient,
        changes: ChangeRouter,
    ) -> None:
        """Take the entry whose subentries describe them."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self._changes = changes

    def register_networks(self) -> list[SecureLinkHere]:
        """Register the networks that are joined through hubs."""
        return [
            self._link(
                secure_network(item.data).network_id,
                item,
                register_network(self._hass, self._entry, item),
            )
            for item in self._entry.get_subentries_of_type(SUBENTRY_SECURE_NETWORK)
        ]

    def register_hubs(self) -> list[SecureLinkHere]:
        """Register the hubs of our own."""
        return [
            self._link(
                secure_hub(item.data).hub_id,
                item,
                register_hub(self._hass, self._entry, item),
            )
            for item in self._entry.get_subentries_of_type(SUBENTRY_SECURE_HUB)
        ]

    def _link(
        self, subject: str, item: ConfigSubentry, device: DeviceEntry
    ) -> SecureLinkHere:
        return SecureLinkHere(
            client=self._client,
            changes=self._changes,
            entry=self._entry,
            subject=subject,
            subentry_id=item.subentry_id,
            registry_device=device,
        )
