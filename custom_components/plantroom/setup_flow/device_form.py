"""The form that says how a device is read, written and named."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import probatio
from homeassistant.const import CONF_ADDRESS
from homeassistant.data_entry_flow import Required
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..const import (
    CONF_CHANGE_OF_VALUE,
    CONF_NAME_SOURCE,
    CONF_POINTS,
    CONF_POLL_SECONDS,
    CONF_PRIORITY,
    CONF_WRITABLE,
    NAME_SOURCE_DESCRIPTION,
    NAME_SOURCE_NAME,
)
from ..engine.bacnet.wire.addresses import BacnetAddress
from ..engine.models import Access, Point

ALL_POINTS = "all_points"

# 1, 2, 5 and 6 are for life safety, critical equipment and minimum on/off times
# (clause 19.2.1): never a default.
PRIORITIES = [str(level) for level in range(1, 17) if level not in {1, 2, 5, 6}]

POLL_SECONDS = NumberSelector(
    NumberSelectorConfig(
        min=1,
        max=86400,
        step=1,
        mode=NumberSelectorMode.BOX,
        unit_of_measurement="s",
    )
)
PRIORITY = SelectSelector(
    SelectSelectorConfig(
        options=PRIORITIES,
        mode=SelectSelectorMode.DROPDOWN,
        translation_key=CONF_PRIORITY,
    )
)
NAME_SOURCE = SelectSelector(
    SelectSelectorConfig(
        options=[NAME_SOURCE_NAME, NAME_SOURCE_DESCRIPTION],
        mode=SelectSelectorMode.LIST,
        translation_key=CONF_NAME_SOURCE,
    )
)


def device_schema(data: Mapping[str, Any], points: Sequence[Point]) -> probatio.Schema:
    """Return the form, filled with the device's data; points may be not known yet."""
    chosen: list[str] | None = data[CONF_POINTS]
    schema: dict[Any, Any] = {
        probatio.Optional(
            CONF_ADDRESS, description={"suggested_value": data[CONF_ADDRESS]}
        ): TextSelector(),
        probatio.Required(
            CONF_POLL_SECONDS, default=data[CONF_POLL_SECONDS]
        ): POLL_SECONDS,
        probatio.Required(CONF_PRIORITY, default=str(data[CONF_PRIORITY])): PRIORITY,
        probatio.Required(
            CONF_CHANGE_OF_VALUE, default=data[CONF_CHANGE_OF_VALUE]
        ): BooleanSelector(),
        probatio.Required(
            CONF_NAME_SOURCE, default=data[CONF_NAME_SOURCE]
        ): NAME_SOURCE,
    }
    if points:
        schema |= {
            probatio.Required(ALL_POINTS, default=chosen is None): BooleanSelector(),
            Required(
                CONF_POINTS,
                default=chosen or [],
                visible={"field": ALL_POINTS, "value": False},
            ): point_selector(points, chosen or []),
        }
    plain = [point for point in points if point.access is Access.PLAIN]
    if plain:
        selector = point_selector(plain, data[CONF_WRITABLE])
        schema[probatio.Required(CONF_WRITABLE, default=data[CONF_WRITABLE])] = selector
    return probatio.Schema(schema)


def answers_to_data(
    data: Mapping[str, Any], answers: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the device's new data; raises ValueError for an address that is none.

    What the form did not show stays as it was.
    """
    address = answers.get(CONF_ADDRESS, "").strip()
    if address:
        BacnetAddress.parse(address)
    changed = {
        CONF_ADDRESS: address,
        CONF_POLL_SECONDS: answers[CONF_POLL_SECONDS],
        CONF_PRIORITY: int(answers[CONF_PRIORITY]),
        CONF_CHANGE_OF_VALUE: answers[CONF_CHANGE_OF_VALUE],
        CONF_NAME_SOURCE: answers[CONF_NAME_SOURCE],
        CONF_WRITABLE: answers.get(CONF_WRITABLE, data[CONF_WRITABLE]),
    }
    if ALL_POINTS in answers:
        changed[CONF_POINTS] = None if answers[ALL_POINTS] else answers[CONF_POINTS]
    return {**data, **changed}


def point_selector(points: Iterable[Point], chosen: Iterable[str]) -> SelectSelector:
    """Offer points by reference; one that was chosen stays although it is gone."""
    labels = {reference: reference for reference in chosen}
    for point in points:
        labels[point.reference] = _label(point)
    options = [
        SelectOptionDict(value=reference, label=label)
        for reference, label in sorted(
            labels.items(), key=lambda item: item[1].casefold()
        )
    ]
    return SelectSelector(
        SelectSelectorConfig(
            options=options, multiple=True, mode=SelectSelectorMode.DROPDOWN
        )
    )


def _label(point: Point) -> str:
    text = f"{point.name} ({point.reference})"
    return f"{text} — {point.description}" if point.description else text
