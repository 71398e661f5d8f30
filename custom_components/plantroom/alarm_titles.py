"""What people read of an alarm rule, in the language of the house."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.translation import async_get_translations

from .alarm_rules import device_id_of_point
from .const import DOMAIN
from .engine.alarms.configuration import AlarmRule, RuleKind
from .engine.alarms.texts import AlarmWords, with_unit
from .engine.models import PointValue
from .mirror import Mirror
from .point_names import entity_name
from .setup_flow.alarm_states import state_key, state_options

_SELECTOR: Final = f"component.{DOMAIN}.selector."
_MOST_STATES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTitles:
    """Names rules as people would: "Supply temperature of AHU 1 above 30 °C"."""

    hass: HomeAssistant
    entry: ConfigEntry
    mirror: Mirror
    texts: Mapping[str, str]

    def of(self, rule: AlarmRule) -> str:
        """Return a rule's title."""
        point = self.mirror.points.get(rule.point_id)
        options = state_options(point, self.switch)
        keys = [state_key(point, value) for value in self._states(rule)]
        named = [options.get(key, key) for key in keys]
        more = "…" if len(named) > _MOST_STATES else ""
        return self.text(f"alarm_title.options.{_title_key(rule, named)}").format(
            point=self.point_name(rule.point_id),
            device=self.device_name(device_id_of_point(rule.point_id)),
            low=_number(rule.low),
            high=with_unit(point, _number(rule.high)),
            low_limit=with_unit(point, _number(rule.low)),
            tolerance=with_unit(point, _number(rule.tolerance)),
            states=" / ".join(named[:_MOST_STATES]) + more,
            other=self._other_name(rule),
        )

    @property
    def switch(self) -> tuple[str, str]:
        """Return off and on, for points without texts of their own."""
        return (
            self.text("alarm_state.options.off"),
            self.text("alarm_state.options.on"),
        )

    def text(self, key: str) -> str:
        """Return a text by its place among the selectors' texts."""
        return self.texts.get(_SELECTOR + key, key)

    def words(self, rule: AlarmRule) -> AlarmWords:
        """Return how the house speaks of a rule that is not there yet."""
        prefix = f"{_SELECTOR}alarm_text.options."
        device_id = device_id_of_point(rule.point_id)
        names = {each: self.point_name(each) for each in rule.reads}
        return AlarmWords(
            texts={
                key.removeprefix(prefix): text
                for key, text in self.texts.items()
                if key.startswith(prefix)
            },
            names=names | {device_id: self.device_name(device_id)},
        )

    def point_name(self, point_id: str) -> str:
        """Return what people call a point, as its entity is called."""
        entity = self._entity(point_id)
        if entity is not None and entity.name:
            return entity.name
        point = self.mirror.points.get(point_id)
        if point is None:
            known = entity.original_name if entity is not None else None
            return known or point_id.rpartition(":")[2]
        device = self.mirror.devices.get(point.device_id)
        name = device.name if device is not None else ""
        return entity_name(point, name, from_description=False)

    def device_name(self, device_id: str) -> str:
        """Return what people call a device."""
        device = dr.async_get(self.hass).async_get_device_by_identifier(
            (DOMAIN, device_id), self.entry.entry_id
        )
        return (device.name_by_user or device.name if device else None) or device_id

    @staticmethod
    def _states(rule: AlarmRule) -> tuple[PointValue, ...]:
        return (*rule.alarm_states, *rule.fault_states)

    def _entity(self, point_id: str) -> er.RegistryEntry | None:
        entities = er.async_entries_for_config_entry(
            er.async_get(self.hass), self.entry.entry_id
        )
        return next((each for each in entities if each.unique_id == point_id), None)

    def _other_name(self, rule: AlarmRule) -> str:
        if not rule.other_point_id:
            return ""
        other = self.point_name(rule.other_point_id)
        device_id = device_id_of_point(rule.other_point_id)
        if device_id == device_id_of_point(rule.point_id):
            return other
        return self.text("alarm_title.options.elsewhere").format(
            point=other, device=self.device_name(device_id)
        )


async def rule_titles(
    hass: HomeAssistant, entry: ConfigEntry, mirror: Mirror
) -> RuleTitles:
    """Return what names rules, with the texts of the house's language."""
    texts = await async_get_translations(
        hass, hass.config.language, "selector", [DOMAIN]
    )
    return RuleTitles(hass=hass, entry=entry, mirror=mirror, texts=texts)


@callback
def _title_key(rule: AlarmRule, states: list[str]) -> str:
    if rule.kind is RuleKind.CHANGE and states:
        return "change_to"
    return rule.kind.value


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
