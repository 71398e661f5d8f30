"""What stands in a cell, and how it is written; pure."""

import re
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import Final

from ...bacnet.names.units import UNITS, unit_symbol
from ..registers.register_map import Order, Space, ValueType
from .faults import CellError, FaultCode

_YES: Final = frozenset({"1", "true", "yes", "y", "x", "on"})
_NO: Final = frozenset({"0", "false", "no", "n", "-", "off"})
_STATE: Final = re.compile(r"(?:[^\\;]|\\[\\;]|\\(?![\\;]))+")
_ESCAPED: Final = re.compile(r"\\([\\;])")
_LIST_GAP: Final = re.compile(r"[\s|;,]+")
# As register lists abbreviate them
_OTHER_WORDS: Final[dict[type[StrEnum], dict[str, StrEnum]]] = {
    Space: {
        "coils": Space.COIL,
        "discrete": Space.DISCRETE_INPUT,
        "discrete inputs": Space.DISCRETE_INPUT,
        "holding register": Space.HOLDING,
        "holding registers": Space.HOLDING,
        "input register": Space.INPUT,
        "input registers": Space.INPUT,
    },
    ValueType: {
        "bit": ValueType.BOOL,
        "boolean": ValueType.BOOL,
        "double": ValueType.FLOAT64,
        "f32": ValueType.FLOAT32,
        "f64": ValueType.FLOAT64,
        "float": ValueType.FLOAT32,
        "i16": ValueType.INT16,
        "i32": ValueType.INT32,
        "i64": ValueType.INT64,
        "s16": ValueType.INT16,
        "s32": ValueType.INT32,
        "s64": ValueType.INT64,
        "text": ValueType.STRING,
        "u16": ValueType.UINT16,
        "u32": ValueType.UINT32,
        "u64": ValueType.UINT64,
    },
    Order: {"be": Order.BIG, "le": Order.LITTLE},
}


def parse_whole(text: str) -> int:
    """Return a whole number, decimal or hex; raises CellError."""
    try:
        return int(text, 16) if text[:2].lower() == "0x" else _whole(text)
    except ValueError as err:
        raise CellError(
            FaultCode.NOT_WHOLE, f"{text!r} is no whole number; write one such as 16"
        ) from err


def parse_number(text: str) -> float:
    """Return a number, its decimals behind a point or a comma; raises CellError."""
    plain = text.replace("\u00a0", "").replace(" ", "").replace("\u2212", "-")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        number = float(plain)
    except ValueError:
        number = float("nan")
    if number - number != 0 or "_" in plain:
        raise CellError(
            FaultCode.NOT_A_NUMBER,
            f"{text!r} is no number; write one such as 0.1, without thousands",
        )
    return number


def parse_flag(text: str) -> bool:
    """Return whether a cell says yes; raises CellError."""
    word = text.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellError(
        FaultCode.NOT_YES_OR_NO, f"{text!r} is neither; write true or false"
    )


def parse_word[E: StrEnum](text: str, words: type[E]) -> E:
    """Return which word of an enumeration a cell holds; raises CellError."""
    plain = " ".join(text.casefold().replace("_", " ").split())
    for word in words:
        if plain == word.value.replace("_", " "):
            return word
    other = _OTHER_WORDS.get(words, {}).get(plain)
    if isinstance(other, words):
        return other
    known = ", ".join(word.value for word in words if word.value)
    raise CellError(
        FaultCode.NOT_ONE_OF, f"{text!r} is not known; write one of {known}"
    )


def parse_raw_values(text: str) -> tuple[int, ...]:
    """Return raw values with gaps between them: "32767 0xFFFF"; raises CellError."""
    return tuple(parse_whole(part) for part in _LIST_GAP.split(text) if part)


def format_raw_values(values: tuple[int, ...]) -> str:
    """Return raw values as a cell holds them."""
    return " ".join(map(str, values))


def parse_states(text: str) -> dict[str, str]:
    r"""Return texts by raw value from "0=Off;1=On", with \; for a semicolon in a text.

    Raises CellError.
    """
    states: dict[str, str] = {}
    for part in _STATE.findall(text):
        if not part.strip():
            continue
        raw, found, words = part.partition("=")
        raw = raw.strip()
        if not found or not raw.lstrip("-").isdecimal() or not raw.isascii():
            raise CellError(
                FaultCode.NOT_STATES,
                f"{part.strip()!r} is no state; write them as 0=Off;1=On",
            )
        states[raw] = _ESCAPED.sub(r"\1", words.strip())
    return states


def format_states(states: dict[str, str]) -> str:
    """Return states as a cell holds them."""
    return ";".join(
        f"{raw}={text.replace('\\', '\\\\').replace(';', '\\;')}"
        for raw, text in states.items()
    )


def parse_unit(text: str) -> str:
    """Return BACnet's name of a unit given by name or symbol; raises CellError."""
    names = UNITS.known.values()
    plain = text.casefold().replace("_", "-").replace(" ", "-")
    if plain in names:
        return plain
    named = _units_by_symbol().get(text)
    if named is not None:
        return named
    close = get_close_matches(plain, names, n=2)
    hint = f"; is it {' or '.join(close)}?" if close else ""
    raise CellError(
        FaultCode.UNKNOWN_UNIT,
        f"{text!r} is no unit; write BACnet's name, such as kilowatt-hours, or its"
        f" symbol, such as kWh{hint}",
    )


def format_number(number: float) -> str:
    """Return a number with no more decimals than it has, behind a point."""
    return str(int(number)) if number.is_integer() else repr(number)


def _whole(text: str) -> int:
    """Return a whole number that a spreadsheet may have given decimals."""
    if not text.isascii() or "_" in text:
        raise ValueError(text)
    head, gap, decimals = text.replace(",", ".").partition(".")
    if gap and decimals.strip("0"):
        raise ValueError(text)
    return int(head)


@cache
def _units_by_symbol() -> dict[str, str]:
    """Return names by symbol, of several the one that the standard has first."""
    by_symbol: dict[str, str] = {}
    for name in UNITS.known.values():
        if name != "no-units":
            by_symbol.setdefault(unit_symbol(name), name)
    by_symbol |= {"%": "percent", "°C": "degrees-celsius", "m3": "cubic-meters"}
    by_symbol |= {"m3/h": "cubic-meters-per-hour", "VAr": "volt-amperes-reactive"}
    by_symbol.pop("", None)
    return by_symbol
