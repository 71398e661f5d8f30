"""The forms of the options: routing by severity, flood, and what is kept how long."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.helpers.selector import (
    DurationSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..alarm_options import (
    NOBODY,
    OPTION_AUDIT_DAYS,
    OPTION_CLIENT_GONE,
    OPTION_DEFAULT_SEVERITY,
    OPTION_FLOOD_ALARMS,
    OPTION_FLOOD_SECONDS,
    OPTION_JOURNAL_DAYS,
    OPTION_ROUTES,
    OPTION_SILENT_SECONDS,
    OPTION_SILENT_SEVERITY,
    alarming_config,
    audit_config,
    default_severity,
    lease_config,
)
from ..engine.alarms.models import Severity
from .alarm_rule_form import SEVERITY
from .durations import duration_of, seconds_of

LONGEST_DAYS: Final = 3660
MOST_FLOOD_ALARMS: Final = 10_000
_DAYS: Final = NumberSelector(
    NumberSelectorConfig(
        min=1,
        max=LONGEST_DAYS,
        step=1,
        mode=NumberSelectorMode.BOX,
        unit_of_measurement="d",
    )
)

_SILENT: Final = SelectSelector(
    SelectSelectorConfig(
        options=[NOBODY, *Severity],
        translation_key="silent_severity",
        mode=SelectSelectorMode.DROPDOWN,
    )
)


def routing_schema(
    options: Mapping[str, Any], targets: Mapping[str, str]
) -> probatio.Schema:
    """Return the form; targets: who can be told, by what alarms carry of them."""
    routes: Mapping[str, list[str]] = options.get(OPTION_ROUTES, {})
    return probatio.Schema(
        {
            probatio.Optional(
                severity.value, default=routes.get(severity, [])
            ): _target_selector(targets, routes.get(severity, []))
            for severity in reversed(Severity)
        }
    )


def routing_from_form(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options described."""
    return {
        OPTION_ROUTES: {
            severity.value: answers[severity]
            for severity in Severity
            if answers.get(severity)
        }
    }


def limits_schema(options: Mapping[str, Any]) -> probatio.Schema:
    """Return the form of new rules' severity, the flood and the journal."""
    config, audit = alarming_config((), options), audit_config(options)
    return probatio.Schema(
        {
            probatio.Required(
                OPTION_DEFAULT_SEVERITY, default=default_severity(options).value
            ): SEVERITY,
            probatio.Required(
                OPTION_SILENT_SEVERITY, default=config.silent_severity or NOBODY
            ): _SILENT,
            probatio.Required(
                OPTION_SILENT_SECONDS, default=duration_of(config.silent_seconds)
            ): DurationSelector(),
            probatio.Required(
                OPTION_FLOOD_ALARMS, default=config.flood_alarms
            ): NumberSelector(
                NumberSelectorConfig(
                    min=2, max=MOST_FLOOD_ALARMS, step=1, mode=NumberSelectorMode.BOX
                )
            ),
            probatio.Required(
                OPTION_FLOOD_SECONDS, default=duration_of(config.flood_seconds)
            ): DurationSelector(),
            probatio.Required(OPTION_JOURNAL_DAYS, default=config.journal_days): _DAYS,
            probatio.Required(OPTION_AUDIT_DAYS, default=audit.keep_days): _DAYS,
            probatio.Required(
                OPTION_CLIENT_GONE,
                default=duration_of(lease_config(options).client_gone_seconds),
            ): DurationSelector(),
        }
    )


def limits_from_form(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options described; raises ConfigurationError, naming the option."""
    options = {
        OPTION_DEFAULT_SEVERITY: answers[OPTION_DEFAULT_SEVERITY],
        OPTION_SILENT_SEVERITY: answers[OPTION_SILENT_SEVERITY],
        OPTION_SILENT_SECONDS: seconds_of(answers[OPTION_SILENT_SECONDS]),
        OPTION_FLOOD_ALARMS: int(answers[OPTION_FLOOD_ALARMS]),
        OPTION_FLOOD_SECONDS: seconds_of(answers[OPTION_FLOOD_SECONDS]),
        OPTION_JOURNAL_DAYS: int(answers[OPTION_JOURNAL_DAYS]),
        OPTION_AUDIT_DAYS: int(answers[OPTION_AUDIT_DAYS]),
        OPTION_CLIENT_GONE: seconds_of(answers[OPTION_CLIENT_GONE]),
    }
    alarming_config((), options)
    lease_config(options)
    return options


def _target_selector(targets: Mapping[str, str], chosen: list[str]) -> SelectSelector:
    """Offer who can be told; one that was chosen stays although it is gone."""
    labels = {
        **{target: target for target in chosen},
        **{target: f"{name} ({target})" for target, name in targets.items()},
    }
    options = [
        SelectOptionDict(value=target, label=label)
        for target, label in sorted(labels.items(), key=lambda i: i[1].casefold())
    ]
    return SelectSelector(
        SelectSelectorConfig(
            options=options, multiple=True, mode=SelectSelectorMode.DROPDOWN
        )
    )
