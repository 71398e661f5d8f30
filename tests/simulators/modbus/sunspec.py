"""The registers of a SunSpec device: the marker, a chain of models, the end; laid out from the published models."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sunspec2.device import get_model_def

from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
    Space,
    ValueType,
)

BASE = 40000
MARKER = (0x5375, 0x6E53)
END = (0xFFFF, 0)
TYPES = {
    "uint16": ValueType.UINT16, "count": ValueType.UINT16, "enum16": ValueType.UINT16,
    "bitfield16": ValueType.UINT16, "pad": ValueType.UINT16, "acc16": ValueType.UINT16,
    "int16": ValueType.INT16, "sunssf": ValueType.INT16,
    "uint32": ValueType.UINT32, "acc32": ValueType.UINT32, "bitfield32": ValueType.UINT32,
    "acc64": ValueType.UINT64, "string": ValueType.STRING,
}  # fmt: skip
NOT_IMPLEMENTED = {
    "uint16": 0xFFFF, "enum16": 0xFFFF, "bitfield16": 0xFFFF, "int16": 0x8000,
    "sunssf": 0x8000, "pad": 0x8000, "uint32": 0xFFFF_FFFF, "bitfield32": 0xFFFF_FFFF,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTable:
    """A model: which values it has, the rest being not implemented; repeats: of its repeating group."""

    model_id: int
    values: Mapping[str, float | str]
    sources: Mapping[str, str] = field(default_factory=dict)
    writable: tuple[str, ...] = ()
    repeats: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SunSpecImage:
    """What a unit table needs: points keyed m103_w, m160_1_dcw, their sources and what is fixed."""

    points: tuple[RegisterPoint, ...]
    sources: Mapping[str, str]
    fixed: Mapping[str, float | str | None]
    words: Mapping[tuple[Space, int], tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a model's point lies."""

    model_id: int
    name: str
    definition: Mapping[str, Any]
    address: int

    @property
    def key(self) -> str:
        return key_of(self.model_id, self.name)

    @property
    def size(self) -> int:
        return int(self.definition.get("size", 1))


def lay_out(*tables: ModelTable, base: int = BASE) -> SunSpecImage:
    """Return the image of a chain of models behind the marker."""
    points: list[RegisterPoint] = []
    sources: dict[str, str] = {}
    fixed: dict[str, float | str | None] = {}
    address = base + len(MARKER)
    for table in tables:
        places = list(_places(table, address))
        address = places[-1].address + places[-1].size
        points += _points(table, places)
        for place in places:
            if place.name in table.sources:
                sources[place.key] = table.sources[place.name]
            else:
                fixed[place.key] = _fixed(table, place)
        fixed[key_of(table.model_id, "L")] = address - places[0].address - 2
    words = {(Space.HOLDING, base): MARKER, (Space.HOLDING, address): END}
    return SunSpecImage(points=tuple(points), sources=sources, fixed=fixed, words=words)


def key_of(model_id: int, name: str) -> str:
    """Return the key of a model's point: m103_w, m160_1_dcw."""
    return f"m{model_id}_{name.lower().replace('.', '_')}"


def _places(table: ModelTable, address: int) -> Iterator[_Place]:
    """Yield every point of a model in order; those that repeat as "1.DCW"."""
    group = get_model_def(table.model_id)["group"]
    named = [(point["name"], point) for point in group["points"]]
    for repeat in range(1, table.repeats + 1):
        repeated = group["groups"][0]["points"]
        named += [(f"{repeat}.{point['name']}", point) for point in repeated]
    for name, definition in named:
        place = _Place(
            model_id=table.model_id, name=name, definition=definition, address=address
        )
        address += place.size
        yield place


def _points(table: ModelTable, places: list[_Place]) -> Iterator[RegisterPoint]:
    addresses = {place.name: place.address for place in places}
    for place in places:
        kind = place.definition["type"]
        missing = NOT_IMPLEMENTED.get(kind)
        yield RegisterPoint(
            key=place.key,
            name=place.name,
            address=place.address,
            type=TYPES[kind],
            length=place.size,
            unavailable=() if missing is None else (missing,),
            counter=kind.startswith("acc"),
            exponent_address=addresses.get(str(place.definition.get("sf"))),
            writable=place.name in table.writable,
        )


def _fixed(table: ModelTable, place: _Place) -> float | str | None:
    if place.name == "ID":
        return table.model_id
    if place.name in table.values:
        return table.values[place.name]
    kind = place.definition["type"]
    if kind == "string":
        return ""
    return None if kind in NOT_IMPLEMENTED else 0
