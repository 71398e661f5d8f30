"""SunSpec points as register points: type, place, scale and what means "no value"; pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ...models import Quantity
from ..registers.register_map import BITS_OF_A_REGISTER, RegisterPoint, ValueType
from .chain import ModelBlock
from .definitions import GroupDefinition, PointDefinition
from .layout import PlacedPoint, place_points
from .naming import (
    LONGEST_KEY,
    LONGEST_NAME,
    bit_key,
    bit_name,
    is_reserved,
    key_of,
    point_name,
    state_text,
    title_of,
)
from .roles import (
    DER_AC,
    INVERTERS,
    METERS,
    SECURITY,
    category_of,
    is_counter,
    is_daily,
    is_repeated_elsewhere,
    quantity_of,
    write_range,
)
from .units import unit_name

COMMON_MODEL: Final = 1
_TYPES: Final = {
    "acc16": ValueType.UINT16,
    "acc32": ValueType.UINT32,
    "acc64": ValueType.UINT64,
    "bitfield16": ValueType.UINT16,
    "bitfield32": ValueType.UINT32,
    "bitfield64": ValueType.UINT64,
    "count": ValueType.UINT16,
    "enum16": ValueType.UINT16,
    "enum32": ValueType.UINT32,
    "float32": ValueType.FLOAT32,
    "float64": ValueType.FLOAT64,
    "int16": ValueType.INT16,
    "int32": ValueType.INT32,
    "int64": ValueType.INT64,
    "string": ValueType.STRING,
    "uint16": ValueType.UINT16,
    "uint32": ValueType.UINT32,
    "uint64": ValueType.UINT64,
}
ALL_ONES: Final = 0xFFFF
NO_SCALE_FACTOR: Final = 0x8000
# All ones in here: NaN or infinite (IEEE 754), by registers
_EXPONENT_OF_FLOAT: Final = {2: 0x7F80_0000, 4: 0x7FF0_0000_0000_0000}
MOST_POINTS: Final = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinedModel:
    """A model of the device together with what SunSpec says of it.

    title: heads the names of its points. repeated: another model says the same.
    """

    block: ModelBlock
    definition: GroupDefinition
    title: str = ""
    repeated: bool = False


def points_of(models: Sequence[DefinedModel]) -> tuple[RegisterPoint, ...]:
    """Return the points of all models in the chain's order, keys and names unique."""
    ids = Counter(model.block.model_id for model in models)
    points: list[RegisterPoint] = []
    keys: set[str] = set()
    names: set[str] = set()
    for model in models:
        if model.block.model_id == COMMON_MODEL or model.block.model_id in SECURITY:
            continue
        for point in _points_of_model(_titled(model, ids)):
            if len(points) == MOST_POINTS:
                return tuple(points)
            named = _unique(point, keys, names)
            keys.add(named.key)
            names.add(named.name)
            points.append(named)
    return tuple(points)


def not_implemented(point_type: str, size: int) -> int | None:
    """Return the raw value that says a point is not there, None for types without one.

    SunSpec Information Model Specification: types and their unimplemented values.
    """
    width = BITS_OF_A_REGISTER * size
    if point_type.startswith("acc"):
        return 0
    if point_type.startswith(("int", "sunssf")):
        return 1 << width - 1
    if point_type.startswith(("uint", "enum", "bitfield", "count")):
        return (1 << width) - 1
    return None


def _titled(model: DefinedModel, ids: Counter[int]) -> DefinedModel:
    """Return a model with its title: none for the only inverter, or for a mere meter."""
    block = model.block
    model_id = block.model_id
    repeated = is_repeated_elsewhere(model_id, ids)
    title = title_of(model_id, model.definition.label)
    is_main = model_id in INVERTERS or model_id == DER_AC
    if model_id in METERS:
        is_main = INVERTERS.isdisjoint(ids) and DER_AC not in ids
    if repeated:
        title = f"{title} {model_id}"
    elif ids[model_id] > 1:
        title = f"{title} {block.number}".strip()
    elif is_main:
        title = ""
    return replace(model, title=title, repeated=repeated)


def _points_of_model(model: DefinedModel) -> Iterator[RegisterPoint]:
    block = model.block
    for placed in place_points(model.definition, block.length, block.words):
        point = placed.definition
        if point.name in ("ID", "L") or point.type not in _TYPES or point.size > 125:
            continue
        whole = _with_meaning(model, placed, _in_registers(model, placed))
        if point.type.startswith("bitfield") and point.symbols:
            yield from _bits(model, placed, whole)
        else:
            yield whole


def _in_registers(model: DefinedModel, placed: PlacedPoint) -> RegisterPoint:
    """Return where a point lies and how its value is read."""
    block, point = model.block, placed.definition
    value_type = _TYPES[point.type]
    missing = not_implemented(point.type, point.size)
    exponent = _exponent(block, placed)
    return RegisterPoint(
        key=key_of(block.model_id, block.number, placed.places, point.name),
        name=point_name(block.model_id, model.title, placed.places, point),
        address=block.address + placed.offset,
        space=block.space,
        type=value_type,
        length=point.size if value_type is ValueType.STRING else 1,
        scale=float(f"1e{point.scale}") if isinstance(point.scale, int) else 1.0,
        exponent_address=exponent,
        unavailable=() if missing is None else (missing,),
        states=_states(point),
    )


def _with_meaning(
    model: DefinedModel, placed: PlacedPoint, read: RegisterPoint
) -> RegisterPoint:
    """Return a point with what it measures, who looks at it and what is written."""
    model_id, point = model.block.model_id, placed.definition
    limits = None
    if not placed.places and read.space.writable:
        limits = write_range(model_id, point)
    quantity = quantity_of(model_id, point.name)
    daily = is_daily(model_id, point) and not model.repeated
    return replace(
        read,
        unit=unit_name(point.units),
        quantity=Quantity.NONE if model.repeated or placed.places else quantity,
        counter=is_counter(point),
        writable=limits is not None,
        minimum=limits.minimum if limits else None,
        maximum=limits.maximum if limits else None,
        enabled=daily and _is_implemented(model.block, placed),
        category=category_of(model_id, point, writable=limits is not None),
        description=point.description,
    )


def _states(point: PointDefinition) -> dict[str, str]:
    if not point.type.startswith("enum"):
        return {}
    return {str(symbol.value): state_text(symbol) for symbol in point.symbols}


def _bits(
    model: DefinedModel, placed: PlacedPoint, whole: RegisterPoint
) -> Iterator[RegisterPoint]:
    """Yield a point for each bit that has a name, in the register that it is in."""
    point = placed.definition
    for symbol in point.symbols:
        from_end, bit = divmod(symbol.value, BITS_OF_A_REGISTER)
        if is_reserved(symbol) or from_end >= point.size:
            continue
        yield replace(
            whole,
            key=bit_key(whole.key, symbol),
            name=bit_name(model.title, placed.places, point, symbol),
            address=whole.address + point.size - 1 - from_end,
            type=ValueType.BOOL,
            bit=bit,
            unavailable=(ALL_ONES,),
            enabled=False,
            category="diagnostic",
            description=symbol.label,
        )


def _exponent(block: ModelBlock, placed: PlacedPoint) -> int | None:
    """Return the address of a point's scale factor, None for a point without one.

    Devices leave out scale factors of values that they have: those count ones. While
    a device sleeps both are missing, and the factor comes back with the value.
    """
    offset = placed.exponent_offset
    if offset is None:
        return None
    is_left_out = block.words[offset : offset + 1] == (NO_SCALE_FACTOR,)
    if is_left_out and _raw(block, placed) and _is_implemented(block, placed):
        return None
    return block.address + offset


def _raw(block: ModelBlock, placed: PlacedPoint) -> int | None:
    """Return what a point's registers held when the device was found, if they were read."""
    words = block.words[placed.offset : placed.offset + placed.definition.size]
    if len(words) < placed.definition.size:
        return None
    raw = 0
    for word in words:
        raw = raw << BITS_OF_A_REGISTER | word
    return raw


def _is_implemented(block: ModelBlock, placed: PlacedPoint) -> bool:
    """Return whether the device gave a value when it was found, or was not asked."""
    point = placed.definition
    raw = _raw(block, placed)
    if raw is None:
        return True
    if point.type.startswith("float"):
        return raw & _EXPONENT_OF_FLOAT[point.size] != _EXPONENT_OF_FLOAT[point.size]
    if point.mandatory and point.type.startswith("acc"):
        return True
    return raw != not_implemented(point.type, point.size)


def _unique(point: RegisterPoint, keys: set[str], names: set[str]) -> RegisterPoint:
    """Return a point whose key and name nobody has, numbered where they are taken."""
    if point.key not in keys and point.name not in names:
        return point
    return replace(
        point,
        key=_numbered(point.key, keys, "_", LONGEST_KEY),
        name=_numbered(point.name, names, " ", LONGEST_NAME),
    )


def _numbered(text: str, taken: set[str], gap: str, longest: int) -> str:
    number, candidate = 1, text
    while candidate in taken:
        number += 1
        suffix = f"{gap}{number}"
        candidate = f"{text[: longest - len(suffix)]}{suffix}"
    return candidate
