"""Values as JSON carries them: True stays no 1, 1 stays no 1.0, NaN has a form.

A number that JSON has no form for is {"$float": "nan"}. A map with a key that begins
with "$" is {"$map": the map}, so that nobody's data are taken for such a form.
"""

import json
import math
from typing import Any, Final

from mashumaro.dialect import Dialect

from ..models import PointValue

type JsonValue = PointValue | list[object] | dict[str, object]

_FLOAT: Final = "$float"
_MAP: Final = "$map"
_SCALARS: Final = frozenset({bool, int, float, str, type(None)})
_write = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def write_json(data: Any) -> str:
    """Return data as JSON in ASCII; ValueError for a number that it has no form for."""
    return _write(data)


def read_json(text: str | bytes) -> Any:
    """Return the data in JSON text, or raise ValueError, however wrong it is."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as err:
        raise ValueError("nested too deeply") from err


def float_to_json(value: float) -> float | dict[str, str]:
    """Return a number's form."""
    if math.isfinite(value):
        return value
    return {_FLOAT: repr(value)}


def float_from_json(data: Any) -> float:
    """Return the number in its form, or raise ValueError; 1 is a number too."""
    kind = type(data)
    if kind is float or kind is int:
        number: float = data
        return number
    if kind is dict and data.keys() == {_FLOAT}:
        return _special(data[_FLOAT])
    raise ValueError(f"{_shown(data)} is not a number")


def value_to_json(value: PointValue) -> Any:
    """Return a point value's form."""
    if type(value) is float:
        return float_to_json(value)
    return value


def value_from_json(data: Any) -> PointValue:
    """Return the point value in its form, or raise ValueError."""
    if type(data) in _SCALARS:
        value: PointValue = data
        return value
    return float_from_json(data)


def tree_to_json(value: JsonValue | object) -> Any:
    """Return the form of a value with parts."""
    if isinstance(value, list | tuple):
        return [tree_to_json(part) for part in value]
    if not isinstance(value, dict):
        return float_to_json(value) if isinstance(value, float) else value
    parts = {key: tree_to_json(part) for key, part in value.items()}
    return {_MAP: parts} if any(key.startswith("$") for key in parts) else parts


def tree_from_json(data: Any) -> Any:
    """Return the value with parts in its form, or raise ValueError."""
    if isinstance(data, list):
        return [tree_from_json(part) for part in data]
    if not isinstance(data, dict):
        return value_from_json(data)
    if data.keys() == {_FLOAT}:
        return _special(data[_FLOAT])
    if data.keys() == {_MAP} and isinstance(data[_MAP], dict):
        data = data[_MAP]
    return {key: tree_from_json(part) for key, part in data.items()}


def _text_from_json(data: Any) -> str:
    if type(data) is str:
        return data
    raise ValueError(f"{_shown(data)} is not a text")


def _whole_from_json(data: Any) -> int:
    if type(data) is int:
        return data
    raise ValueError(f"{_shown(data)} is not a whole number")


def _truth_from_json(data: Any) -> bool:
    if type(data) is bool:
        return data
    raise ValueError(f"{_shown(data)} is not true or false")


class WireDialect(Dialect):
    """How mashumaro writes, and reads strictly, what our dataclasses are made of.

    What has its default is left out: a default must keep its value for good.
    """

    omit_default = True
    serialization_strategy = {  # noqa: RUF012
        str: {"deserialize": _text_from_json},
        int: {"deserialize": _whole_from_json},
        bool: {"deserialize": _truth_from_json},
        float: {"serialize": float_to_json, "deserialize": float_from_json},
        PointValue: {"serialize": value_to_json, "deserialize": value_from_json},
        PointValue | list[object] | dict[str, object]: {
            "serialize": tree_to_json,
            "deserialize": tree_from_json,
        },
    }


def _special(name: Any) -> float:
    if name in ("nan", "inf", "-inf"):
        return float(name)
    raise ValueError(f"{_shown(name)} is not a number")


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _shown(data: Any) -> str:
    return repr(data)[:60]
