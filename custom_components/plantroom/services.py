"""Plantroom's actions."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, Final

import probatio
from homeassistant.const import ATTR_DEVICE_ID, Platform
from homeassistant.core import (
    HassJob,
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import DATA_DOMAIN_PLATFORM_ENTITIES
from homeassistant.helpers.service import entity_service_call

from . import (
    alarm_actions,
    audit_actions,
    certificate_actions,
    gateway_actions,
    history_actions,
    modbus_actions,
)
from .action_targets import (
    ATTR_CONFIG_ENTRY_ID,
    device_target,
    network_target,
)
from .const import DOMAIN
from .energy_dashboard import action as energy_action
from .engine.models import (
    LONGEST_LEASE_SECONDS,
    FoundDevice,
    PointsDifference,
    Protocol,
    WriteResult,
)
from .engine.requests import (
    ReadPropertyRequest,
    ScanRequest,
)
from .engine.site_config import MAX_INSTANCE
from .error_translation import raise_unless_verified, translated_errors
from .point_entity import PointEntity

WRITABLE_PLATFORMS: Final = (
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SWITCH,
    Platform.TEXT,
)

_PRIORITY: Final = probatio.All(probatio.Coerce(int), probatio.Range(min=1, max=16))
_INSTANCE: Final = probatio.All(
    probatio.Coerce(int), probatio.Range(min=0, max=MAX_INSTANCE)
)
_WRITE_OPTIONS: Final = {
    probatio.Optional("priority"): _PRIORITY,
    probatio.Optional("allow_reserved", default=False): cv.boolean,
}
_DURATION: Final = probatio.All(
    cv.positive_time_period,
    probatio.Range(
        min=timedelta(seconds=1), max=timedelta(LONGEST_LEASE_SECONDS / 86400)
    ),
)
_WRITE: Final = cv.make_entity_service_schema(
    {
        probatio.Required("value"): probatio.Any(bool, int, float, cv.string),
        **_WRITE_OPTIONS,
        probatio.Optional("duration"): _DURATION,
        probatio.Optional("only_with_home_assistant", default=False): cv.boolean,
    }
)
_RELEASE: Final = cv.make_entity_service_schema(_WRITE_OPTIONS)
_READ: Final = probatio.Schema(
    {
        probatio.Required(ATTR_DEVICE_ID): cv.string,
        probatio.Required("object"): cv.string,
        probatio.Optional("property", default="present-value"): cv.string,
        probatio.Optional("index"): cv.positive_int,
    }
)
_WHO_IS: Final = probatio.Schema(
    {
        probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        probatio.Optional("network"): cv.string,
        probatio.Optional("low", default=0): _INSTANCE,
        probatio.Optional("high", default=MAX_INSTANCE): _INSTANCE,
        probatio.Optional("address", default=""): cv.string,
        probatio.Optional("seconds", default=4): probatio.All(
            probatio.Coerce(float), probatio.Range(min=1, max=60)
        ),
    }
)
_SURVEY: Final = probatio.Schema({probatio.Required(ATTR_DEVICE_ID): cv.string})


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions, once for all entries."""
    _register_for_points(hass, "write_property", _write_property, _WRITE)
    _register_for_points(hass, "release", _release, _RELEASE)
    energy_action.register(hass)
    modbus_actions.register(hass)
    alarm_actions.register(hass)
    audit_actions.register(hass)
    certificate_actions.register(hass)
    gateway_actions.register(hass)
    history_actions.register(hass)
    for name, handler, schema, response in (
        ("read_property", _read_property, _READ, SupportsResponse.ONLY),
        ("who_is", _who_is, _WHO_IS, SupportsResponse.ONLY),
        ("survey", _survey, _SURVEY, SupportsResponse.OPTIONAL),
    ):
        hass.services.async_register(
            DOMAIN, name, handler, schema, supports_response=response
        )


def _register_for_points(
    hass: HomeAssistant,
    name: str,
    act: Callable[[PointEntity, ServiceCall], Coroutine[Any, Any, WriteResult]],
    schema: Any,
) -> None:
    """Register an action of every point that can be written, whatever its platform."""

    async def act_on_point(entity: PointEntity, call: ServiceCall) -> ServiceResponse:
        result = await act(entity, call)
        if not call.return_response:
            raise_unless_verified(result, str(entity.name))
        return _write_response(result)

    async def handle(call: ServiceCall) -> Any:
        return await entity_service_call(
            hass, lambda: _writable_entities(hass), HassJob(act_on_point), call
        )

    hass.services.async_register(
        DOMAIN, name, handle, schema, supports_response=SupportsResponse.OPTIONAL
    )


def _writable_entities(hass: HomeAssistant) -> dict[str, Entity]:
    by_platform = hass.data.get(DATA_DOMAIN_PLATFORM_ENTITIES, {})
    return {
        entity_id: entity
        for platform in WRITABLE_PLATFORMS
        for entity_id, entity in by_platform.get((platform, DOMAIN), {}).items()
    }


async def _write_property(entity: PointEntity, call: ServiceCall) -> WriteResult:
    _refuse_priorities(entity, "priority" in call.data)
    duration: timedelta | None = call.data.get("duration")
    return await entity.write(
        entity.value_of(call.data["value"]),
        call.data.get("priority"),
        allow_reserved=call.data["allow_reserved"],
        lease_seconds=None if duration is None else duration.total_seconds(),
        bound=call.data["only_with_home_assistant"],
    )


async def _release(entity: PointEntity, call: ServiceCall) -> WriteResult:
    leased = entity.link.client.mirror.leases_of(entity.point.point_id)
    _refuse_priorities(entity, not leased or "priority" in call.data)
    return await entity.write(
        None, call.data.get("priority"), allow_reserved=call.data["allow_reserved"]
    )


def _refuse_priorities(entity: PointEntity, asked: bool) -> None:
    """Say that a Modbus point has one value and no priorities, where one is asked."""
    if asked and entity.link.protocol is Protocol.MODBUS:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="no_priorities",
            translation_placeholders={"point": str(entity.name)},
        )


@translated_errors
async def _read_property(call: ServiceCall) -> ServiceResponse:
    client, device_id = device_target(call.hass, call.data[ATTR_DEVICE_ID])
    answer = await client.read_property(
        ReadPropertyRequest(
            device_id=device_id,
            reference=call.data["object"],
            property_name=call.data["property"],
            index=call.data.get("index"),
        )
    )
    return {
        "object": answer.reference,
        "property": answer.property_name,
        "value": answer.value,  # type: ignore[dict-item]
    }


@translated_errors
async def _who_is(call: ServiceCall) -> ServiceResponse:
    client, network_id = network_target(
        call.hass, call.data.get(ATTR_CONFIG_ENTRY_ID), call.data.get("network")
    )
    found = await client.scan(
        ScanRequest(
            network_id=network_id,
            task_id=call.context.id,
            low=call.data["low"],
            high=call.data["high"],
            address=call.data["address"],
            seconds=call.data["seconds"],
        )
    )
    return {"devices": [_found_response(device) for device in found]}


@translated_errors
async def _survey(call: ServiceCall) -> ServiceResponse:
    client, device_id = device_target(call.hass, call.data[ATTR_DEVICE_ID])
    return _difference_response(await client.survey(device_id))


def _write_response(result: WriteResult) -> dict[str, Any]:
    return {
        "verdict": result.verdict.value,
        "present_value": result.present_value,
        "priority": result.priority,
        "overridden_by": result.overridden_by,
        "priority_array": [*result.priority_array],
        "reason": result.reason,
        "seconds": result.seconds,
    }


def _found_response(device: FoundDevice) -> dict[str, Any]:
    return {
        "network": device.network_id,
        "instance": device.instance,
        "address": device.address,
        "name": device.name,
        "vendor": device.vendor,
        "model": device.model,
        "firmware": device.firmware,
        "points": device.points,
        "duplicate_of": device.duplicate_of,
    }


def _difference_response(difference: PointsDifference) -> dict[str, Any]:
    return {
        "added": [*difference.added],
        "removed": [*difference.removed],
        "renamed": [*difference.renamed],
        "changed": [*difference.changed],
    }
