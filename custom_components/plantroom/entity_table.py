"""The one table: kind, role, access and unit of a point → the entity that shows it."""

import math
import re
from dataclasses import dataclass, replace
from typing import Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import (
    DEVICE_CLASS_STATE_CLASSES,
    DEVICE_CLASS_UNITS,
    SensorDeviceClass,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, Platform, UnitOfRatio, UnitOfTemperature

from .engine.models import Access, Point, PointKind, PointRole, Quantity
from .point_values import state_options
from .unit_table import NO_UNIT, UnitRow, unit_row

# What devices without limits report stands for "none": the ends of IEEE 754 single.
_LIMIT_OF_SENSE: Final = 1e9
_SMALLEST_STEP: Final = 0.001

_TUNING: Final = re.compile(
    r"\b(conf(ig)?|param(eter)?s?|tuning|gain|kp|ki|kd|dead ?band|hysteresis|offset"
    r"|calibration|delay|time ?out|limit)\b",
    re.IGNORECASE,
)
_CARBON_DIOXIDE: Final = re.compile(r"\bco2\b", re.IGNORECASE)
_TROUBLE: Final = re.compile(r"\b(alarm|fault|trip(ped)?)\b", re.IGNORECASE)
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRow:
    """What Home Assistant has to know of a point's entity.

    device_class: one of the platform's, as text. options: of select and enum, state
    n at n - 1. minimum, maximum, step: of a number, in its unit.
    """

    platform: Platform
    device_class: str | None = None
    state_class: SensorStateClass | None = None
    unit: str | None = None
    options: tuple[str, ...] = ()
    minimum: float = 0.0
    maximum: float = 0.0
    step: float = 1.0
    precision: int | None = None
    category: EntityCategory | None = None
    enabled: bool = True


def entity_row(point: Point, *, writable: bool = False) -> EntityRow:
    """Return the entity of a point; writable: a person allowed writes to a PLAIN one."""
    commanded = is_commanded(point, writable=writable)
    match point.kind:
        case PointKind.BINARY:
            return _binary_row(point, commanded=commanded)
        case PointKind.MULTI_STATE:
            return _multi_state_row(point, commanded=commanded)
        case PointKind.TEXT:
            return _row(point, Platform.TEXT if commanded else Platform.SENSOR)
        case PointKind.COUNTER:
            return _measured_row(point)
    return _number_row(point) if commanded else _measured_row(point)


def is_commanded(point: Point, *, writable: bool) -> bool:
    """Return whether a person may change the point's present value."""
    if point.role in {PointRole.INPUT, PointRole.LOOP}:
        return False
    return point.access is Access.COMMANDABLE or (
        point.access is Access.PLAIN and writable
    )


def is_daily(point: Point) -> bool:
    """Return whether somebody reads the point daily: its entity comes enabled.

    A register map says so itself. Of objects, inputs, outputs and what can be
    commanded are; so are other values with a unit, a description or state texts,
    unless their name says tuning. Loops are not: what they do shows on the outputs
    they drive.
    """
    if point.enabled is not None:
        return point.enabled
    if point.role in {PointRole.INPUT, PointRole.OUTPUT}:
        return True
    if point.role is PointRole.LOOP or _is_tuning(point):
        return False
    described = bool(point.unit not in {"", "no-units"} or point.description)
    return point.access is Access.COMMANDABLE or described or bool(point.states)


def _row(
    point: Point,
    platform: Platform,
    unit: UnitRow = NO_UNIT,
    device_class: str | None = None,
) -> EntityRow:
    return EntityRow(
        platform=platform,
        unit=unit.unit,
        device_class=device_class,
        category=_category(point, platform),
        enabled=is_daily(point),
    )


def _category(point: Point, platform: Platform) -> EntityCategory | None:
    """Return what the point's register map says, else what its name says."""
    shown_only = platform in {Platform.SENSOR, Platform.BINARY_SENSOR}
    if point.category:
        diagnostic = shown_only or point.category == "diagnostic"
        return EntityCategory.DIAGNOSTIC if diagnostic else EntityCategory.CONFIG
    if point.enabled is not None or not _is_tuning(point):
        return None
    return EntityCategory.DIAGNOSTIC if shown_only else EntityCategory.CONFIG


def _binary_row(point: Point, *, commanded: bool) -> EntityRow:
    if commanded:
        return _row(point, Platform.SWITCH)
    return _row(point, Platform.BINARY_SENSOR, device_class=_binary_class(point))


def _binary_class(point: Point) -> BinarySensorDeviceClass | None:
    """Return what the device's own word for active says, else what the name says."""
    word = point.states[1].strip().casefold() if len(point.states) > 1 else ""
    if word in _CLASS_OF_ACTIVE:
        return _CLASS_OF_ACTIVE[word]
    return BinarySensorDeviceClass.PROBLEM if _is_trouble(point) else None


_CLASS_OF_ACTIVE: Final = {
    "alarm": BinarySensorDeviceClass.PROBLEM,
    "fault": BinarySensorDeviceClass.PROBLEM,
    "tripped": BinarySensorDeviceClass.PROBLEM,
    "occupied": BinarySensorDeviceClass.OCCUPANCY,
    "running": BinarySensorDeviceClass.RUNNING,
}


def _multi_state_row(point: Point, *, commanded: bool) -> EntityRow:
    options = state_options(point.states, point.maximum)
    if not options:
        return _number_row(point) if commanded else _row(point, Platform.SENSOR)
    row = _row(
        point,
        Platform.SELECT if commanded else Platform.SENSOR,
        device_class=None if commanded else SensorDeviceClass.ENUM,
    )
    return replace(row, options=options)


def _number_row(point: Point) -> EntityRow:
    unit = _unit_row(point)
    minimum, maximum = _limits(point, unit)
    return replace(
        _row(point, Platform.NUMBER, unit, unit.device_class),
        minimum=minimum,
        maximum=maximum,
        step=_step(point, unit, maximum - minimum),
    )


def _measured_row(point: Point) -> EntityRow:
    unit = _unit_row(point)
    return replace(
        _row(point, Platform.SENSOR, unit, unit.device_class),
        state_class=_state_class(point, unit),
        precision=_precision(point, unit),
    )


def _unit_row(point: Point) -> UnitRow:
    """Return the unit; what a volume is of, and that ppm are CO2, the point says."""
    row = unit_row(point.unit)
    device_class = _VOLUME_OF.get(point.quantity)
    if device_class is not None and row.unit in DEVICE_CLASS_UNITS[device_class]:
        return UnitRow(unit=row.unit, device_class=device_class)
    if row.unit == UnitOfRatio.PARTS_PER_MILLION and _says(point, _CARBON_DIOXIDE):
        return UnitRow(unit=row.unit, device_class=SensorDeviceClass.CO2)
    return row


_VOLUME_OF: Final = {
    Quantity.GAS: SensorDeviceClass.GAS,
    Quantity.WATER: SensorDeviceClass.WATER,
}


def _state_class(point: Point, unit: UnitRow) -> SensorStateClass | None:
    """Return how statistics are made, always one that the device class allows.

    Energy counts up wherever it is found, and so does what is known to be a meter.
    Any other volume is a meter's or a tank's: TOTAL follows both.
    """
    measurement = SensorStateClass.MEASUREMENT
    wanted = [measurement, SensorStateClass.TOTAL]
    if point.kind is PointKind.COUNTER or unit.device_class in {
        SensorDeviceClass.ENERGY,
        SensorDeviceClass.GAS,
        SensorDeviceClass.REACTIVE_ENERGY,
        SensorDeviceClass.WATER,
    }:
        wanted = [SensorStateClass.TOTAL_INCREASING, measurement]
    elif point.kind is PointKind.INTEGER and unit == NO_UNIT:
        return measurement if point.role is PointRole.INPUT else None
    if unit.device_class is None:
        return wanted[0]
    allowed = DEVICE_CLASS_STATE_CLASSES.get(unit.device_class, set())
    return next((item for item in wanted if item in allowed), None)


def _precision(point: Point, unit: UnitRow) -> int | None:
    """Return the decimals to show, None where the device class decides."""
    if point.kind is not PointKind.ANALOG:
        return 0 if unit.device_class is None else None
    if (resolution := _sensible_step(point.resolution)) is not None:
        return min(3, max(0, math.ceil(-math.log10(resolution) - 1e-9)))
    return None if unit.device_class is not None else _DECIMALS.get(unit.unit, 2)


_DECIMALS: Final[dict[str | None, int]] = {UnitOfRatio.PERCENTAGE: 1, "ppm": 0}

_LIMITS_BY_UNIT: Final[dict[tuple[str | None, str | None], tuple[float, float]]] = {
    (None, UnitOfRatio.PERCENTAGE): (0.0, 100.0),
    (SensorDeviceClass.HUMIDITY, UnitOfRatio.PERCENTAGE): (0.0, 100.0),
    (SensorDeviceClass.TEMPERATURE, UnitOfTemperature.CELSIUS): (-50.0, 150.0),
    (SensorDeviceClass.TEMPERATURE, UnitOfTemperature.FAHRENHEIT): (-60.0, 300.0),
    (SensorDeviceClass.TEMPERATURE, UnitOfTemperature.KELVIN): (220.0, 425.0),
    (SensorDeviceClass.TEMPERATURE_DELTA, UnitOfTemperature.KELVIN): (-100.0, 100.0),
    (SensorDeviceClass.TEMPERATURE_DELTA, UnitOfTemperature.FAHRENHEIT): (
        -180.0,
        180.0,
    ),
    (SensorDeviceClass.CO2, UnitOfRatio.PARTS_PER_MILLION): (0.0, 10000.0),
    (None, UnitOfRatio.PARTS_PER_MILLION): (0.0, 1000000.0),
}
_WIDE: Final = (-1000000.0, 1000000.0)

_STEP_BY_CLASS: Final[dict[str | None, float]] = {
    SensorDeviceClass.TEMPERATURE: 0.1,
    SensorDeviceClass.TEMPERATURE_DELTA: 0.1,
    SensorDeviceClass.HUMIDITY: 1.0,
    SensorDeviceClass.CO2: 1.0,
}


def _limits(point: Point, unit: UnitRow) -> tuple[float, float]:
    """Return the device's limits where it has sensible ones, else the unit's."""
    if point.kind is PointKind.MULTI_STATE:
        low, high = 1.0, 65535.0
    else:
        low, high = _LIMITS_BY_UNIT.get((unit.device_class, unit.unit), _WIDE)
    minimum = _sensible_limit(point.minimum)
    maximum = _sensible_limit(point.maximum)
    if minimum is None and maximum is None:
        return low, high
    minimum = low if minimum is None else minimum
    maximum = high if maximum is None else maximum
    return (minimum, maximum) if minimum < maximum else (low, high)


def _sensible_limit(limit: float | None) -> float | None:
    if limit is None or not math.isfinite(limit) or abs(limit) > _LIMIT_OF_SENSE:
        return None
    return float(limit)


def _step(point: Point, unit: UnitRow, span: float) -> float:
    if point.kind is not PointKind.ANALOG:
        return 1.0
    resolution = _sensible_step(point.resolution)
    if resolution is not None and resolution <= span:
        return resolution
    if unit.unit == UnitOfRatio.PERCENTAGE:
        return 1.0
    return _STEP_BY_CLASS.get(unit.device_class, 0.1 if span > 1 else 0.01)


def _sensible_step(resolution: float | None) -> float | None:
    """Return the resolution without the noise of single precision, None for none."""
    if resolution is None or not math.isfinite(resolution):
        return None
    return float(f"{resolution:.5g}") if resolution >= _SMALLEST_STEP else None


def _is_tuning(point: Point) -> bool:
    return point.role is PointRole.VALUE and _says(point, _TUNING)


def _is_trouble(point: Point) -> bool:
    return _says(point, _TROUBLE)


def _says(point: Point, words: re.Pattern[str]) -> bool:
    """Return whether name or description hold one of the words, in any spelling."""
    text = f"{point.name} {point.description}"
    return words.search(_WORDS.sub(" ", text)) is not None
