"""Registers what Home Assistant shows of BACnet/SC networks and hubs."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .change_router import ChangeRouter
from .client import EngineClient
from .const import SUBENTRY_SECURE_HUB, SUBENTRY_SECURE_NETWORK
from .device_registration import register_hub, register_network
from .secure_entities import SecureLinkHere
from .secure_subentries import secure_hub, secure_network


def register_secure_networks(
    hass: HomeAssistant,
    entry: ConfigEntry,
    client: EngineClient,
    changes: ChangeRouter,
) -> list[SecureLinkHere]:
    """Register the networks that are joined through hubs."""
    return [
        SecureLinkHere(
            client=client,
            changes=changes,
            entry=entry,
            subject=secure_network(item.data).network_id,
            subentry_id=item.subentry_id,
            registry_device=register_network(hass, entry, item),
        )
        for item in entry.get_subentries_of_type(SUBENTRY_SECURE_NETWORK)
    ]


def register_hubs(
    hass: HomeAssistant,
    entry: ConfigEntry,
    client: EngineClient,
    changes: ChangeRouter,
) -> list[SecureLinkHere]:
    """Register the hubs of our own."""
    return [
        SecureLinkHere(
            client=client,
            changes=changes,
            entry=entry,
            subject=secure_hub(item.data).hub_id,
            subentry_id=item.subentry_id,
            registry_device=register_hub(hass, entry, item),
        )
        for item in entry.get_subentries_of_type(SUBENTRY_SECURE_HUB)
    ]
