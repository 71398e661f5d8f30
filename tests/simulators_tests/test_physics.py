import random
from typing import Any

from tests.simulators.physics import BoilerPlant, Surroundings, VavBox, approach

VAV_COMMANDS: dict[str, Any] = {
    "Setpoint": 21.5,
    "Enable": True,
    "Damper": 40.0,
    "ReheatValve": 0.0,
    "MaxFlow": 180.0,
    "Occupancy": True,
}


def test_a_long_step_ends_where_many_short_ones_do() -> None:
    short = 20.0
    for _ in range(600):
        short = approach(short, 25.0, 1, 300)
    assert abs(short - approach(20.0, 25.0, 600, 300)) < 1e-9


def test_a_setpoint_moves_the_valve_and_the_valve_the_room() -> None:
    box, shared = VavBox(random.Random(1)), Surroundings()
    commands = dict(VAV_COMMANDS, Setpoint=25.0)
    before = box.room
    for _ in range(120):
        values = box.step(commands, shared, 60)
        commands |= {key: values[key] for key in ("Damper", "ReheatValve")}
    assert float(values["ReheatValve"]) > 0
    assert box.room > before + 1.5


def test_energy_never_counts_down() -> None:
    boiler, shared = BoilerPlant(random.Random(1)), Surroundings()
    commands = {
        "Enable": True, "BoilerCommand": True, "Pump1Command": True,
        "Pump2Command": False, "BurnerModulation": 40.0, "SupplySetpoint": 60.0,
    }  # fmt: skip
    readings = [boiler.step(commands, shared, 600)["GasMeter"] for _ in range(5)]
    assert readings == sorted(readings)
    assert readings[0] != readings[-1]
