"""Device profiles: what no schema says, such as units that exist and limits of writes."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from custom_components.plantroom.engine.bacnet.names.units import UNITS
from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.modbus.knowledge.profile import (
    DeviceProfile,
    Identification,
    RequestLimits,
)
from custom_components.plantroom.engine.modbus.knowledge.profile_file import (
    read_profile,
)
from custom_components.plantroom.engine.modbus.registers.register_map import (
    BITS_OF_A_REGISTER,
    RegisterPoint,
    ValueType,
)
from custom_components.plantroom.engine.models import Quantity

ENERGY = {f"{size}watt-hours" for size in ("", "kilo", "mega", "giga")}
ENERGY |= {f"{size}joules" for size in ("", "kilo", "mega", "giga", "tera")}
ENERGY |= {"btus", "kilo-btus", "mega-btus", "therms", "ton-hours"}
POWER = {f"{size}watts" for size in ("milli", "", "kilo", "mega", "giga")}
POWER |= {"btus-per-hour", "kilo-btus-per-hour", "tons-refrigeration"}
VOLUME = {"cubic-meters", "cubic-feet", "liters", "us-gallons", "imperial-gallons"}
UNITS_OF_QUANTITY = {
    Quantity.POWER: POWER,
    Quantity.POWER_PRODUCTION: POWER,
    Quantity.ENERGY_IMPORT: ENERGY,
    Quantity.ENERGY_EXPORT: ENERGY,
    Quantity.ENERGY_PRODUCTION: ENERGY,
    Quantity.HEAT: ENERGY,
    Quantity.COOLING: ENERGY,
    Quantity.GAS: VOLUME | ENERGY,
    Quantity.WATER: VOLUME,
}


def check(folder: Path) -> Iterator[str]:
    """Yield the faults of the profiles that an integration ships."""
    for path in sorted((folder / "engine" / "modbus" / "profiles").glob("*.json")):
        try:
            profile = read_profile(path)
        except ConfigurationError as error:
            yield f"profiles/{path.name}: {error}"
            continue
        for fault in faults(profile):
            yield f"profiles/{path.name}: {fault}"


def faults(profile: DeviceProfile) -> Iterator[str]:
    """Yield what is wrong with a profile that can be read."""
    if not profile.source.document.strip():
        yield "source.document is empty"
    yield from _test_faults(profile)
    yield from _limit_faults(profile.limits)
    yield from _identification_faults(profile.identification)
    names = Counter(point.name for point in profile.points)
    for name in (name for name, count in names.items() if count > 1):
        yield f"the name {name!r} is used more than once"
    for point in profile.points:
        for fault in _point_faults(point):
            yield f"{point.key}: {fault}"
    for one, other in combinations(profile.points, 2):
        if _overlap(one, other):
            yield f"{one.key} and {other.key} give one address two meanings"


def _test_faults(profile: DeviceProfile) -> Iterator[str]:
    if not profile.tests:
        yield "there is no test"
    keys = {point.key for point in profile.points}
    for test in profile.tests:
        if not test.source.strip():
            yield "a test does not say where its numbers are from"
        if not test.expect:
            yield "a test expects nothing"
        for key in sorted(test.expect.keys() - keys):
            yield f"a test expects {key}, which is no point"


def _limit_faults(limits: RequestLimits) -> Iterator[str]:
    if not 1 <= limits.registers <= 125:
        yield "limits.registers is not 1 to 125"
    if not 1 <= limits.bits <= 2000:
        yield "limits.bits is not 1 to 2000"
    if not 0 <= limits.gap <= limits.registers:
        yield "limits.gap is not 0 to limits.registers"
    for _space, first, last in limits.holes:
        if not 0 <= first <= last <= 65535:
            yield f"limits.holes: {first} to {last} is no range"


def _identification_faults(identification: Identification) -> Iterator[str]:
    for sign in identification.registers:
        place = f"identification at {sign.address}"
        if not sign.equals and not sign.contains:
            yield f"{place} holds nothing that tells a device"
        if sign.contains and sign.type is not ValueType.STRING:
            yield f"{place} can contain a text only as a string"


def _point_faults(point: RegisterPoint) -> Iterator[str]:
    if point.unit and point.unit not in UNITS.known.values():
        yield f"BACnet has no unit {point.unit}"
    if point.name != point.name.strip():
        yield "the name has spaces around it"
    if point.type is ValueType.BOOL and not point.states.keys() <= {"0", "1"}:
        yield "a bool has the states 0 and 1"
    width = BITS_OF_A_REGISTER * point.words
    if any(not 0 <= raw < 1 << width for raw in point.unavailable):
        yield f"unavailable is not of {width} bits, unsigned"
    yield from _write_faults(point)
    yield from _metering_faults(point)


def _write_faults(point: RegisterPoint) -> Iterator[str]:
    if not point.writable or point.states or point.type is ValueType.BOOL:
        return
    if point.type is ValueType.STRING:
        return
    if point.minimum is None or point.maximum is None:
        yield "it can be written, and has neither minimum and maximum nor states"
    elif point.minimum >= point.maximum:
        yield "minimum is not below maximum"


def _metering_faults(point: RegisterPoint) -> Iterator[str]:
    """Yield why a meter would not be ready for the energy dashboard.

    Energies that are part of another one (a phase, a tariff) and those that go down
    again are for people who ask for them: not enabled.
    """
    if point.quantity is Quantity.NONE:
        if point.enabled and point.unit in ENERGY:
            yield "an energy has a quantity, or is not enabled"
        return
    if point.unit not in UNITS_OF_QUANTITY[point.quantity]:
        yield f"{point.unit or 'no unit'} is no unit of {point.quantity}"
    if point.unit not in POWER and not point.counter:
        yield f"{point.quantity} is a counter"


def _overlap(one: RegisterPoint, other: RegisterPoint) -> bool:
    """Return whether two points share an address without naming bits of it."""
    return (
        one.space is other.space
        and one.bit is None
        and other.bit is None
        and one.address < other.address + other.words
        and other.address < one.address + one.words
    )
