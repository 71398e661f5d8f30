"""Alarm rules as Home Assistant keeps them, and back."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentryData
from mashumaro.codecs.basic import BasicDecoder, BasicEncoder
from mashumaro.dialect import Dialect

from .const import SUBENTRY_ALARM_RULE
from .engine.alarms.configuration import AlarmRule


class _Brief(Dialect):
    """What a rule does not say is not kept."""

    omit_default = True


_decoder: Final = BasicDecoder(AlarmRule)
_encoder: Final = BasicEncoder(AlarmRule, default_dialect=_Brief)


def alarm_rule(data: Mapping[str, Any]) -> AlarmRule:
    """Return the rule that a subentry's data describe."""
    return _decoder.decode(dict(data))


def alarm_rule_data(rule: AlarmRule) -> dict[str, Any]:
    """Return plain data that alarm_rule takes."""
    data: dict[str, Any] = _encoder.encode(rule)
    return data


def alarm_rule_unique_id(rule_id: str) -> str:
    """Return the unique id of a rule's subentry."""
    return f"alarm_rule:{rule_id}"


def alarm_rule_subentry(rule: AlarmRule, title: str) -> ConfigSubentryData:
    """Return the subentry of a rule."""
    return ConfigSubentryData(
        data=alarm_rule_data(rule),
        subentry_type=SUBENTRY_ALARM_RULE,
        title=title,
        unique_id=alarm_rule_unique_id(rule.rule_id),
    )


def alarm_rules_of(entry: ConfigEntry) -> list[AlarmRule]:
    """Return the rules configured."""
    return [
        alarm_rule(item.data)
        for item in entry.get_subentries_of_type(SUBENTRY_ALARM_RULE)
    ]


def device_id_of_point(point_id: str) -> str:
    """Return the id of a point's device."""
    return point_id.rpartition(":")[0]
