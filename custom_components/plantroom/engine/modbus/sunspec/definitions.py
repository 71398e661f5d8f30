"""SunSpec's own model definitions, as they come with pysunspec2."""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

LEGACY_REPEATING: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A name of an enumeration's value, or of a bit by its number."""

    name: str
    value: int
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointDefinition:
    """A point of a model.

    size: registers. scale: the name of its scale factor, or the power of ten itself.
    """

    name: str
    type: str
    size: int
    label: str = ""
    description: str = ""
    units: str = ""
    scale: str | int | None = None
    writable: bool = False
    mandatory: bool = False
    symbols: tuple[Symbol, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDefinition:
    """Points that belong together, and the groups behind them.

    count: None: there is one; a name: the point that tells how many there are;
    0: as many as the model has room for.
    """

    name: str
    label: str = ""
    points: tuple[PointDefinition, ...] = ()
    groups: tuple[GroupDefinition, ...] = ()
    count: str | int | None = None


@lru_cache(maxsize=256)
def model_definition(model_id: int) -> GroupDefinition | None:
    """Return the outermost group of a model, None for one nobody defined; blocks."""
    path = files("sunspec2") / "models" / "json" / f"model_{model_id}.json"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return _group(json.loads(text)["group"])


def _group(data: dict[str, Any]) -> GroupDefinition:
    return GroupDefinition(
        name=data["name"],
        label=data.get("label", ""),
        points=tuple(_point(point) for point in data.get("points", ())),
        groups=tuple(_group(group) for group in data.get("groups", ())),
        count=_number_or_name(data.get("count")),
    )


def _point(data: dict[str, Any]) -> PointDefinition:
    return PointDefinition(
        name=data["name"],
        type=data["type"],
        size=data["size"],
        label=data.get("label", ""),
        description=data.get("desc", ""),
        units=data.get("units", "").strip(),
        scale=_number_or_name(data.get("sf")),
        writable=data.get("access") == "RW",
        mandatory=data.get("mandatory") == "M",
        symbols=tuple(
            Symbol(
                name=symbol["name"],
                value=int(symbol["value"]),
                label=symbol.get("label", ""),
            )
            for symbol in data.get("symbols", ())
        ),
    )


def _number_or_name(value: str | int | None) -> str | int | None:
    """Return a number that is written as a text as the number it is."""
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    return value
