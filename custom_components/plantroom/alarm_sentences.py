"""What happened to an alarm, as a person would write it in the house's language."""

from datetime import datetime
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import (
    async_get_cached_translations,
    async_get_translations,
)
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .engine.alarms.models import AlarmTransition, Severity, TransitionKind

_KEY: Final = f"component.{DOMAIN}.selector"
_BY_SOMEBODY: Final = frozenset(
    {
        TransitionKind.ACKNOWLEDGED,
        TransitionKind.SHELVED,
        TransitionKind.UNSHELVED,
        TransitionKind.SUPPRESSED,
        TransitionKind.UNSUPPRESSED,
    }
)


async def load_sentences(hass: HomeAssistant) -> None:
    """Have the texts ready before the first alarm."""
    await async_get_translations(hass, hass.config.language, "selector", [DOMAIN])


@callback
def sentence_of(hass: HomeAssistant, transition: AlarmTransition, value: str) -> str:
    """Return one line; value: the alarm's value as people read it."""
    texts = _texts(hass)
    alarm, key = transition.alarm, transition.kind.value
    if transition.kind in _BY_SOMEBODY and transition.actor:
        key = f"{key}_by"
    line = texts[f"{_KEY}.alarm_sentence.options.{key}"].format(
        name=alarm.name,
        text=alarm.text or alarm.name,
        severity=severity_text(hass, alarm.severity).lower(),
        value=value,
        actor=transition.actor,
        until=_local(alarm.shelved_until),
    )
    if not transition.comment:
        return line
    return texts[f"{_KEY}.alarm_sentence.options.with_comment"].format(
        line=line, comment=transition.comment
    )


@callback
def severity_text(hass: HomeAssistant, severity: Severity) -> str:
    """Return a severity as people call it."""
    return _texts(hass)[f"{_KEY}.severity.options.{severity}"]


@callback
def _texts(hass: HomeAssistant) -> dict[str, str]:
    return async_get_cached_translations(hass, hass.config.language, "selector", DOMAIN)


def _local(at: datetime | None) -> str:
    return "" if at is None else f"{dt_util.as_local(at):%Y-%m-%d %H:%M}"
