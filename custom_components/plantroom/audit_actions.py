"""The actions about the audit log, for administrators alone."""

from collections.abc import AsyncIterator
from pathlib import Path
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
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util import dt as dt_util

from .action_targets import (
    ATTR_CONFIG_ENTRY_ID,
    device_target,
    entry_target,
    point_target,
)
from .client import EngineClient
from .const import DOMAIN
from .engine.audit.models import AuditVerification, VerifyRequest
from .engine.audit.rows_as_csv import audit_csv
from .engine.requests import AuditQuery, AuditRow
from .error_translation import translated_errors
from .origins import origins

MOST_ROWS: Final = 200_000
ROWS_AT_ONCE: Final = 1000
# Beyond this a response is no place for it
MOST_ROWS_IN_RESPONSE: Final = 10_000

_FILTERS: Final = {
    probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
    probatio.Optional(ATTR_ENTITY_ID): cv.entity_id,
    probatio.Optional(ATTR_DEVICE_ID): cv.string,
    probatio.Optional("actor", default=""): cv.string,
    probatio.Optional("actions", default=list): probatio.All(
        cv.ensure_list, [cv.string]
    ),
    probatio.Optional("since"): cv.datetime,
    probatio.Optional("until"): cv.datetime,
}


def _limit(default: int, most: int) -> dict[Any, Any]:
    number = probatio.All(probatio.Coerce(int), probatio.Range(min=1, max=most))
    return {probatio.Optional("limit", default=default): number}


_LOG: Final = probatio.Schema(
    {
        **_FILTERS,
        **_limit(100, ROWS_AT_ONCE),
        probatio.Optional("verify", default=False): cv.boolean,
        probatio.Optional("mark", default=""): cv.string,
    }
)
_EXPORT: Final = probatio.Schema(
    {
        **_FILTERS,
        **_limit(MOST_ROWS_IN_RESPONSE, MOST_ROWS),
        probatio.Optional("path"): cv.string,
    }
)


@callback
def register(hass: HomeAssistant) -> None:
    """Register the actions, once for all entries, and learn from now on who acts."""
    origins(hass)
    for name, act, schema in (
        ("audit_log", _audit_log, _LOG),
        ("export_audit_log", _export, _EXPORT),
    ):
        async_register_admin_service(
            hass, DOMAIN, name, act, schema, SupportsResponse.ONLY
        )


@translated_errors
async def _audit_log(call: ServiceCall) -> ServiceResponse:
    client, query = _asked(call)
    rows = await client.audit_log(query)
    response: dict[str, Any] = {"rows": [_row(row) for row in rows]}
    if call.data["verify"] or call.data["mark"]:
        found = await client.verify_audit_log(VerifyRequest(mark=call.data["mark"]))
        response["verification"] = _verification(found)
    return response


@translated_errors
async def _export(call: ServiceCall) -> ServiceResponse:
    client, query = _asked(call)
    path = _wanted_file(call.hass, call.data.get("path"))
    found = await client.verify_audit_log(VerifyRequest())
    rows = [row async for row in _pages(client, query)]
    text = await call.hass.async_add_executor_job(audit_csv, rows)
    response: dict[str, Any] = {
        "rows": len(rows),
        "verification": _verification(found),
    }
    if path is None:
        return response | {"csv": text}
    try:
        await call.hass.async_add_executor_job(_write, path, text)
    except OSError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="file_not_written",
            translation_placeholders={"path": str(path), "reason": str(err)},
        ) from err
    return response | {"path": str(path)}


def _asked(call: ServiceCall) -> tuple[EngineClient, AuditQuery]:
    """Return whom an action asks, and for which rows."""
    hass, data = call.hass, call.data
    device_id = ""
    if ATTR_DEVICE_ID in data:
        client, device_id = device_target(hass, data[ATTR_DEVICE_ID])
    else:
        entry = entry_target(hass, data.get(ATTR_CONFIG_ENTRY_ID))
        client = entry.runtime_data.client
    return client, AuditQuery(
        point_id=point_target(hass, data.get(ATTR_ENTITY_ID)),
        device_id=device_id,
        actor=data["actor"],
        actions=tuple(data["actions"]),
        since=_moment(data.get("since")),
        until=_moment(data.get("until")),
        limit=data["limit"],
    )


def _moment(given: Any) -> Any:
    """Return a time that was given as the clock on the wall shows it, aware."""
    return None if given is None else dt_util.as_utc(given)


async def _pages(client: EngineClient, query: AuditQuery) -> AsyncIterator[AuditRow]:
    """Yield rows, newest first, up to the query's limit."""
    left, before = query.limit, query.before
    while left > 0:
        page = await client.audit_log(
            AuditQuery(
                point_id=query.point_id,
                device_id=query.device_id,
                actor=query.actor,
                actions=query.actions,
                since=query.since,
                until=query.until,
                limit=min(left, ROWS_AT_ONCE),
                before=before,
            )
        )
        for row in page:
            yield row
        if len(page) < min(left, ROWS_AT_ONCE):
            return
        left, before = left - len(page), page[-1].number


def _wanted_file(hass: HomeAssistant, given: str | None) -> Path | None:
    """Return the file to write, which nobody can fetch without logging in."""
    if given is None:
        return None
    path = Path(hass.config.path(given)).resolve()
    public = Path(hass.config.path("www")).resolve()
    if path.is_relative_to(public) or not hass.config.is_allowed_path(str(path)):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="path_not_allowed",
            translation_placeholders={"path": str(path)},
        )
    return path


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)


def _row(row: AuditRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "at": row.at,
        "actor": row.actor,
        "via": row.via,
        "action": row.action,
        "point": row.point_id,
        "old": row.old,
        "new": row.new,
        "priority": row.priority,
        "verdict": row.verdict,
        "detail": row.detail,
    }


def _verification(found: AuditVerification) -> dict[str, Any]:
    return {
        "intact": found.intact,
        "rows": found.rows,
        "first": found.first,
        "last": found.last,
        "mark": found.mark,
        "broken_at": found.broken_at,
        "reason": found.reason,
    }
