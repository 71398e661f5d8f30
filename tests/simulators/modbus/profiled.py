"""Devices whose register map is one of the shipped profiles."""

from custom_components.plantroom.engine.modbus.registers.register_map import Space

from .sourced_map import SourcedMap

SDM630_INPUTS = {
    0: "voltage_1", 2: "voltage_2", 4: "voltage_3",
    6: "current_1", 8: "current_2", 10: "current_3",
    12: "power_1", 14: "power_2", 16: "power_3",
    18: "apparent_power_1", 20: "apparent_power_2", 22: "apparent_power_3",
    24: "reactive_power_1", 26: "reactive_power_2", 28: "reactive_power_3",
    30: "power_factor_1", 32: "power_factor_2", 34: "power_factor_3",
    42: "voltage", 48: "current", 52: "power", 56: "apparent_power",
    60: "reactive_power", 62: "power_factor", 70: "frequency",
    72: "import_energy", 74: "export_energy", 84: "demand",
    200: "line_voltage", 202: "line_voltage", 204: "line_voltage", 206: "line_voltage",
    342: "total_energy",
}  # fmt: skip
"""Where the maker's list of input registers has them, as our devices know it."""

SDM630 = SourcedMap.of_profile_at("eastron_sdm630", Space.INPUT, SDM630_INPUTS)

PHASES = (1, 2, 3)
ABB_B24 = SourcedMap.of_profile(
    "abb_b23_b24",
    {
        "active_energy_imported": "import_energy",
        "active_energy_exported": "export_energy",
        "active_power": "power",
        "reactive_power": "reactive_power",
        "apparent_power": "apparent_power",
        "frequency": "frequency",
        "power_factor": "power_factor",
        "voltage_l1_l2": "line_voltage",
        "voltage_l3_l2": "line_voltage",
        "voltage_l1_l3": "line_voltage",
        "serial_number": "serial_number",
        **{f"voltage_l{n}": f"voltage_{n}" for n in PHASES},
        **{f"current_l{n}": f"current_{n}" for n in PHASES},
        **{f"active_power_l{n}": f"power_{n}" for n in PHASES},
        **{f"reactive_power_l{n}": f"reactive_power_{n}" for n in PHASES},
        **{f"apparent_power_l{n}": f"apparent_power_{n}" for n in PHASES},
        **{f"power_factor_l{n}": f"power_factor_{n}" for n in PHASES},
    },
    fixed={"firmware": "B2.03.0", "type_designation": "B24 112-100"},
)

RDF302 = SourcedMap.of_profile(
    "siemens_rdf302",
    {
        "room_temperature": "room_temperature",
        "setpoint": "setpoint",
        "comfort_setpoint": "comfort_setpoint",
        "operating_mode": "mode",
        "operating_mode_command": "mode",
        "fan_output": "fan",
        "fan_command": "fan_command",
        "heating_output": "heating",
        "cooling_output": "cooling",
        "window": "window",
        "changeover": "heats",
    },
    fixed={"x1_temperature": None, "x2_temperature": None, "plant_type": 4},
)
