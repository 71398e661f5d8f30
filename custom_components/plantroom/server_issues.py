"""What keeps a server away until a person mends it, as repairs."""

from enum import StrEnum
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import CONF_ADDON, DOMAIN
from .engine.errors import CertificateError, PlantroomError, SchemaError


class ServerIssue(StrEnum):
    """The repairs; each is the key of its text."""

    APP_STOPPED = "app_stopped"
    APP_TOO_OLD = "app_too_old"
    CERTIFICATE_CHANGED = "certificate_changed"
    INTEGRATION_TOO_OLD = "integration_too_old"
    READ_ONLY = "server_read_only"
    SERVER_TOO_OLD = "server_too_old"


FIXABLE: Final = frozenset(
    {
        ServerIssue.APP_STOPPED,
        ServerIssue.APP_TOO_OLD,
        ServerIssue.CERTIFICATE_CHANGED,
        ServerIssue.READ_ONLY,
    }
)
_FAILURES: Final = frozenset(ServerIssue) - {ServerIssue.READ_ONLY}


@callback
def report_failure(
    hass: HomeAssistant, entry: ConfigEntry, err: PlantroomError
) -> None:
    """Report what keeps the server away, if it is more than its absence."""
    issue = _issue_of(entry, err)
    for other in _FAILURES - {issue}:
        solve(hass, entry, other)
    if issue is not None:
        report(hass, entry, issue, **err.facts)


@callback
def report(
    hass: HomeAssistant, entry: ConfigEntry, issue: ServerIssue, **facts: str
) -> None:
    """Report an issue; facts: what its text names, beside the entry's own."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry, issue),
        data={"entry_id": entry.entry_id, "code": issue.value, "subject": ""},
        is_fixable=issue in FIXABLE,
        severity=(
            ir.IssueSeverity.WARNING
            if issue is ServerIssue.READ_ONLY
            else ir.IssueSeverity.ERROR
        ),
        translation_key=issue.value,
        translation_placeholders={
            "title": entry.title,
            "host": str(entry.data.get("host", "")),
            "schema": "?",
            "minimum": "?",
            **facts,
        },
    )


@callback
def solve(hass: HomeAssistant, entry: ConfigEntry, issue: ServerIssue) -> None:
    """Take an issue back; without one nothing is done."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(entry, issue))


@callback
def solve_failures(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take back all that kept the server away."""
    for issue in _FAILURES:
        solve(hass, entry, issue)


@callback
def solve_all(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take back every issue of an entry's server."""
    for issue in ServerIssue:
        solve(hass, entry, issue)


def _issue_id(entry: ConfigEntry, issue: ServerIssue) -> str:
    return f"{entry.entry_id}_{issue}"


def _issue_of(entry: ConfigEntry, err: PlantroomError) -> ServerIssue | None:
    match err:
        case CertificateError():
            return ServerIssue.CERTIFICATE_CHANGED
        case SchemaError() if err.facts.get("side") == "client":
            return ServerIssue.INTEGRATION_TOO_OLD
        case SchemaError() if entry.data.get(CONF_ADDON):
            return ServerIssue.APP_TOO_OLD
        case SchemaError():
            return ServerIssue.SERVER_TOO_OLD
    return None
