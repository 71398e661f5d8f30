"""What the texts of repairs name, as people read it."""

from datetime import datetime
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .engine.models import Problem, ProblemCode
from .setup_flow.hub_trouble import cached_hub_trouble
from .unit_table import unit_row

_OBSTACLE: Final = f"component.{DOMAIN}.selector.line_obstacle.options."

_OF_HUBS: Final = frozenset({ProblemCode.HUB_NOT_JOINED, ProblemCode.HUB_NOT_LISTENING})
# Every fact that a text names: one that the engine does not give must not break it
_FACTS: Final = (
    "address",
    "at",
    "bbmd",
    "count",
    "date",
    "days",
    "first",
    "hub",
    "instance",
    "line",
    "name",
    "new",
    "old",
    "owner",
    "points",
    "port",
    "reason",
    "second",
    "unit",
    "unit_id",
)


@callback
def problem_placeholders(hass: HomeAssistant, problem: Problem) -> dict[str, str]:
    """Return every fact that the text of a problem may name."""
    facts = {fact: text for fact, text in problem.facts.items() if text}
    if problem.code is ProblemCode.LINE_UNREACHABLE and "reason" in facts:
        facts["reason"] = _obstacle(hass, facts["reason"])
    if problem.code in _OF_HUBS:
        detail = facts.get("detail", "")
        facts["reason"] = cached_hub_trouble(hass, facts.get("reason", ""), detail)
    if problem.code is ProblemCode.METER_REPLACED:
        facts |= {"unit": unit_row(facts.get("unit", "")).unit or ""}
        facts |= {"at": _local_time(facts["at"])} if "at" in facts else {}
    return {**dict.fromkeys(_FACTS, "?"), "name": problem.subject, **facts}


def _obstacle(hass: HomeAssistant, reason: str) -> str:
    """Return why an endpoint cannot be opened, in the language of the house."""
    texts = async_get_cached_translations(
        hass, hass.config.language, "selector", DOMAIN
    )
    return texts.get(_OBSTACLE + reason, reason)


def _local_time(text: str) -> str:
    """Return a moment as the clock on the wall showed it."""
    return f"{dt_util.as_local(datetime.fromisoformat(text)):%Y-%m-%d %H:%M}"
