"""The forms that say which points of a device are meters, of any protocol."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import probatio
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.data_entry_flow import Required
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..engine.energy.configuration import CounterConfig, MeteringConfig
from ..engine.energy.units import KILOWATTS
from ..engine.models import Point, PointKind, Quantity
from ..unit_table import UNIT_TABLE
from .device_form import point_selector
from .unit_selector import unit_selector

CONF_COUNTERS: Final = "counters"
CONF_FACTOR: Final = "factor"
CONF_MINUTES: Final = "demand_minutes"
CONF_QUANTITY: Final = "quantity"
CONF_ROLLOVER: Final = "rollover"
CONF_UNIT: Final = "unit"

_NONE: Final = "none"
_MINUTES: Final = ["5", "10", "15", "20", "30", "60"]
_NUMBERS: Final = frozenset({PointKind.ANALOG, PointKind.INTEGER, PointKind.COUNTER})
_COUNTED: Final = frozenset(
    {
        SensorDeviceClass.ENERGY,
        SensorDeviceClass.REACTIVE_ENERGY,
        SensorDeviceClass.VOLUME,
        SensorDeviceClass.WEIGHT,
    }
)
_COUNTED_UNITS: Final = [
    name for name, row in UNIT_TABLE.items() if row.device_class in _COUNTED
]
_COUNTED_QUANTITIES: Final = [
    quantity.value or _NONE
    for quantity in Quantity
    if quantity not in {Quantity.POWER, Quantity.POWER_PRODUCTION}
]
_ABOVE_NOTHING: Final = NumberSelector(
    NumberSelectorConfig(min=0, mode=NumberSelectorMode.BOX, step="any")
)
_DERIVED: Final = ("energy", "demand")


def powers_of(points: Iterable[Point]) -> list[Point]:
    """Return the points that energy and demand can be made of."""
    return [
        point
        for point in points
        if point.unit in KILOWATTS and point.kind in _NUMBERS and not point.derived_from
    ]


def counters_of(points: Iterable[Point], config: MeteringConfig) -> list[Point]:
    """Return the points that may count something their device does not say."""
    configured = {counter.reference for counter in config.counters}
    return [
        point
        for point in points
        if point.reference in configured
        or (
            point.kind in _NUMBERS
            and not point.derived_from
            and (point.kind is PointKind.COUNTER or point.unit in {"", "no-units"})
        )
    ]


def metering_schema(config: MeteringConfig, points: Sequence[Point]) -> probatio.Schema:
    """Return the form; what a device has no points for is left out."""
    schema: dict[Any, Any] = {}
    if powers := powers_of(points):
        for name in _DERIVED:
            schema |= _derived_fields(name, config, powers)
        schema[probatio.Required(CONF_MINUTES, default=str(config.demand_minutes))] = (
            SelectSelector(
                SelectSelectorConfig(
                    options=_MINUTES,
                    mode=SelectSelectorMode.DROPDOWN,
                    translation_key=CONF_MINUTES,
                )
            )
        )
    if counters := counters_of(points, config):
        chosen = [counter.reference for counter in config.counters]
        key = probatio.Required(CONF_COUNTERS, default=chosen)
        schema[key] = point_selector(counters, chosen)
    return probatio.Schema(schema)


def metering_from_form(
    answers: Mapping[str, Any], before: MeteringConfig
) -> MeteringConfig:
    """Return the answers with the counters as they were; not asked stays."""
    return MeteringConfig(
        energy_from=_references("energy", answers, before.energy_from),
        demand_from=_references("demand", answers, before.demand_from),
        demand_minutes=int(answers.get(CONF_MINUTES, before.demand_minutes)),
        counters=before.counters,
    )


def counter_schema(
    before: CounterConfig | None, point: Point | None
) -> probatio.Schema:
    """Return the form that says what a counter counts."""
    unit = point.unit if point and point.unit in _COUNTED_UNITS else None
    plain = point.quantity if point else Quantity.NONE
    quantity = before.quantity if before else plain
    return probatio.Schema(
        {
            probatio.Required(
                CONF_FACTOR, default=before.factor if before else 1.0
            ): _ABOVE_NOTHING,
            probatio.Required(
                CONF_UNIT,
                description={"suggested_value": before.unit if before else unit},
            ): unit_selector(_COUNTED_UNITS),
            probatio.Required(
                CONF_QUANTITY, default=quantity.value or _NONE
            ): SelectSelector(
                SelectSelectorConfig(
                    options=_COUNTED_QUANTITIES,
                    mode=SelectSelectorMode.DROPDOWN,
                    translation_key=CONF_QUANTITY,
                )
            ),
            probatio.Optional(
                CONF_ROLLOVER,
                description={"suggested_value": before.rollover if before else None},
            ): _ABOVE_NOTHING,
        }
    )


def counter_from_form(reference: str, answers: Mapping[str, Any]) -> CounterConfig:
    """Return what a counter counts, or raise ConfigurationError."""
    quantity = answers[CONF_QUANTITY]
    return CounterConfig(
        reference=reference,
        factor=answers[CONF_FACTOR],
        unit=answers[CONF_UNIT],
        quantity=Quantity.NONE if quantity == _NONE else Quantity(quantity),
        rollover=answers.get(CONF_ROLLOVER),
    )


def _derived_fields(
    name: str, config: MeteringConfig, powers: Sequence[Point]
) -> dict[Any, Any]:
    chosen: tuple[str, ...] | None = getattr(config, f"{name}_from")
    return {
        probatio.Required(
            f"{name}_automatic", default=chosen is None
        ): BooleanSelector(),
        Required(
            f"{name}_from",
            default=[*(chosen or ())],
            visible={"field": f"{name}_automatic", "value": False},
        ): point_selector(powers, chosen or ()),
    }


def _references(
    name: str, answers: Mapping[str, Any], before: tuple[str, ...] | None
) -> tuple[str, ...] | None:
    automatic = answers.get(f"{name}_automatic")
    if automatic is None:
        return before
    return None if automatic else tuple(answers[f"{name}_from"])
