"""What an alarm would say, with the values of this moment."""

from datetime import UTC, datetime
from typing import Final

from ..alarm_rules import device_id_of_point
from ..alarm_titles import RuleTitles
from ..engine.alarms.configuration import AlarmRule, RuleKind
from ..engine.alarms.models import Condition
from ..engine.alarms.rule_news import news_of
from ..engine.alarms.rules import Inputs, bind, find
from ..engine.alarms.texts import shown_value
from ..mirror import Mirror

_CONDITIONS: Final = {
    RuleKind.HIGH: Condition.HIGH_LIMIT,
    RuleKind.LOW: Condition.LOW_LIMIT,
    RuleKind.OUT_OF_RANGE: Condition.HIGH_LIMIT,
}


def preview_facts(rule: AlarmRule, titles: RuleTitles) -> dict[str, str]:
    """Return the rule's title, its text, the present value, and if it is an alarm now."""
    mirror = titles.mirror
    point = mirror.points.get(rule.point_id)
    inputs = _inputs(rule, mirror)
    device_id = device_id_of_point(rule.point_id)
    device = mirror.devices.get(device_id)
    news = news_of(
        rule,
        _CONDITIONS.get(rule.kind, Condition.OFFNORMAL),
        inputs,
        (point, mirror.points.get(rule.other_point_id)),
        device.name if device is not None else device_id,
        datetime.now(UTC),
        titles.words(rule),
    )
    value = None if inputs.reading is None else inputs.reading.value
    return {
        "title": titles.of(rule),
        "text": news.text,
        "value": shown_value(point, value) or "?",
        "verdict": titles.text(f"alarm_verdict.options.{_verdict(rule, mirror)}"),
    }


def _verdict(rule: AlarmRule, mirror: Mirror) -> str:
    """Return whether the rule finds something wrong now, its delay aside."""
    if rule.kind is RuleKind.CHANGE:
        return "when_it_changes"
    enable = rule.enable
    enabling = None if enable is None else mirror.points.get(enable.point_id)
    bound = bind(rule, mirror.points.get(rule.point_id), enabling)
    found = find(bound, _inputs(rule, mirror), Condition.NORMAL)
    if found is None:
        return "not_known"
    return "normal" if found is Condition.NORMAL else "alarm"


def _inputs(rule: AlarmRule, mirror: Mirror) -> Inputs:
    readings, enable = mirror.readings, rule.enable
    return Inputs(
        reading=readings.get(rule.point_id),
        other=readings.get(rule.other_point_id),
        enabling=None if enable is None else readings.get(enable.point_id),
    )
