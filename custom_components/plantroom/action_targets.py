"""What an action is aimed at: from a person's choice to the engine's ids."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.service import (
    async_get_config_entry,
    async_get_device_and_config_entry,
)

from .client import EngineClient
from .const import DOMAIN
from .runtime import PlantroomConfigEntry

ATTR_CONFIG_ENTRY_ID: Final = "config_entry_id"


@callback
def entry_target(hass: HomeAssistant, entry_id: str | None) -> PlantroomConfigEntry:
    """Return the loaded entry; without an id the only one there is."""
    return async_get_config_entry(hass, DOMAIN, entry_id)


@callback
def device_target(
    hass: HomeAssistant, registry_device_id: str
) -> tuple[EngineClient, str]:
    """Return the client and the engine's id of a field device."""
    device, entry = async_get_device_and_config_entry(
        hass, DOMAIN, registry_device_id, include_child_devices=False
    )
    runtime = entry.runtime_data
    for domain, device_id in device.identifiers:
        if domain == DOMAIN and device_id in runtime.adapter.devices:
            return runtime.client, device_id
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="not_a_field_device",
        translation_placeholders={"device": device.name or registry_device_id},
    )


@callback
def network_target(
    hass: HomeAssistant, entry_id: str | None, network: str | None
) -> tuple[EngineClient, str]:
    """Return the client and a network's id from its id or name.

    Without a network the only one there is.
    """
    entry = entry_target(hass, entry_id)
    names = {
        network_id: link.registry_device.name
        for network_id, link in entry.runtime_data.adapter.networks.items()
    }
    found = [
        network_id
        for network_id, name in names.items()
        if network is None or network in {network_id, name}
    ]
    if len(found) != 1:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="which_network",
            translation_placeholders={
                "networks": ", ".join(str(name) for name in names.values())
            },
        )
    return entry.runtime_data.client, found[0]


@callback
def point_target(hass: HomeAssistant, entity_id: str | None) -> str:
    """Return the point id of one of our entities, "" for no entity."""
    if entity_id is None:
        return ""
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or entity.platform != DOMAIN:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_a_point",
            translation_placeholders={"entity": entity_id},
        )
    return entity.unique_id
