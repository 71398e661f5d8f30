"""The action that fills in a device's past from its Trend Logs."""

from typing import Final

import probatio
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_device_and_config_entry

from .action_targets import device_target
from .const import DOMAIN
from .error_translation import translated_errors

_SCHEMA: Final = probatio.Schema({probatio.Required(ATTR_DEVICE_ID): cv.string})


@callback
def register(hass: HomeAssistant) -> None:
    """Register the action, once for all entries."""
    hass.services.async_register(
        DOMAIN,
        "backfill_history",
        _backfill_history,
        _SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


@translated_errors
async def _backfill_history(call: ServiceCall) -> ServiceResponse:
    hass, registry_id = call.hass, call.data[ATTR_DEVICE_ID]
    client, device_id = device_target(hass, registry_id)
    if "recorder" not in hass.config.components:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_recorder"
        )
    # Imports SQLAlchemy, which nobody has to have installed who has no recorder
    from .statistics.backfill import backfill  # noqa: PLC0415

    _, entry = async_get_device_and_config_entry(hass, DOMAIN, registry_id)
    done = await backfill(hass, entry.runtime_data.adapter, client, device_id)
    return {
        "statistics": done.statistics,
        "hours": done.hours,
        "begins": None if done.begins is None else done.begins.isoformat(),
        "waiting": [*done.waiting],
        "unread": done.unread,
    }
