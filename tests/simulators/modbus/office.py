"""The lines and units of the office: what a building has whose devices are in order."""

from dataclasses import fields
from typing import Any

from custom_components.plantroom.engine.modbus.configuration import ModbusTransport

from .maps import HEAT_METER, PLAIN_METER, RELAY_MODULE
from .profiled import ABB_B24, RDF302, SDM630
from .sourced_map import SourcedMap
from .sunspec import ModelTable, lay_out
from .tables import Absent, LineTable, UnitTable

GATEWAY, SECURE, SERIAL_SERVER = "gateway", "secure gateway", "serial server"
ROOF, ROOMS = "roof", "rooms"

LINES = (
    LineTable(name=GATEWAY),
    LineTable(name=SECURE, transport=ModbusTransport.TLS, same_units_as=GATEWAY),
    LineTable(
        name=SERIAL_SERVER,
        transport=ModbusTransport.RTU_OVER_TCP,
        absent=Absent.SILENT,
    ),
    LineTable(name=ROOF, absent=Absent.SILENT),
    LineTable(name=ROOMS, transport=ModbusTransport.SERIAL, absent=Absent.SILENT),
)


def unit(
    name: str, line: str, unit_id: int, model: str, mapped: SourcedMap, **facts: Any
) -> UnitTable:
    """Return a unit with a map."""
    wanted: dict[str, Any] = {
        field.name: getattr(mapped, field.name) for field in fields(mapped)
    }
    return UnitTable(
        name=name, line=line, unit_id=unit_id, model=model, **wanted | facts
    )


INVERTER = lay_out(
    ModelTable(
        model_id=1,
        values={
            "Mn": "Northwind Solar",
            "Md": "NW-90K",
            "Vr": "3.11",
            "SN": "NW90-204417",
            "DA": 1,
        },
    ),
    ModelTable(
        model_id=103,
        values={
            "A_SF": -1, "V_SF": -1, "W_SF": 1, "Hz_SF": -2, "VA_SF": 1, "VAr_SF": 1,
            "PF_SF": -2, "WH_SF": 0, "DCA_SF": -1, "DCV_SF": -1, "DCW_SF": 1,
            "Tmp_SF": -1,
        },
        sources={
            "A": "current", "AphA": "phase_current", "AphB": "phase_current",
            "AphC": "phase_current", "PPVphAB": "line_voltage",
            "PPVphBC": "line_voltage", "PPVphCA": "line_voltage",
            "PhVphA": "voltage", "PhVphB": "voltage", "PhVphC": "voltage",
            "W": "power", "Hz": "frequency", "VA": "apparent_power",
            "VAr": "reactive_power", "PF": "power_factor", "WH": "energy",
            "DCA": "dc_current", "DCV": "dc_voltage", "DCW": "dc_power",
            "TmpCab": "cabinet_temperature", "St": "state",
        },
    ),
    ModelTable(
        model_id=120,
        values={
            "DERTyp": 4, "WRtg": 9000, "WRtg_SF": 1, "VARtg": 9000, "VARtg_SF": 1,
            "ARtg": 1305, "ARtg_SF": -1,
        },
    ),
    ModelTable(
        model_id=123,
        values={"Conn": 1, "WMaxLimPct_SF": -1, "OutPFSet_SF": -2, "VArPct_SF": 0},
        sources={"WMaxLimPct": "limit", "WMaxLim_Ena": "is_limited"},
        writable=("WMaxLimPct", "WMaxLim_Ena"),
    ),
    ModelTable(
        model_id=160,
        repeats=2,
        values={
            "DCA_SF": -1, "DCV_SF": -1, "DCW_SF": 1, "DCWH_SF": 0, "N": 2,
            "1.ID": 1, "1.IDStr": "South", "2.ID": 2, "2.IDStr": "West",
        },
        sources={
            "1.DCA": "string_1_current", "1.DCV": "dc_voltage",
            "1.DCW": "string_1_power", "1.DCWH": "string_1_energy",
            "2.DCA": "string_2_current", "2.DCV": "dc_voltage",
            "2.DCW": "string_2_power", "2.DCWH": "string_2_energy",
        },
    ),
)  # fmt: skip

UNITS = (
    unit("main meter", GATEWAY, 1, "main", SDM630),
    unit("lighting meter", GATEWAY, 2, "lighting", SDM630),
    unit("ventilation meter", GATEWAY, 3, "ventilation", SDM630),
    unit("cooling meter", GATEWAY, 4, "cooling", ABB_B24),
    unit("relay module", GATEWAY, 5, "relays", RELAY_MODULE, identity={
        0: "Northwind Controls", 1: "NW-R8", 2: "1.4", 4: "Relay module",
    }),
    unit("heat meter", SERIAL_SERVER, 11, "heat", HEAT_METER),
    unit("spare meter", SERIAL_SERVER, 12, "lighting", PLAIN_METER),
    UnitTable(
        name="inverter", line=ROOF, unit_id=1, model="solar", profile="sunspec",
        points=INVERTER.points, sources=INVERTER.sources, fixed=INVERTER.fixed,
        words=INVERTER.words,
    ),
    unit("thermostat 1", ROOMS, 1, "room 1", RDF302),
    unit("thermostat 2", ROOMS, 2, "room 2", RDF302),
)  # fmt: skip
