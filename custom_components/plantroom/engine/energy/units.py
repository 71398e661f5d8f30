"""Units of power, energy and what else meters count, by the names BACnet gives them."""

from typing import Final

_BTU: Final = 1055.05585262 / 3.6e6
_THERM: Final = 100_000 * _BTU
_TON: Final = 12_000 * _BTU
_HORSEPOWER: Final = 0.74569987158227

KILOWATTS: Final = {
    "milliwatts": 1e-6,
    "watts": 1e-3,
    "kilowatts": 1.0,
    "megawatts": 1e3,
    "gigawatts": 1e6,
    "joules-per-second": 1e-3,
    "kilojoules-per-second": 1.0,
    "joules-per-hours": 1 / 3.6e6,
    "kilojoules-per-hour": 1 / 3600,
    "megajoules-per-hour": 1 / 3.6,
    "btus-per-hour": _BTU,
    "kilo-btus-per-hour": 1e3 * _BTU,
    "mega-btus-per-hour": 1e6 * _BTU,
    "tons-refrigeration": _TON,
    "horsepower": _HORSEPOWER,
}
"""Kilowatts in one of each unit of power."""

KILOWATT_HOURS: Final = {
    "watt-hours": 1e-3,
    "kilowatt-hours": 1.0,
    "megawatt-hours": 1e3,
    "gigawatt-hours": 1e6,
    "joules": 1 / 3.6e6,
    "kilojoules": 1 / 3600,
    "megajoules": 1 / 3.6,
    "gigajoules": 1e3 / 3.6,
    "terajoules": 1e6 / 3.6,
    "btus": _BTU,
    "kilo-btus": 1e3 * _BTU,
    "mega-btus": 1e6 * _BTU,
    "therms": _THERM,
    "ton-hours": _TON,
}
"""Kilowatt-hours in one of each unit of energy."""

REACTIVE_AND_APPARENT_ENERGY: Final = frozenset(
    {
        "watt-hours-reactive",
        "kilowatt-hours-reactive",
        "megawatt-hours-reactive",
        "gigawatt-reactive-hours",
        "volt-ampere-hours",
        "kilovolt-ampere-hours",
        "megavolt-ampere-hours",
        "volt-ampere-hours-reactive",
        "kilovolt-ampere-hours-reactive",
        "megavolt-ampere-hours-reactive",
    }
)

_BOLD_ENERGY: Final = 100.0  # kilowatt-hours
_BOLD_VOLUMES: Final = {
    "cubic-meters": 10.0,
    "cubic-feet": 350.0,
    "liters": 10_000.0,
    "us-gallons": 2_600.0,
    "imperial-gallons": 2_200.0,
}
_BOLD_COUNTS: Final = 1000


def bold_step(unit: str, quantum: float) -> float:
    """Return how much no counter is doubted for counting in a quarter of an hour.

    quantum: one count, in the unit.
    """
    if unit in KILOWATT_HOURS:
        return _BOLD_ENERGY / KILOWATT_HOURS[unit]
    return _BOLD_VOLUMES.get(unit, _BOLD_COUNTS * quantum)
