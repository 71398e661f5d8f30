"""What SunSpec points are for: which measure energy, which matter daily, which are written."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from ...models import Quantity
from .definitions import PointDefinition
from .units import ENERGIES, unit_name

INVERTERS: Final = frozenset({101, 102, 103, 111, 112, 113})
METERS: Final = frozenset({201, 202, 203, 204, 211, 212, 213, 214})
DER_AC: Final = 701
FLOAT_TWIN: Final = 10
# Requests for signatures and certificates: nothing to read, much to break
SECURITY: Final = frozenset(range(2, 10))
LONGEST_TIME: Final = 65534

_AC_DAILY: Final = frozenset(
    [
        "A",
        "AphA",
        "AphB",
        "AphC",
        "DCA",
        "DCV",
        "DCW",
        "Hz",
        "PF",
        "PhVphA",
        "PhVphB",
        "PhVphC",
        "St",
        "TmpCab",
        "TotWhExp",
        "TotWhImp",
        "VAR",
        "VAr",
        "W",
        "WH",
    ]
)
_DAILY: Final = {
    **dict.fromkeys(INVERTERS | METERS, _AC_DAILY),
    DER_AC: frozenset(
        [
            "A",
            "ConnSt",
            "Hz",
            "InvSt",
            "LNV",
            "PF",
            "TmpCab",
            "TotWhAbs",
            "TotWhInj",
            "Var",
            "W",
        ]
    ),
    123: frozenset({"WMaxLimPct", "WMaxLim_Ena"}),
    124: frozenset({"ChaSt", "ChaState", "InBatV"}),
    160: frozenset({"DCA", "DCV", "DCW", "DCWH", "DCSt"}),
    704: frozenset({"WMaxLimPct", "WMaxLimPctEna"}),
    713: frozenset({"SoC", "SoH", "WHAvail"}),
    714: frozenset({"DCA", "DCV", "DCW", "DCWhInj", "DCWhAbs"}),
    802: frozenset({"A", "ChaSt", "SoC", "SoH", "State", "V", "W"}),
}
# Models of measurements and little else: all that has a unit is looked at
_MEASURED: Final = frozenset({*range(302, 309), *range(401, 405), 501, 502})
# Ratings and the like, of which a person wants to know once
_RATINGS: Final = frozenset({120, 121, 702})
_METER_QUANTITIES: Final = {
    "TotWhExp": Quantity.ENERGY_EXPORT,
    "TotWhImp": Quantity.ENERGY_IMPORT,
    "W": Quantity.POWER,
}
_INVERTER_QUANTITIES: Final = {
    "TotWhInj": Quantity.ENERGY_PRODUCTION,
    "W": Quantity.POWER_PRODUCTION,
    "WH": Quantity.ENERGY_PRODUCTION,
}
# They reset alarms and make and break contacts: for a person on site
_NEVER_WRITTEN: Final = frozenset({*range(100), *range(801, 810), *range(64001, 65535)})


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRange:
    """What may be written; None where the states say it."""

    minimum: float | None = None
    maximum: float | None = None


def is_repeated_elsewhere(model_id: int, all_ids: Collection[int]) -> bool:
    """Return whether another model of the device says the same: as whole numbers."""
    if model_id == DER_AC:
        return not INVERTERS.isdisjoint(all_ids)
    if model_id in INVERTERS | METERS:
        return model_id - FLOAT_TWIN in all_ids
    return False


def quantity_of(model_id: int, name: str) -> Quantity:
    """Return what a point measures for the energy dashboard.

    A meter's power is positive when energy is taken in, as its quadrants are named
    (Q1 and Q4 import); makers differ, and meters are mounted both ways.
    """
    if model_id in METERS:
        return _METER_QUANTITIES.get(name, Quantity.NONE)
    if model_id in INVERTERS or model_id == DER_AC:
        return _INVERTER_QUANTITIES.get(name, Quantity.NONE)
    return Quantity.NONE


def is_counter(point: PointDefinition) -> bool:
    """Return whether a point only counts up: accumulators, and energies that are.

    Ratings and what is left in a battery are energies as well, and are none.
    """
    if point.type.startswith("acc"):
        return True
    return (
        point.units in ENERGIES
        and point.name.startswith(("Tot", "WH", "DCWh"))
        and (point.name not in ("WHRtg", "WHAvail"))
    )


def is_daily(model_id: int, point: PointDefinition) -> bool:
    """Return whether people look at a point every day."""
    if model_id in _MEASURED:
        return bool(unit_name(point.units)) and not point.writable
    return point.name in _DAILY.get(model_id, ())


def category_of(model_id: int, point: PointDefinition, *, writable: bool) -> str:
    """Return where Home Assistant shows a point: beside the others, or among them."""
    if writable:
        return "" if is_daily(model_id, point) else "configuration"
    if point.writable or model_id in _RATINGS or model_id < 100:
        return "diagnostic"
    return "" if unit_name(point.units) or is_daily(model_id, point) else "diagnostic"


def write_range(model_id: int, point: PointDefinition) -> WriteRange | None:
    """Return what may be written to a point, None for nothing.

    Only what has limits by its nature: states, percentages, power factors, times.
    """
    if not point.writable or model_id in _NEVER_WRITTEN:
        return None
    if point.type in ("enum16", "enum32") and point.symbols:
        return WriteRange()
    if point.type not in ("int16", "uint16", "int32", "uint32"):
        return None
    unit = unit_name(point.units)
    signed = point.type.startswith("int")
    if unit == "percent":
        return WriteRange(minimum=-100 if signed else 0, maximum=100)
    if unit == "power-factor":
        return WriteRange(minimum=-1 if signed else 0, maximum=1)
    if unit == "seconds" and point.scale is None:
        return WriteRange(minimum=0, maximum=LONGEST_TIME)
    return None
