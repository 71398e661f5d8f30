"""What Home Assistant must show of a simulated point, worked out without Plantroom."""

from typing import Any

from tests.home_assistant.state_feed import StateFeed
from tests.simulators.points import Point
from tests.simulators.tables.office import OFFICE, ROUTED_DEVICE

TEXT = frozenset({"characterstring-value"})
TOLERANCE = 0.051
UNITS = {
    "degrees-celsius": "°C",
    "percent": "%",
    "pascals": "Pa",
    "parts-per-million": "ppm",
    "cubic-meters-per-hour": "m³/h",
    "liters-per-second": "L/s",
    "kilowatt-hours": "kWh",
    "kilowatts": "kW",
    "bars": "bar",
    "watts-per-square-meter": "W/m²",
    "percent-relative-humidity": "%",
    "no-units": None,
}


def office_points() -> dict[str, Point]:
    """Return every point of the office by "2001:analog-value,1"."""
    return {
        f"{device.instance}:{point.object_id}": point
        for device in (*OFFICE, ROUTED_DEVICE)
        for point in device.points
    }


def disagreement(
    point: Point, value: Any, entity_id: str, feed: StateFeed
) -> str | None:
    """Return what is wrong with an entity's state, None when it is right."""
    state = feed.states[entity_id]
    if not _agrees(point, value, state):
        return f"{entity_id} is {state}, {point.name} is {value}"
    unit = feed.attributes[entity_id].get("unit_of_measurement")
    is_analog = point.object_type.startswith("analog")
    if is_analog and point.units in UNITS and unit != UNITS[point.units]:
        return f"{entity_id} has the unit {unit}, {point.name} {point.units}"
    return None


def _agrees(point: Point, value: Any, state: str) -> bool:
    if point.object_type in TEXT:
        return state == value
    if point.object_type.startswith("binary"):
        return state == ("on" if value else "off")
    if point.states:
        return state == point.states[value - 1]
    # A device need not tell of a change below its COV increment.
    tolerance = max(TOLERANCE, point.cov_increment or 0.0)
    return abs(float(state) - value * point.scale) <= tolerance
