"""The actions that look into Modbus units, and the one that sets a meter."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import probatio
from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv

from .action_targets import line_unit_target, meter_target, unit_target
from .actor import actor_of, via_of
from .const import DOMAIN
from .engine.modbus.csv_map import write_csv_map
from .engine.modbus.registers.point_description import with_words_swapped
from .engine.modbus.registers.register_map import WORDS, RegisterPoint, Space, ValueType
from .engine.requests import PreviewRequest, ReadRegistersRequest, SetMeterRequest
from .error_translation import translated_errors
from .setup_flow.modbus_orders import has_order, in_all_orders

_ADDRESS: Final = probatio.All(probatio.Coerce(int), probatio.Range(min=0, max=65535))
_READ: Final = probatio.Schema(
    {
        probatio.Required(ATTR_DEVICE_ID): cv.string,
        probatio.Optional("unit_id"): probatio.All(
            probatio.Coerce(int), probatio.Range(min=0, max=255)
        ),
        probatio.Optional("space", default=Space.HOLDING.value): probatio.Coerce(Space),
        probatio.Required("address"): _ADDRESS,
        probatio.Optional("count", default=1): probatio.All(
            probatio.Coerce(int), probatio.Range(min=1, max=125)
        ),
    }
)
_EXPORT: Final = probatio.Schema({probatio.Required(ATTR_DEVICE_ID): cv.string})
_SET_METER: Final = probatio.Schema(
    {
        probatio.Required(ATTR_ENTITY_ID): cv.entity_id,
        probatio.Optional("total"): probatio.Coerce(float),
    }
)
# What a person may recognise a value as; texts are told by any of their registers
_DECODED: Final = tuple(
    kind for kind in WORDS if kind not in {ValueType.BOOL, ValueType.UINT48}
)


@callback
def register(hass: HomeAssistant) -> None:
    """Register the actions, once for all entries."""
    for name, act, schema, response in (
        ("read_registers", _read_registers, _READ, SupportsResponse.ONLY),
        ("export_register_map", _export_map, _EXPORT, SupportsResponse.ONLY),
        ("set_meter", _set_meter, _SET_METER, SupportsResponse.NONE),
    ):
        hass.services.async_register(
            DOMAIN, name, act, schema, supports_response=response
        )


@translated_errors
async def _read_registers(call: ServiceCall) -> ServiceResponse:
    client, network_id, unit_id = line_unit_target(
        call.hass, call.data[ATTR_DEVICE_ID], call.data.get("unit_id")
    )
    space: Space = call.data["space"]
    answer = await client.read_registers(
        ReadRegistersRequest(
            network_id=network_id,
            unit_id=unit_id,
            space=space,
            address=call.data["address"],
            count=call.data["count"],
        )
    )
    response: dict[str, Any] = {"words": [*answer.words]}
    if not space.of_bits:
        response["hex"] = [f"{word:04X}" for word in answer.words]
        response["decoded"] = decoded(answer.words)
    return response


@translated_errors
async def _export_map(call: ServiceCall) -> ServiceResponse:
    client, config = unit_target(call.hass, call.data[ATTR_DEVICE_ID])
    points: Sequence[RegisterPoint] = await client.register_map(
        PreviewRequest(
            network_id=config.network_id,
            unit_id=config.unit_id,
            profile=config.profile,
            registers=config.registers,
        )
    )
    if config.swap_words:
        points = [with_words_swapped(point) for point in points]
    return {"csv": write_csv_map(points), "registers": len(points)}


@translated_errors
async def _set_meter(call: ServiceCall) -> ServiceResponse:
    client, point_id = meter_target(call.hass, call.data[ATTR_ENTITY_ID])
    await client.set_meter(
        SetMeterRequest(
            point_id=point_id,
            total=call.data.get("total"),
            actor=await actor_of(call.hass, call.context),
            via=via_of(call.hass, call.context),
        )
    )
    return None


def decoded(words: Sequence[int]) -> Mapping[str, Any]:
    """Return words as each type that they can hold, one value after the other.

    Types of several words come in all orders. None: no value of the type.
    """
    found: dict[str, Any] = {}
    for kind in _DECODED:
        point = RegisterPoint(key="words", name="words", address=0, type=kind)
        width = point.words
        pieces = [
            words[start : start + width]
            for start in range(0, len(words) - width + 1, width)
        ]
        if not pieces:
            continue
        orders = [in_all_orders(point, piece) for piece in pieces]
        if not has_order(point):
            found[kind.value] = [order["abcd"][0] for order in orders]
            continue
        found[kind.value] = {
            name: [order[name][0] for order in orders] for name in orders[0]
        }
    return found
