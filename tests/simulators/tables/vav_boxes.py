"""Twelve VAV boxes of 14 points each."""

from ..points import DeviceTable, EventRow, analog, binary, loop, multi_state, table
from .air_handler import AI, AO, AV, BI, BV, CELSIUS, ON_OFF, PERCENT

BOXES = 12
FLOW = "liters-per-second"


def vav_box(number: int) -> DeviceTable:
    """Return the table of one box; rooms are numbered from 1."""
    return DeviceTable(
        instance=2000 + number,
        host=f"2.{number}",
        name=f"VAV-{number:02}",
        model="NC-210 Zone",
        firmware="3.4.0",
        description=f"VAV box of room 1.{number:02}",
        location=f"Floor 1, room 1.{number:02}",
        model_of_physics="vav_box",
        events=(EventRow(object_id="analog-input,1", low=14.0, high=30.0, deadband=0.5, priority=180),),
        points=table(
            f"VAV{number:02}",
            analog(AI, 1, "RoomTemp", 20.5 + number % 3 * 0.4, CELSIUS, (-10, 50), "Room temperature"),
            analog(AI, 2, "DischargeTemp", 16.0, CELSIUS, (-10, 80), "Discharge air temperature"),
            analog(AI, 3, "AirFlow", 90.0, FLOW, (0, 400), "Air flow", cov_increment=2),
            analog(AI, 4, "RoomCO2", 600.0, "parts-per-million", (0, 5000), "Room CO2", cov_increment=20),
            analog(AI, 5, "RoomHumidity", 43.0, "percent-relative-humidity", PERCENT, "Room humidity", cov_increment=1),
            binary(BI, 1, "Occupancy", number % 4 != 0, ("Vacant", "Occupied"), "Motion detector"),
            analog(AO, 1, "Damper", 40.0, "percent", PERCENT, "Damper position", cov_increment=1),
            analog(AO, 2, "ReheatValve", 0.0, "percent", PERCENT, "Reheat valve", cov_increment=1),
            analog(AV, 1, "Setpoint", 21.5, CELSIUS, (15, 30), "Room setpoint", commandable=True),
            analog(AV, 2, "MinFlow", 30.0, FLOW, (0, 400), "Least air flow", commandable=True),
            analog(AV, 3, "MaxFlow", 180.0, FLOW, (0, 400), "Greatest air flow", commandable=True),
            binary(BV, 1, "Enable", True, ON_OFF, "Box enable", commandable=True),
            multi_state(
                "multi-state-value", 1, "OccupancyMode", 1, ("Occupied", "Standby", "Unoccupied"), "Occupancy mode",
                commandable=True,
            ),
            loop(1, "TempLoop", CELSIUS, "Room temperature control"),
        ),
    )  # fmt: skip


VAV_BOXES = tuple(vav_box(number) for number in range(1, BOXES + 1))
