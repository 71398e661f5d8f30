"""What lines and units a building has: data, no behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from custom_components.plantroom.engine.modbus.configuration import ModbusTransport
from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
    Space,
)

from .encoding import Value
from .image import Hole


class Absent(StrEnum):
    """What a line says for a unit id that nobody has."""

    SILENT = "silent"
    GATEWAY = "gateway exception"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTable:
    """An endpoint. same_units_as: the line whose units it reaches too, another way in."""

    name: str
    transport: ModbusTransport = ModbusTransport.TCP
    absent: Absent = Absent.GATEWAY
    same_units_as: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTable:
    """A unit on a line.

    model: the name in the installation. sources: the model's name of a value, by key;
    a point without one keeps what it was given in fixed, or what is written to it.
    words: what lies in registers beside the points, by space and first address.
    identity: objects of Read Device Identification by number, none: not supported.
    any_unit: it answers to every unit id. profile: "" for a register map of its own.
    """

    name: str
    line: str
    unit_id: int
    model: str
    profile: str = ""
    points: tuple[RegisterPoint, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Value] = field(default_factory=dict)
    words: Mapping[tuple[Space, int], tuple[int, ...]] = field(default_factory=dict)
    identity: Mapping[int, str] = field(default_factory=dict)
    holes: tuple[Hole, ...] = ()
    fills_gaps: bool = True
    most_registers: int = 125
    any_unit: bool = False
    quirk: str = ""
