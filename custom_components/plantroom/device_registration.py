"""Networks and field devices as devices of Home Assistant."""

import re
from collections.abc import Iterable
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr

from .const import CONF_NETWORK_ID, CONF_TRANSPORT, DOMAIN, SUBENTRY_SECURE_NETWORK
from .engine.modbus.configuration import ModbusTransport
from .engine.models import Device
from .site import device_id_of_subentry
from .unit_places import place_of

_WORDS: Final = re.compile(r"[\W_]+")
_MODELS: Final = {
    ModbusTransport.TCP: "Modbus TCP",
    ModbusTransport.RTU_OVER_TCP: "Modbus RTU over TCP",
    ModbusTransport.TLS: "Modbus TCP Security",
    ModbusTransport.SERIAL: "Modbus RTU",
}


def register_site(hass: HomeAssistant, entry: ConfigEntry) -> dr.DeviceEntry:
    """Return the service device of all that concerns the whole site."""
    return dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        entry_type=dr.DeviceEntryType.SERVICE,
        name=entry.title,
    )


def register_network(
    hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry
) -> dr.DeviceEntry:
    """Return the service device of a network or line."""
    return dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        config_subentry_id=subentry.subentry_id,
        identifiers={(DOMAIN, subentry.data[CONF_NETWORK_ID])},
        entry_type=dr.DeviceEntryType.SERVICE,
        name=subentry.title,
        model=_model_of(subentry),
    )


def register_hub(
    hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry
) -> dr.DeviceEntry:
    """Return the service device of a BACnet/SC hub of ours."""
    return dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        config_subentry_id=subentry.subentry_id,
        identifiers={(DOMAIN, subentry.unique_id or "")},
        entry_type=dr.DeviceEntryType.SERVICE,
        name=subentry.title,
        model="BACnet/SC hub",
        via_device_id=register_site(hass, entry).id,
    )


def subscription_device(subentry_id: str) -> str:
    """Return the identifier of a subscription's device, whatever it subscribes to."""
    return f"event_subscription:{subentry_id}"


def register_subscription(
    hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry
) -> dr.DeviceEntry:
    """Return the service device of an event subscription, below that of the site."""
    return dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        config_subentry_id=subentry.subentry_id,
        identifiers={(DOMAIN, subscription_device(subentry.subentry_id))},
        entry_type=dr.DeviceEntryType.SERVICE,
        translation_key="event_subscription",
        translation_placeholders={"name": subentry.title},
        via_device_id=register_site(hass, entry).id,
    )


def register_device(
    hass: HomeAssistant,
    entry: ConfigEntry,
    subentry: ConfigSubentry,
    device: Device | None,
) -> dr.DeviceEntry:
    """Return the device of a field device, with what it told about itself so far."""
    registry = dr.async_get(hass)
    identifier = (DOMAIN, device_id_of_subentry(subentry))
    identifiers = {identifier}
    place = place_of(hass, entry, subentry)
    if device is None:
        return registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=subentry.subentry_id,
            identifiers=identifiers,
            name=subentry.title,
            model_id=place,
        )
    area = _known_area(hass, device)
    before = registry.async_get_device_by_identifier(identifier, entry.entry_id)
    registered = registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        config_subentry_id=subentry.subentry_id,
        identifiers=identifiers,
        name=device.name or subentry.title,
        manufacturer=device.vendor or None,
        model=device.model or None,
        model_id=place,
        sw_version=device.firmware or None,
        serial_number=device.serial_number or None,
        suggested_area=area,
    )
    if before is None or _is_described(before) or area is None:
        return registered
    return _place(hass, registered, area)


def link_to_parent(
    hass: HomeAssistant,
    device: dr.DeviceEntry,
    network: dr.DeviceEntry | None,
    router: dr.DeviceEntry | None,
) -> dr.DeviceEntry:
    """Show a device behind its router where we know that, else below its network."""
    parent = network if router is None or router.id == device.id else router
    if parent is None or parent.id == device.via_device_id:
        return device
    updated = dr.async_get(hass).async_update_device(device.id, via_device_id=parent.id)
    return device if updated is None else updated


def router_of(device: Device, devices: Iterable[Device]) -> Device | None:
    """Return the device that is the router to another one, None when it is none."""
    if not device.router:
        return None
    return next(
        (
            other
            for other in devices
            if other.network_id == device.network_id
            and device.router in {other.address, other.device_id}
        ),
        None,
    )


def _model_of(subentry: ConfigSubentry) -> str:
    if subentry.subentry_type == SUBENTRY_SECURE_NETWORK:
        return "BACnet/SC"
    return _MODELS.get(subentry.data.get(CONF_TRANSPORT, ""), "BACnet/IP")


def _is_described(device: dr.DeviceEntry) -> bool:
    """Return whether the device has told about itself before."""
    return device.manufacturer is not None or device.model is not None


def _place(hass: HomeAssistant, device: dr.DeviceEntry, area: str) -> dr.DeviceEntry:
    """Put a device that was registered before it was read into its area.

    Home Assistant takes a suggested area for devices that are new to it only.
    """
    found = ar.async_get(hass).async_get_area_by_name(area)
    if device.area_id is not None or found is None:
        return device
    placed = dr.async_get(hass).async_update_device(device.id, area_id=found.id)
    return device if placed is None else placed


def _known_area(hass: HomeAssistant, device: Device) -> str | None:
    """Return the area that location or name speak of; none is made up."""
    registry = ar.async_get(hass)
    if device.location and registry.async_get_area_by_name(device.location):
        return device.location
    text = f" {_spaced(device.location)} {_spaced(device.name)} "
    named = [
        area.name
        for area in registry.async_list_areas()
        if _spaced(area.name) and f" {_spaced(area.name)} " in text
    ]
    return max(named, key=len, default=None)


def _spaced(text: str) -> str:
    return _WORDS.sub(" ", text).strip().casefold()
