import itertools
import random

import pytest

from tests.simulators.modbus.energy import LOSSES
from tests.simulators.modbus.installation import Installation
from tests.simulators.modbus.rooms import Mode, ThermostatRoom
from tests.simulators.modbus.solar import SLEEPING, THROTTLED
from tests.simulators.physics import Surroundings

HOUR, DAY = 3600.0, 86400.0
NOON, MIDNIGHT = 12 * HOUR, 24 * HOUR


def installation_at(second: float) -> Installation:
    made = Installation()
    made.step(Surroundings(), second - made.seconds)
    return made


@pytest.mark.parametrize("step", [1.0, 30.0, 3600.0])
def test_the_sub_meters_and_the_sun_add_up_to_the_main_meter(step: float) -> None:
    made = Installation()
    for _ in range(5):
        made.step(Surroundings(), step)
        parts = made.lighting, made.ventilation, made.cooling
        loads = sum(meter.power_kw for meter in parts)
        balance = loads * (1 + LOSSES) - made.solar.power_kw
        assert made.main.power_kw == pytest.approx(balance)
        used = sum(meter.truth.imported_kwh for meter in parts) * (1 + LOSSES)
        flowed = made.main.truth.imported_kwh - made.main.truth.exported_kwh
        assert flowed == pytest.approx(used - made.solar.truth.imported_kwh)


def test_no_energy_ever_falls_over_a_day() -> None:
    made, shared = Installation(), Surroundings()
    readings = []
    for _ in range(96):
        made.step(shared, 900)
        readings.append(
            (
                made.main.import_kwh,
                made.main.export_kwh,
                made.lighting.import_kwh,
                made.cooling.import_kwh,
                made.solar.lifetime_kwh,
                made.heat.energy_kwh,
                made.heat.volume_m3,
            )
        )
    for before, after in itertools.pairwise(readings):
        assert all(new >= old for old, new in zip(before, after, strict=True))
    assert all(new > old for old, new in zip(readings[0], readings[-1], strict=True))


def test_the_sun_shines_by_day_and_the_surplus_is_exported() -> None:
    assert installation_at(MIDNIGHT).solar.values()["state"] == SLEEPING
    assert installation_at(NOON).solar.power_kw > 20
    made = Installation()
    made.step(Surroundings(supply_fan_kw=0.0, chiller_kw=0.0), 3 * HOUR)
    assert made.main.power_kw < 0
    assert made.main.truth.exported_kwh > 0


def test_a_limited_inverter_gives_no_more_than_its_limit() -> None:
    made = installation_at(NOON)
    made.solar.write("limit", 25.0)
    made.solar.write("is_limited", 1)
    made.step(Surroundings(), 60)
    assert made.solar.power_kw == 22.5
    assert made.solar.values()["state"] == THROTTLED
    with pytest.raises(ValueError, match="0 to 100"):
        made.solar.write("limit", 101)


def test_a_replaced_meter_begins_again_and_the_truth_goes_on() -> None:
    made = Installation()
    made.step(Surroundings(), HOUR)
    used, serial = made.main.truth.imported_kwh, made.main.serial_number
    made.main.replace()
    made.step(Surroundings(), HOUR)
    assert made.main.import_kwh == pytest.approx(made.main.truth.imported_kwh - used)
    assert made.main.serial_number == serial + 1


def test_the_plants_of_the_building_drive_the_meters_when_there_are_any() -> None:
    made = Installation()
    made.step(Surroundings(chiller_kw=50.0, boiler_heat_kw=70.0), 2 * HOUR)
    assert made.cooling.power_kw == pytest.approx(0.9 + 50 * 1.12)
    assert made.heat.power_kw == 70.0


def test_a_setpoint_moves_the_room_and_a_mode_lets_it_cool() -> None:
    room, shared = ThermostatRoom(random.Random(1)), Surroundings()

    def after_hours(hours: float) -> float:
        for _ in range(int(hours * 120)):
            room.step(shared, 0.5, 30)
        return room.room

    room.write("comfort_setpoint", 24.0)
    assert after_hours(4) == pytest.approx(24.0, abs=0.6)
    room.write("mode", Mode.ECONOMY)
    assert room.setpoint == 21.0
    assert after_hours(4) == pytest.approx(21.0, abs=0.6)
    room.write("mode", Mode.PROTECTION)
    assert after_hours(6) < 20
    assert room.valve == 0
    with pytest.raises(ValueError, match="2"):
        room.write("mode", 2)


def test_the_same_seed_makes_the_same_building() -> None:
    one, other, third = Installation(3), Installation(3), Installation(4)
    for made in (one, other, third):
        made.step(Surroundings(), HOUR)
    assert one.main.values() == other.main.values()
    assert one.main.values() != third.main.values()
