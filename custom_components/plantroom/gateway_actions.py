"""The actions about events that could not be used."""

from typing import Any, Final

import probatio
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv

from .action_targets import subscription_target
from .const import DOMAIN
from .engine.gateway.models import ParkedEvent
from .error_translation import translated_errors

MOST_EVENTS: Final = 1000

_LIST: Final = probatio.Schema(
    {
        probatio.Required(ATTR_DEVICE_ID): cv.string,
        probatio.Optional("limit", default=100): probatio.All(
            probatio.Coerce(int), probatio.Range(min=1, max=MOST_EVENTS)
        ),
    }
)
_REPLAY: Final = probatio.Schema({probatio.Required(ATTR_DEVICE_ID): cv.string})


@callback
def register(hass: HomeAssistant) -> None:
    """Register the actions, once for all entries."""
    for name, act, schema, response in (
        ("list_parked_events", _list_parked, _LIST, SupportsResponse.ONLY),
        ("replay_parked_events", _replay_parked, _REPLAY, SupportsResponse.NONE),
    ):
        hass.services.async_register(
            DOMAIN, name, act, schema, supports_response=response
        )


@translated_errors
async def _list_parked(call: ServiceCall) -> ServiceResponse:
    client, subscription_id = subscription_target(call.hass, call.data[ATTR_DEVICE_ID])
    parked = await client.parked_events(subscription_id)
    shown = parked[: call.data["limit"]]
    return {"events": [_event(each) for each in shown], "known": len(parked)}


@translated_errors
async def _replay_parked(call: ServiceCall) -> None:
    client, subscription_id = subscription_target(call.hass, call.data[ATTR_DEVICE_ID])
    await client.replay_parked(subscription_id)


def _event(event: ParkedEvent) -> dict[str, Any]:
    return {
        "id": event.event_id,
        "position": event.position,
        "type": event.event_type,
        "reason": event.reason,
        "at": event.at,
        "data": event.data,
    }
