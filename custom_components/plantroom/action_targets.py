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
from .engine.modbus.configuration import ModbusDeviceConfig
from .engine.models import Protocol
from .modbus_subentries import unit_config
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
    raise _refusal("not_a_field_device", device=device.name or registry_device_id)


@callback
def unit_target(
    hass: HomeAssistant, registry_device_id: str
) -> tuple[EngineClient, ModbusDeviceConfig]:
    """Return the client and the configuration of a Modbus device."""
    client, device_id = device_target(hass, registry_device_id)
    _, entry = async_get_device_and_config_entry(hass, DOMAIN, registry_device_id)
    link = entry.runtime_data.adapter.devices[device_id]
    if link.protocol is not Protocol.MODBUS:
        raise _refusal("not_modbus", device=link.name)
    return client, unit_config(entry.subentries[link.subentry_id].data)


@callback
def line_unit_target(
    hass: HomeAssistant, registry_device_id: str, unit_id: int | None
) -> tuple[EngineClient, str, int]:
    """Return the client, a line's id and a unit id: the one given, or a device's own."""
    device, entry = async_get_device_and_config_entry(
        hass, DOMAIN, registry_device_id, include_child_devices=False
    )
    runtime = entry.runtime_data
    for domain, name in device.identifiers:
        line = runtime.adapter.networks.get(name)
        if domain != DOMAIN or line is None:
            continue
        if line.protocol is not Protocol.MODBUS:
            raise _refusal("not_modbus", device=device.name or name)
        if unit_id is None:
            raise _refusal("which_unit", line=device.name or name)
        return runtime.client, name, unit_id
    client, config = unit_target(hass, registry_device_id)
    return client, config.network_id, config.unit_id if unit_id is None else unit_id


@callback
def meter_target(hass: HomeAssistant, entity_id: str) -> tuple[EngineClient, str]:
    """Return the client and the point id of an entity that counts."""
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or entity.platform != DOMAIN:
        raise _refusal("not_a_point", entity=entity_id)
    entry = entry_target(hass, entity.config_entry_id)
    return entry.runtime_data.client, entity.unique_id


@callback
def network_target(
    hass: HomeAssistant, entry_id: str | None, network: str | None
) -> tuple[EngineClient, str]:
    """Return the client and a BACnet network's id from its id or name.

    Without a network the only one there is.
    """
    entry = entry_target(hass, entry_id)
    names = {
        network_id: link.registry_device.name
        for network_id, link in entry.runtime_data.adapter.networks.items()
        if link.protocol is Protocol.BACNET
    }
    found = [
        network_id
        for network_id, name in names.items()
        if network is None or network in {network_id, name}
    ]
    if len(found) != 1:
        raise _refusal(
            "which_network", networks=", ".join(str(name) for name in names.values())
        )
    return entry.runtime_data.client, found[0]


@callback
def subscription_target(
    hass: HomeAssistant, registry_device_id: str
) -> tuple[EngineClient, str]:
    """Return the client and the id of an event subscription, from its device."""
    device, entry = async_get_device_and_config_entry(
        hass, DOMAIN, registry_device_id, include_child_devices=False
    )
    runtime = entry.runtime_data
    for link in runtime.adapter.subscriptions.values():
        if link.registry_device.id == device.id:
            return runtime.client, link.subscription_id
    raise _refusal("not_a_subscription", device=device.name or registry_device_id)


@callback
def point_target(hass: HomeAssistant, entity_id: str | None) -> str:
    """Return the point id of one of our entities, "" for no entity."""
    if entity_id is None:
        return ""
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or entity.platform != DOMAIN:
        raise _refusal("not_a_point", entity=entity_id)
    return entity.unique_id


def _refusal(translation_key: str, **facts: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=translation_key,
        translation_placeholders=facts,
    )
