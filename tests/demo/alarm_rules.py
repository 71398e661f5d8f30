"""Alarms of our own in the demo, added by the dialogue that people use."""

from dataclasses import dataclass, field
from typing import Any

from tests.home_assistant.api import HomeAssistantApi
from tests.home_assistant.config_flows import ConfigFlow, Step
from tests.home_assistant.plantroom import Entities, SetupError

KIND = "alarm_rule"
AIR_HANDLER, BOILER, CHILLER, RECEPTION = 1001, 3001, 3002, 1
ON = ["1"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRule:
    """A rule on a point; other, enable: points that it looks at too."""

    instance: int
    reference: str
    kind: str
    minutes: float
    severity: str
    answers: dict[str, Any] = field(default_factory=dict)
    other: str = ""
    enable: str = ""


RULES = (
    NewRule(
        instance=AIR_HANDLER, reference="binary-input,5", kind="state",
        minutes=0, severity="critical",
        answers={"alarm_states": ON, "text": "Smoke in the supply duct of {device}"},
    ),
    NewRule(
        instance=AIR_HANDLER, reference="binary-input,1", kind="command_mismatch",
        minutes=1, severity="high", other="binary-output,1",
        answers={"text": "The supply fan of {device} does not do what it is told"},
    ),
    NewRule(
        instance=AIR_HANDLER, reference="analog-input,1", kind="deviation",
        minutes=10, severity="medium", answers={"tolerance": 6, "deadband": 1},
        other="analog-value,1", enable="binary-input,1",
    ),
    NewRule(
        instance=BOILER, reference="binary-input,4", kind="state",
        minutes=0, severity="high",
        answers={"alarm_states": ON, "text": "Low water in the {device}"},
    ),
    NewRule(
        instance=BOILER, reference="analog-input,5", kind="out_of_range",
        minutes=1, severity="medium",
        answers={"low": 0.8, "high": 3.5, "deadband": 0.1},
    ),
    NewRule(
        instance=CHILLER, reference="analog-input,1", kind="stale",
        minutes=5, severity="high",
    ),
    NewRule(
        instance=RECEPTION, reference="room_temperature", kind="high",
        minutes=5, severity="low", answers={"high": 27, "deadband": 0.5},
    ),
)  # fmt: skip


async def add_rules(api: HomeAssistantApi, entry_id: str, entities: Entities) -> None:
    """Add the rules, unless an earlier run did; raises SetupError."""
    known = await api.command("config_entries/subentries/list", entry_id=entry_id)
    if any(item["subentry_type"] == KIND for item in known):
        return
    for rule in RULES:
        await _add(api, entry_id, entities, rule)


async def _add(
    api: HomeAssistantApi, entry_id: str, entities: Entities, rule: NewRule
) -> None:
    flow = await ConfigFlow.start_subentry(api, entry_id, KIND)
    await flow.submit({"next_step_id": "by_entity"})
    entity_id = entities.of_point(rule.instance, rule.reference)
    await flow.submit({"entity_id": entity_id})
    _expect(await flow.submit({"next_step_id": rule.kind}), "rule")
    answers = _proposed(flow.step["data_schema"]) | rule.answers
    answers |= {
        "delay_seconds": {"seconds": rule.minutes * 60},
        "severity": rule.severity,
    }
    for name, reference in (("other", rule.other), ("enable", rule.enable)):
        if reference:
            answers[f"{name}_entity"] = entities.of_point(rule.instance, reference)
    step = await flow.submit(answers)
    if rule.enable:
        _expect(step, "enabling")
        step = await flow.submit({"comparison": "equal", "value": "1"})
    _expect(step, "preview")
    step = await flow.submit({"next_step_id": "keep"})
    if step["type"] != "create_entry":
        raise SetupError(f"no alarm rule but {step}")


def _proposed(schema: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a form proposes, its sections too."""
    proposed = {item["name"]: item["default"] for item in schema if "default" in item}
    for item in schema:
        if item.get("type") == "expandable":
            proposed[item["name"]] = _proposed(item["schema"])
    return proposed


def _expect(step: Step, step_id: str) -> None:
    if step.get("step_id") != step_id:
        raise SetupError(f"no step {step_id} but {step}")
