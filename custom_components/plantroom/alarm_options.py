"""The entry's options: who is told of alarms, when it is a flood, what is kept."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from .engine.alarms.configuration import AlarmingConfig, AlarmRoute, AlarmRule
from .engine.alarms.models import Severity
from .engine.audit.configuration import AuditConfig
from .engine.leases.configuration import LeaseConfig

OPTION_AUDIT_DAYS: Final = "audit_days"
OPTION_AUDIT_ROWS: Final = "audit_rows"
OPTION_CLIENT_GONE: Final = "client_gone_seconds"
OPTION_DEFAULT_SEVERITY: Final = "default_severity"
OPTION_FLOOD_ALARMS: Final = "flood_alarms"
OPTION_FLOOD_SECONDS: Final = "flood_seconds"
OPTION_JOURNAL_DAYS: Final = "journal_days"
OPTION_ROUTES: Final = "routes"
OPTION_SILENT_SECONDS: Final = "silent_seconds"
OPTION_SILENT_SEVERITY: Final = "silent_severity"

NOBODY: Final = "none"

_LIMITS: Final = (
    OPTION_FLOOD_ALARMS,
    OPTION_FLOOD_SECONDS,
    OPTION_JOURNAL_DAYS,
    OPTION_SILENT_SECONDS,
)


def alarming_config(
    rules: Iterable[AlarmRule], options: Mapping[str, Any]
) -> AlarmingConfig:
    """Return the rules with the options; raises ConfigurationError."""
    return AlarmingConfig(
        rules=tuple(rules),
        routes=routes_of(options),
        silent_severity=_silent_severity(options),
        **{name: options[name] for name in _LIMITS if name in options},
    )


def routes_of(options: Mapping[str, Any]) -> tuple[AlarmRoute, ...]:
    """Return who is told, the least severity first; one that tells nobody is none."""
    routes: Mapping[str, list[str]] = options.get(OPTION_ROUTES, {})
    return tuple(
        AlarmRoute(severity=severity, targets=tuple(routes[severity]))
        for severity in Severity
        if routes.get(severity)
    )


def audit_config(options: Mapping[str, Any]) -> AuditConfig:
    """Return how long the audit log is kept; raises ConfigurationError.

    No dialogue asks for the rows: they are those of a site that was taken over.
    """
    plain = AuditConfig()
    return AuditConfig(
        keep_days=options.get(OPTION_AUDIT_DAYS, plain.keep_days),
        most_rows=options.get(OPTION_AUDIT_ROWS, plain.most_rows),
    )


def lease_config(options: Mapping[str, Any]) -> LeaseConfig:
    """Return how long we may be away; raises ConfigurationError."""
    seconds = options.get(OPTION_CLIENT_GONE)
    return (
        LeaseConfig() if seconds is None else LeaseConfig(client_gone_seconds=seconds)
    )


def default_severity(options: Mapping[str, Any]) -> Severity:
    """Return the severity that a new rule has."""
    return Severity(options.get(OPTION_DEFAULT_SEVERITY, Severity.MEDIUM))


def _silent_severity(options: Mapping[str, Any]) -> Severity | None:
    severity = options.get(OPTION_SILENT_SEVERITY, NOBODY)
    return None if severity == NOBODY else Severity(severity)
