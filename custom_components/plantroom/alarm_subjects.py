"""Whose alarms an action means: a device's, a network's or the site's."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.service import async_get_device_and_config_entry

from .alarm_summary import SITE
from .const import DOMAIN
from .runtime import PlantroomConfigEntry


@callback
def alarm_subject(
    hass: HomeAssistant, registry_device_id: str
) -> tuple[PlantroomConfigEntry, str]:
    """Return the entry and the subject that a device of Home Assistant stands for."""
    device, entry = async_get_device_and_config_entry(
        hass, DOMAIN, registry_device_id, include_child_devices=False
    )
    adapter = entry.runtime_data.adapter
    for domain, name in device.identifiers:
        if domain != DOMAIN:
            continue
        if name == entry.entry_id:
            return entry, SITE
        if name in adapter.devices or name in adapter.networks:
            return entry, name
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="not_a_field_device",
        translation_placeholders={"device": device.name or registry_device_id},
    )


@callback
def device_of(entry: PlantroomConfigEntry, alarm_id: str) -> str:
    """Return the engine's id of an alarm's device, SITE when nobody knows it now.

    An alarm may be put on a shelf before it was ever raised.
    """
    runtime = entry.runtime_data
    alarm = runtime.client.mirror.alarms.get(alarm_id)
    if alarm is not None:
        return alarm.device_id
    devices = runtime.adapter.devices
    return next((each for each in devices if alarm_id.startswith(f"{each}:")), SITE)
