"""The action that adds meters to the Energy dashboard."""

from typing import Any, Final

import probatio
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv

from ..action_targets import ATTR_CONFIG_ENTRY_ID, entry_target
from ..const import DOMAIN
from .adding import add_meters
from .meters import FoundMeter, meter_of_entity
from .roles import DashboardRole, fits

_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        probatio.Required(ATTR_ENTITY_ID): cv.entity_ids,
        probatio.Optional("role"): probatio.Coerce(DashboardRole),
    }
)


@callback
def register(hass: HomeAssistant) -> None:
    """Register the action, once for all entries."""
    hass.services.async_register(
        DOMAIN,
        "add_to_energy_dashboard",
        _add,
        _SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _add(call: ServiceCall) -> ServiceResponse:
    entry = entry_target(call.hass, call.data.get(ATTR_CONFIG_ENTRY_ID))
    role: DashboardRole | None = call.data.get("role")
    found = [
        _meter(call.hass, entry.runtime_data.client, entity_id)
        for entity_id in call.data[ATTR_ENTITY_ID]
    ]
    for item in found:
        if role and not fits(item.role, role):
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="role_does_not_fit",
                translation_placeholders={"meter": item.meter.statistic},
            )
    added = await add_meters(
        call.hass, [(item.meter, role or item.role) for item in found]
    )
    names: list[Any] = [meter.name for meter in added]
    return {"added": names}


def _meter(hass: HomeAssistant, client: Any, entity_id: str) -> FoundMeter:
    found = meter_of_entity(hass, client, entity_id)
    if found is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_a_meter",
            translation_placeholders={"entity": entity_id},
        )
    return found
