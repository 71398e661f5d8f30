"""Triggers: an alarm was raised, is over, or somebody took note."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final, cast, override

import probatio
from homeassistant.const import CONF_OPTIONS, CONF_TARGET
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType

from .alarm_filters import FILTER_SCHEMA, AlarmFilter, FloodMemory
from .alarm_targets import AlarmTarget
from .alarms import EVENT_ALARM
from .engine.alarms.models import AlarmState, TransitionKind

type Facts = Mapping[str, Any]

_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(CONF_TARGET): cv.TARGET_FIELDS,
        probatio.Required(CONF_OPTIONS, default={}): FILTER_SCHEMA,
    }
)
_HEARD_AGAIN: Final = frozenset(
    {TransitionKind.UNSHELVED.value, TransitionKind.UNSUPPRESSED.value}
)


class AlarmTrigger(Trigger):
    """What happens to alarms of a target, in the order in which it happened."""

    _kinds: ClassVar[frozenset[str]]
    _what: ClassVar[str]

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate target and options."""
        return cast("ConfigType", _SCHEMA(config))

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take a validated configuration."""
        super().__init__(hass, config)
        self._filter = AlarmFilter.of(config.options or _SCHEMA({})[CONF_OPTIONS])
        self._target = AlarmTarget(hass, config.target)

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Run the action for each alarm that is meant; return what ends that."""

        @callback
        def hear(event: Event[dict[str, Any]]) -> None:
            facts = event.data
            if self._passes(facts) and self._target.resolve().includes_facts(facts):
                self._run(run_action, event)

        @callback
        def is_meant(data: Mapping[str, Any]) -> bool:
            return data["kind"] in self._kinds

        return self._hass.bus.async_listen(EVENT_ALARM, hear, event_filter=is_meant)

    def _passes(self, facts: Facts) -> bool:
        return self._filter.passes(facts)

    def _run(
        self, run_action: TriggerActionRunner, event: Event[dict[str, Any]]
    ) -> None:
        facts = event.data
        run_action({**facts}, f"{facts['name']}: {self._what}", event.context)


class AlarmRaisedTrigger(AlarmTrigger):
    """An alarm was raised, or is to be heard again; of a flood the first one alone."""

    _kinds = frozenset({TransitionKind.RAISED.value}) | _HEARD_AGAIN
    _what = "alarm raised"

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take a validated configuration; no flood was heard of yet."""
        super().__init__(hass, config)
        self._floods = FloodMemory()

    @override
    def _passes(self, facts: Facts) -> bool:
        if self._filter.include_quiet:
            return facts["kind"] not in _HEARD_AGAIN and super()._passes(facts)
        if facts["kind"] in _HEARD_AGAIN and facts["state"] != AlarmState.ACTIVE:
            return False
        return super()._passes({**facts, "quiet": _is_silenced(facts)})

    @override
    def _run(
        self, run_action: TriggerActionRunner, event: Event[dict[str, Any]]
    ) -> None:
        if event.data["flooded"] and not self._filter.include_quiet:
            at = datetime.fromisoformat(event.data["at"])
            if not self._floods.is_first(at):
                return
        super()._run(run_action, event)


class AlarmClearedTrigger(AlarmTrigger):
    """What was wrong is over."""

    _kinds = frozenset({TransitionKind.CLEARED.value})
    _what = "alarm cleared"


class AlarmAcknowledgedTrigger(AlarmTrigger):
    """Somebody took note."""

    _kinds = frozenset({TransitionKind.ACKNOWLEDGED.value})
    _what = "alarm acknowledged"


def _is_silenced(facts: Facts) -> bool:
    """Return whether an alarm is quiet for another reason than a flood."""
    return bool(facts["shelved_until"] or facts["suppressed"] or facts["informative"])


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "alarm_raised": AlarmRaisedTrigger,
    "alarm_cleared": AlarmClearedTrigger,
    "alarm_acknowledged": AlarmAcknowledgedTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:  # noqa: ARG001
    """Return the triggers by their keys."""
    return TRIGGERS
