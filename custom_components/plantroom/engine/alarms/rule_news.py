"""What a rule says of its point, as news of an alarm; pure."""

from collections.abc import Mapping
from datetime import datetime

from ..models import Point
from .configuration import AlarmRule, RuleKind
from .life import AlarmNews
from .models import AlarmOrigin, Condition
from .rules import Inputs
from .texts import AlarmWords, fill_in, shown_value, with_unit

_TEXTS = {
    RuleKind.STATE: "{name} is {value}",
    RuleKind.MULTI_STATE: "{name} is {value}",
    RuleKind.CHANGE: "{name} changed to {value}",
    RuleKind.STALE: "{name} has no value",
    RuleKind.DEVIATION: "{name} is {value}, more than {tolerance} from {other}",
    RuleKind.COMMAND_MISMATCH: "{name} is {value}, its command is {other_value}",
}
_LIMIT_TEXTS = {
    Condition.HIGH_LIMIT: "{name} is {value}, above {high}",
    Condition.LOW_LIMIT: "{name} is {value}, below {low}",
}
_FAULT_TEXT = "{name} reports a fault"
_NORMAL_TEXT = "{name} is {value}"


def news_of(
    rule: AlarmRule,
    condition: Condition,
    inputs: Inputs,
    points: tuple[Point | None, Point | None],
    device_name: str,
    at: datetime,
    words: AlarmWords,
) -> AlarmNews:
    """Return what becomes of a rule's alarm; points: the rule's own and the other."""
    point, other = points
    names, device_id = words.names, rule.point_id.rpartition(":")[0]
    reading = inputs.reading
    value = None if reading is None else reading.value
    facts = {
        "name": names.get(rule.point_id) or _name(point, rule.point_id),
        "device": names.get(device_id) or device_name,
        "value": shown_value(point, value),
        "other": names.get(rule.other_point_id) or _name(other, rule.other_point_id),
        "other_value": shown_value(other, inputs.other.value if inputs.other else None),
        "high": _number(point, rule.high),
        "low": _number(point, rule.low),
        "tolerance": _number(point, rule.tolerance),
        "condition": condition.replace("_", " "),
    }
    return AlarmNews(
        alarm_id=rule.alarm_id,
        origin=AlarmOrigin.RULE,
        device_id=device_id,
        point_id=rule.point_id,
        name=facts["name"],
        condition=condition,
        severity=rule.severity,
        text=fill_in(_template(rule, condition, words.texts), facts),
        at=at,
        ack_required=rule.ack_required and condition is not Condition.NORMAL,
        value=value,
        rule_id=rule.rule_id,
    )


def _template(rule: AlarmRule, condition: Condition, texts: Mapping[str, str]) -> str:
    """Return the rule's own text, or that of what is wrong: the house's, else ours."""
    if condition is Condition.NORMAL:
        return texts.get("normal") or _NORMAL_TEXT
    if rule.text:
        return rule.text
    if condition is Condition.FAULT and not rule.fault_states:
        return texts.get("fault") or _FAULT_TEXT
    if rule.kind in _TEXTS:
        return texts.get(rule.kind) or _TEXTS[rule.kind]
    return texts.get(condition) or _LIMIT_TEXTS.get(condition, _NORMAL_TEXT)


def _name(point: Point | None, point_id: str) -> str:
    return point.name if point is not None else point_id


def _number(point: Point | None, value: float | None) -> str:
    return "" if value is None else with_unit(point, f"{value:.6g}")
