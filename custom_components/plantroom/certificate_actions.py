"""The actions about BACnet/SC certificates and hubs, for administrators alone."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import probatio
from homeassistant.const import ATTR_DEVICE_ID, ATTR_NAME
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import (
    async_get_device_and_config_entry,
    async_register_admin_service,
)

from .action_targets import ATTR_CONFIG_ENTRY_ID, entry_target
from .actor import actor_of, via_of
from .client import EngineClient
from .const import DOMAIN
from .engine.secure_connect.certificates import (
    MOST_DAYS,
    OTHERS_DAYS,
    OWN_DAYS,
    AuthorityOrder,
    AuthoritySummary,
    CredentialsOrder,
    CredentialsSummary,
    DistrustOrder,
    ExportOrder,
    ForeignRequest,
    RemoveOrder,
    RenewOrder,
    TrustOrder,
)
from .error_translation import translated_errors
from .runtime import PlantroomConfigEntry

_ENTRY: Final = {probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}
_ID: Final = {probatio.Required("credentials_id"): cv.string}
_NAMES: Final = {
    probatio.Optional("host_names", default=list): probatio.All(
        cv.ensure_list, [cv.string]
    )
}


def _days(default: int) -> dict[Any, Any]:
    number = probatio.All(probatio.Coerce(int), probatio.Range(min=1, max=MOST_DAYS))
    return {probatio.Optional("days", default=default): number}


@callback
def register(hass: HomeAssistant) -> None:
    """Register the actions, once for all entries."""
    for name, act, fields in _ACTIONS:
        async_register_admin_service(
            hass,
            DOMAIN,
            name,
            translated_errors(act),
            probatio.Schema({**_ENTRY, **fields}),
            SupportsResponse.ONLY if name in _ASKING else SupportsResponse.OPTIONAL,
        )


async def _list(call: ServiceCall) -> ServiceResponse:
    stock = await _client(call).certificates()
    return {
        "credentials": [_credentials(each) for each in stock.credentials],
        "authorities": [_authority(each) for each in stock.authorities],
        "issued": [
            {
                "subject": each.subject,
                "serial": each.serial,
                "authority": each.authority,
                "expires_at": each.expires_at.isoformat(),
            }
            for each in stock.issued
        ],
    }


async def _make_authority(call: ServiceCall) -> ServiceResponse:
    order = AuthorityOrder(
        name=call.data[ATTR_NAME], days=call.data["days"], **await _who(call)
    )
    return _authority(await _client(call).make_authority(order))


async def _issue(call: ServiceCall) -> ServiceResponse:
    order = CredentialsOrder(
        name=call.data[ATTR_NAME],
        host_names=tuple(call.data["host_names"]),
        days=call.data["days"],
        **await _who(call),
    )
    return _credentials(await _client(call).issue_credentials(order))


async def _sign(call: ServiceCall) -> ServiceResponse:
    request = ForeignRequest(
        request=call.data["request"],
        host_names=tuple(call.data["host_names"]),
        days=call.data["days"],
        **await _who(call),
    )
    signed = await _client(call).sign_request(request)
    return {
        "certificate": signed.certificate,
        "authorities": signed.authorities,
        "subject": signed.subject,
        "expires_at": signed.expires_at.isoformat(),
    }


async def _export(call: ServiceCall) -> ServiceResponse:
    exported = await _client(call).export_credentials(
        ExportOrder(
            credentials_id=call.data["credentials_id"],
            passphrase=call.data.get("passphrase", ""),
            **await _who(call),
        )
    )
    packed = {"pkcs12": exported.pkcs12} if exported.pkcs12 else {}
    return {
        "certificate": exported.certificate,
        "authorities": exported.authorities,
        **packed,
    }


async def _renew(call: ServiceCall) -> ServiceResponse:
    order = RenewOrder(credentials_id=call.data["credentials_id"], **await _who(call))
    return _credentials(await _client(call).renew_credentials(order))


async def _trust(call: ServiceCall) -> ServiceResponse:
    order = TrustOrder(
        credentials_id=call.data["credentials_id"],
        authorities=call.data["authorities"],
        **await _who(call),
    )
    return _credentials(await _client(call).trust_authority(order))


async def _distrust(call: ServiceCall) -> ServiceResponse:
    order = DistrustOrder(
        credentials_id=call.data.get("credentials_id", ""),
        fingerprint=call.data["fingerprint"],
        **await _who(call),
    )
    await _client(call).distrust_authority(order)
    return {}


async def _remove(call: ServiceCall) -> ServiceResponse:
    order = RemoveOrder(credentials_id=call.data["credentials_id"], **await _who(call))
    await _client(call).remove_credentials(order)
    return {}


async def _hub_nodes(call: ServiceCall) -> ServiceResponse:
    client, hub_id = _hub(call)
    return {
        "nodes": [
            {
                "vmac": each.vmac,
                "device_uuid": each.device_uuid,
                "address": each.address,
                "subject": each.subject,
                "since": each.since.isoformat(),
            }
            for each in await client.secure_hub_nodes(hub_id)
        ]
    }


def _client(call: ServiceCall) -> EngineClient:
    entry = entry_target(call.hass, call.data.get(ATTR_CONFIG_ENTRY_ID))
    return entry.runtime_data.client


async def _who(call: ServiceCall) -> dict[str, str]:
    """Return who acts and what acts in that name, as orders say it."""
    return {
        "actor": await actor_of(call.hass, call.context),
        "via": via_of(call.hass, call.context),
    }


def _hub(call: ServiceCall) -> tuple[EngineClient, str]:
    """Return whom to ask and the id of the hub that a device is."""
    entry: PlantroomConfigEntry
    device, entry = async_get_device_and_config_entry(
        call.hass, DOMAIN, call.data[ATTR_DEVICE_ID], include_child_devices=False
    )
    for link in entry.runtime_data.adapter.secure_hubs:
        if link.registry_device.id == device.id:
            return entry.runtime_data.client, link.subject
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="not_a_hub",
        translation_placeholders={"device": device.name or device.id},
    )


def _credentials(each: CredentialsSummary) -> dict[str, Any]:
    ends = None if each.expires_at is None else each.expires_at.isoformat()
    return {
        "credentials_id": each.credentials_id,
        "name": each.name,
        "subject": each.subject,
        "issuer": each.issuer,
        "expires_at": ends,
        "host_names": [*each.host_names],
        "issued_here": each.issued_here,
        "has_key": each.has_key,
        "request": each.request,
        "authorities": [_authority(one) for one in each.authorities],
    }


def _authority(each: AuthoritySummary) -> dict[str, Any]:
    return {
        "name": each.name,
        "fingerprint": each.fingerprint,
        "expires_at": each.expires_at.isoformat(),
        "signs": each.signs,
        "certificate": each.certificate,
    }


type _Action = Callable[[ServiceCall], Awaitable[ServiceResponse]]
_ASKING: Final = frozenset(
    {
        "export_certificate",
        "list_certificates",
        "list_hub_nodes",
        "sign_certificate_request",
    }
)
_ACTIONS: Final[tuple[tuple[str, _Action, dict[Any, Any]], ...]] = (
    ("list_certificates", _list, {}),
    (
        "make_authority",
        _make_authority,
        {probatio.Required(ATTR_NAME): cv.string, **_days(7300)},
    ),
    (
        "issue_certificate",
        _issue,
        {probatio.Required(ATTR_NAME): cv.string, **_NAMES, **_days(OWN_DAYS)},
    ),
    (
        "sign_certificate_request",
        _sign,
        {probatio.Required("request"): cv.string, **_NAMES, **_days(OTHERS_DAYS)},
    ),
    (
        "export_certificate",
        _export,
        {**_ID, probatio.Optional(probatio.Secret("passphrase")): cv.string},
    ),
    ("renew_certificate", _renew, _ID),
    ("remove_certificate", _remove, _ID),
    (
        "trust_authority",
        _trust,
        {**_ID, probatio.Required("authorities"): cv.string},
    ),
    (
        "distrust_authority",
        _distrust,
        {
            probatio.Required("fingerprint"): cv.string,
            probatio.Optional("credentials_id"): cv.string,
        },
    ),
    ("list_hub_nodes", _hub_nodes, {probatio.Required(ATTR_DEVICE_ID): cv.string}),
)
