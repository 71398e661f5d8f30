"""Conditions: something is wrong, somebody has yet to take note, work is done there."""

from collections.abc import Iterator
from typing import Any, ClassVar, Final, Unpack, cast, override

import probatio
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_OPTIONS, CONF_TARGET
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.condition import (
    Condition,
    ConditionCheckParams,
    ConditionConfig,
)
from homeassistant.helpers.template import Template
from homeassistant.helpers.typing import ConfigType

from .alarm_facts import alarm_facts
from .alarm_filters import FILTER_SCHEMA, AlarmFilter
from .alarm_places import AlarmPlaces
from .alarm_summary import is_active, needs_note, subjects_of
from .alarm_targets import AlarmTarget, ResolvedTarget
from .const import DOMAIN
from .engine.alarms.models import Alarm
from .runtime import PlantroomConfigEntry

CONF_ALARM_ID: Final = "alarm_id"

_TARGET: Final = {probatio.Optional(CONF_TARGET): cv.TARGET_FIELDS}
_ALARM_SCHEMA: Final = probatio.Schema(
    {
        **_TARGET,
        probatio.Required(CONF_OPTIONS, default={}): {
            **FILTER_SCHEMA,
            probatio.Optional(CONF_ALARM_ID): cv.template,
        },
    }
)
_MAINTENANCE_SCHEMA: Final = probatio.Schema(
    {**_TARGET, probatio.Required(CONF_OPTIONS, default={}): {}}
)


class TargetCondition(Condition):
    """A condition of what a target means; without a target, of the whole site."""

    _schema: ClassVar[probatio.Schema]

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate target and options."""
        return cast("ConfigType", cls._schema(config))

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take a validated configuration."""
        super().__init__(hass, config)
        self._options: dict[str, Any] = config.options or self._schema({})[CONF_OPTIONS]
        self._target = AlarmTarget(hass, config.target)

    def _entries(self) -> Iterator[PlantroomConfigEntry]:
        """Yield the entries whose alarms are known."""
        for entry in self._hass.config_entries.async_entries(DOMAIN):
            if entry.state is ConfigEntryState.LOADED:
                yield entry


class AlarmCondition(TargetCondition):
    """Whether an alarm of the target is in a state."""

    _schema = _ALARM_SCHEMA

    @classmethod
    def _is_so(cls, alarm: Alarm) -> bool:
        """Return whether an alarm is in the state asked for."""
        raise NotImplementedError

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        wanted = AlarmFilter.of(self._options)
        only = self._wanted_id(kwargs)
        target = self._target.resolve()
        return any(
            self._matches(entry, wanted, only, target) for entry in self._entries()
        )

    def _wanted_id(self, params: ConditionCheckParams) -> str | None:
        """Return the only alarm asked for, None when any will do."""
        template: Template | None = self._options.get(CONF_ALARM_ID)
        if template is None:
            return None
        rendered = template.async_render(params.get("variables"), parse_result=False)
        return str(rendered)

    def _matches(
        self,
        entry: PlantroomConfigEntry,
        wanted: AlarmFilter,
        only: str | None,
        target: ResolvedTarget,
    ) -> bool:
        runtime = entry.runtime_data
        mirror = runtime.client.mirror
        places = AlarmPlaces(self._hass, runtime.adapter)
        for alarm in mirror.alarms.values():
            if only not in (None, alarm.alarm_id) or not self._is_so(alarm):
                continue
            facts = alarm_facts(alarm, places.of(alarm), mirror)
            if wanted.passes(facts) and target.includes_facts(facts):
                return True
        return False


class InAlarmCondition(AlarmCondition):
    """Something is wrong."""

    @classmethod
    @override
    def _is_so(cls, alarm: Alarm) -> bool:
        return is_active(alarm)


class UnacknowledgedCondition(AlarmCondition):
    """Somebody has yet to take note."""

    @classmethod
    @override
    def _is_so(cls, alarm: Alarm) -> bool:
        return needs_note(alarm)


class MaintenanceCondition(TargetCondition):
    """Alarms of a device of the target call nobody because of maintenance."""

    _schema = _MAINTENANCE_SCHEMA

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        target = self._target.resolve()
        return any(self._is_maintained(entry, target) for entry in self._entries())

    @staticmethod
    def _is_maintained(entry: PlantroomConfigEntry, target: ResolvedTarget) -> bool:
        maintained = {
            each.subject for each in entry.runtime_data.client.mirror.maintenance
        }
        return any(
            not maintained.isdisjoint(subjects_of(device_id))
            and target.includes("", link.registry_device.id)
            for device_id, link in entry.runtime_data.adapter.devices.items()
        )


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "is_in_alarm": InAlarmCondition,
    "has_unacknowledged_alarm": UnacknowledgedCondition,
    "is_in_maintenance": MaintenanceCondition,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:  # noqa: ARG001
    """Return the conditions by their keys."""
    return CONDITIONS
