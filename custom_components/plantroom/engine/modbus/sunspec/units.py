"""SunSpec's units by the names that BACnet has for them; pure."""

from typing import Final

_NAMES: Final = {
    "A": "amperes",
    "C": "degrees-celsius",
    "Degrees": "degrees-angular",
    "HPa": "hectopascals",
    "Hz": "hertz",
    "Mbps": "megabits-per-second",
    "PF": "power-factor",
    "Pct": "percent",
    "Sec": "seconds",
    "Secs": "seconds",
    "Tmd": "days",
    "Tmh": "hours",
    "Tms": "seconds",
    "V": "volts",
    "VA": "volt-amperes",
    "VAh": "volt-ampere-hours",
    "VNomPct": "percent",
    "Var": "volt-amperes-reactive",
    "VarPct": "percent",
    "Varh": "volt-ampere-hours-reactive",
    "W": "watts",
    "W/m2": "watts-per-square-meter",
    "W/m^2": "watts-per-square-meter",
    "WH": "watt-hours",
    "WMaxPct": "percent",
    "Wh": "watt-hours",
    "bps": "bits-per-second",
    "cos()": "power-factor",
    "deg": "degrees-angular",
    "kO": "kilohms",
    "kWh": "kilowatt-hours",
    "m/s": "meters-per-second",
    "mSecs": "milliseconds",
    "meters": "meters",
    "mm": "millimeters",
    "mps": "meters-per-second",
    "ohms": "ohms",
    "var": "volt-amperes-reactive",
    "varh": "volt-ampere-hours-reactive",
}
_RATES: Final = {"min": "-per-minute", "sec": "-per-second"}

ENERGIES: Final = frozenset({"VAh", "Varh", "WH", "Wh", "kWh", "varh"})


def unit_name(units: str) -> str:
    """Return BACnet's name, "" where it has none (ampere-hours) or none is meant.

    Percentages come as "Pct", "% WMax" and, as rates, "% WMax/min".
    """
    if not units.startswith("%"):
        return _NAMES.get(units, "")
    _, _, per = units.partition("/")
    return "percent" + (_RATES.get(per.strip().lower(), "") if per else "")


def unit_is_lost(units: str) -> bool:
    """Return whether a unit has no name, so that a point's name has to say it."""
    return units in ("Ah", "AH", "kAH", "Vm", "V/s", "A/s", "W/s", "Hz/s")
