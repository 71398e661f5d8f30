"""The air handler: 35 points."""

from ..points import DeviceTable, analog, binary, loop, multi_state, table, text

CELSIUS = "degrees-celsius"
PERCENT = (0.0, 100.0)
RUN = ("Stopped", "Running")
ALARM = ("Normal", "Alarm")
ON_OFF = ("Off", "On")
AI, AO, AV = "analog-input", "analog-output", "analog-value"
BI, BO, BV = "binary-input", "binary-output", "binary-value"

AIR_HANDLER = DeviceTable(
    instance=1001,
    host="1.1",
    name="AHU-1",
    model="NC-800 Air",
    firmware="7.0.12",
    description="Air handler, north wing",
    location="Roof",
    model_of_physics="air_handler",
    points=table(
        "AHU1",
        analog(AI, 1, "SupplyAirTemp", 16.0, CELSIUS, (-40, 80), "Supply air temperature"),
        analog(AI, 2, "ReturnAirTemp", 22.0, CELSIUS, (-40, 80), "Return air temperature"),
        analog(AI, 3, "MixedAirTemp", 18.0, CELSIUS, (-40, 80), "Mixed air temperature"),
        analog(AI, 4, "OutdoorAirTemp", 8.0, CELSIUS, (-40, 80), "Outdoor air temperature at the intake"),
        analog(AI, 5, "SupplyPressure", 250.0, "pascals", (0, 1000), "Duct static pressure", cov_increment=5),
        analog(AI, 6, "ReturnHumidity", 42.0, "percent-relative-humidity", PERCENT, "Return air humidity"),
        analog(AI, 7, "SupplyFlow", 3200.0, "cubic-meters-per-hour", (0, 8000), "Supply air flow", cov_increment=50),
        analog(AI, 8, "FilterPressure", 95.0, "pascals", (0, 500), "Filter pressure drop", cov_increment=2),
        analog(AI, 9, "ReturnCO2", 620.0, "parts-per-million", (0, 5000), "Return air CO2", cov_increment=20),
        analog(AI, 10, "SupplyFanFeedback", 60.0, "percent", PERCENT, "Supply fan speed feedback", cov_increment=1),
        analog(AI, 11, "ReturnFanFeedback", 55.0, "percent", PERCENT, "Return fan speed feedback", cov_increment=1),
        analog(AI, 12, "CoilTemp", 14.0, CELSIUS, (-40, 80), "Temperature after the cooling coil"),
        binary(BI, 1, "SupplyFanStatus", True, RUN, "Supply fan proof"),
        binary(BI, 2, "ReturnFanStatus", True, RUN, "Return fan proof"),
        binary(BI, 3, "FilterAlarm", False, ALARM, "Filter loaded"),
        binary(BI, 4, "FreezeStat", False, ALARM, "Frost protection"),
        binary(BI, 5, "SmokeDetector", False, ALARM, "Smoke in the supply duct"),
        analog(AO, 1, "SupplyFanSpeed", 60.0, "percent", PERCENT, "Supply fan speed command", cov_increment=1),
        analog(AO, 2, "ReturnFanSpeed", 55.0, "percent", PERCENT, "Return fan speed command", cov_increment=1),
        analog(AO, 3, "OutdoorDamper", 30.0, "percent", PERCENT, "Outdoor air damper", cov_increment=1),
        analog(AO, 4, "HeatingValve", 0.0, "percent", PERCENT, "Heating coil valve", cov_increment=1),
        analog(AO, 5, "CoolingValve", 20.0, "percent", PERCENT, "Cooling coil valve", cov_increment=1),
        binary(BO, 1, "SupplyFanCommand", True, ON_OFF, "Supply fan start"),
        binary(BO, 2, "ReturnFanCommand", True, ON_OFF, "Return fan start"),
        analog(AV, 1, "SupplyTempSetpoint", 16.0, CELSIUS, (10, 30), "Supply air setpoint", commandable=True),
        analog(AV, 2, "PressureSetpoint", 250.0, "pascals", (50, 500), "Duct pressure setpoint", commandable=True),
        analog(AV, 3, "CO2Setpoint", 800.0, "parts-per-million", (400, 2000), "CO2 setpoint", commandable=True),
        analog(AV, 4, "MinOutdoorAir", 20.0, "percent", PERCENT, "Least outdoor air", commandable=True),
        binary(BV, 1, "Enable", True, ON_OFF, "Air handler enable", commandable=True),
        binary(BV, 2, "ScheduleActive", True, ("Inactive", "Active"), "Time programme"),
        multi_state(
            "multi-state-value", 1, "Mode", 2, ("Off", "Auto", "Heat", "Cool"), "Operating mode", commandable=True
        ),
        multi_state("multi-state-input", 1, "State", 3, ("Off", "Heating", "Ventilating", "Cooling"), "What it does"),
        multi_state("multi-state-output", 1, "HeatWheel", 1, ("Stopped", "Low", "High"), "Heat recovery wheel"),
        loop(1, "SupplyTempLoop", CELSIUS, "Supply temperature control"),
        text(1, "LastFault", "None", "Last fault message"),
    ),
)
