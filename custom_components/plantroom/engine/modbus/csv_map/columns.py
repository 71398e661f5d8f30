"""The columns of a register map: how each is read and written; pure."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final

from ...models import Quantity
from ..registers.register_map import (
    Order,
    RegisterPoint,
    Space,
    ValueType,
    WriteFunction,
)
from .addresses import Numbering, parse_address
from .cells import (
    format_number,
    format_raw_values,
    format_states,
    parse_flag,
    parse_number,
    parse_raw_values,
    parse_states,
    parse_unit,
    parse_whole,
    parse_word,
)


@dataclass(frozen=True, slots=True)
class Column:
    """How the cells of a column are read (raises CellError) and written."""

    parse: Callable[[str], Any]
    format: Callable[[Any], str] = str


_TEXT: Final = Column(str)
_WHOLE: Final = Column(parse_whole)
_NUMBER: Final = Column(parse_number, format_number)
_FLAG: Final = Column(parse_flag, lambda flag: str(flag).lower())
_ADDRESS: Final = Column(lambda text: parse_address(text, Numbering.FROM_0)[1])

COLUMNS: Final[Mapping[str, Column]] = {
    "key": _TEXT,
    "name": _TEXT,
    "address": _ADDRESS,
    "space": Column(lambda text: parse_word(text, Space)),
    "type": Column(lambda text: parse_word(text, ValueType)),
    "length": _WHOLE,
    "word_order": Column(lambda text: parse_word(text, Order)),
    "byte_order": Column(lambda text: parse_word(text, Order)),
    "bit": _WHOLE,
    "bits": _WHOLE,
    "scale": _NUMBER,
    "offset": _NUMBER,
    "exponent_address": _ADDRESS,
    "unavailable": Column(parse_raw_values, format_raw_values),
    "states": Column(parse_states, format_states),
    "unit": Column(parse_unit),
    "quantity": Column(lambda text: parse_word(text, Quantity)),
    "counter": _FLAG,
    "rollover": _NUMBER,
    "writable": _FLAG,
    "write_function": Column(lambda text: parse_word(text, WriteFunction)),
    "minimum": _NUMBER,
    "maximum": _NUMBER,
    "step": _NUMBER,
    "poll_seconds": _NUMBER,
    "enabled": _FLAG,
    "category": _TEXT,
    "description": _TEXT,
}
ALWAYS_WRITTEN: Final = ("key", "name", "address", "space", "type", "scale", "unit")


def default_of(column: str) -> Any:
    """Return what a field is when nobody says it."""
    return _DEFAULTS[column]


def _defaults() -> dict[str, Any]:
    return {
        field.name: field.default_factory()
        if field.default_factory is not MISSING
        else field.default
        for field in fields(RegisterPoint)
    }


_DEFAULTS: Final = _defaults()
