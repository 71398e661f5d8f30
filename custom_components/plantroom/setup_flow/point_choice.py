"""Choosing a point: by its entity, or from a device's list when it has none."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import probatio
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..engine.models import Point
from ..mirror import Mirror

type Accepts = Callable[[Point], bool]


class PointChoice:
    """The points that may be chosen, and what a form's two fields say of them.

    A field is asked twice: `name_entity`, and `name_point` for a device's points
    without an entity. An entity counts where both are given.
    """

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, mirror: Mirror, accepts: Accepts
    ) -> None:
        """Look once; accepts: which points fit."""
        self._mirror = mirror
        self._accepts = accepts
        self.entities = point_entity_ids(hass, entry, mirror, accepts)

    def fields(
        self, name: str, device_id: str, chosen: str, *, but: Collection[str] = ()
    ) -> dict[Any, Any]:
        """Return the fields; chosen: the point's id, ""; but: points left out."""
        entities = [e for p, e in self.entities.items() if p not in but or p == chosen]
        fields: dict[Any, Any] = {
            _optional(f"{name}_entity", self.entities.get(chosen)): EntitySelector(
                EntitySelectorConfig(include_entities=entities)
            )
        }
        others = [
            point
            for point in self._mirror.points_of(device_id)
            if point.point_id not in {*self.entities, *but} and self._accepts(point)
        ]
        shown = chosen if chosen not in self.entities else ""
        if others or shown:
            selector = point_id_selector(others, shown)
            fields[_optional(f"{name}_point", shown or None)] = selector
        return fields

    def chosen(self, name: str, answers: Mapping[str, Any]) -> str:
        """Return the id of the point that a form's answers choose, "" for none."""
        entity = answers.get(f"{name}_entity")
        for point_id, entity_id in self.entities.items():
            if entity is not None and entity_id == entity:
                return point_id
        return str(answers.get(f"{name}_point") or "")


@callback
def point_entity_ids(
    hass: HomeAssistant, entry: ConfigEntry, mirror: Mirror, accepts: Accepts
) -> dict[str, str]:
    """Return the ids of the enabled entities of points that fit, by point id."""
    registry = er.async_get(hass)
    return {
        item.unique_id: item.entity_id
        for item in er.async_entries_for_config_entry(registry, entry.entry_id)
        if item.disabled_by is None
        and (point := mirror.points.get(item.unique_id)) is not None
        and accepts(point)
    }


def point_id_selector(points: Collection[Point], chosen: str = "") -> SelectSelector:
    """Offer points by id; one that was chosen stays although it is gone."""
    labels = {chosen: chosen} if chosen else {}
    for point in points:
        text = f"{point.name} ({point.reference})"
        labels[point.point_id] = (
            f"{text} — {point.description}" if point.description else text
        )
    options = [
        SelectOptionDict(value=point_id, label=label)
        for point_id, label in sorted(labels.items(), key=lambda i: i[1].casefold())
    ]
    return SelectSelector(
        SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
    )


def _optional(name: str, shown: str | None) -> probatio.Optional:
    return probatio.Optional(name, description={"suggested_value": shown})
