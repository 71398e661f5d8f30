"""The unit that a producer means, who sends a number, a text, or two that differ."""

from typing import Final

from custom_components.plantroom.engine.bacnet.names.unit_symbols import symbol_of
from custom_components.plantroom.engine.bacnet.names.units import NO_UNITS, UNITS

_SPELLINGS: Final = {
    "": NO_UNITS,
    "c": 62,
    "°c": 62,
    "degc": 62,
    "celsius": 62,
    "f": 64,
    "°f": 64,
    "degf": 64,
    "k": 63,
    "percent": 98,
    "m3/h": 135,
    "m3": 80,
    "l/s": 87,
    "lux": 37,
    "rh": 29,
    "%rh": 29,
}


def units_of(number: int | None, text: str | None) -> tuple[int, bool]:
    """Return BACnetEngineeringUnits, and whether number and text disagree.

    The text wins when it names a unit that we know; producers are known to send 169
    with "kWh", which is 19.
    """
    named = None if text is None else _named(text)
    if named is None:
        return (NO_UNITS if number is None else number), False
    return named, number is not None and number != named


def _named(text: str) -> int | None:
    plain = text.strip()
    by_name = UNITS.number(plain.lower().replace(" ", "-").replace("_", "-"))
    if by_name is not None and not plain.isdecimal():
        return by_name
    exact = _BY_SYMBOL.get(plain)
    if exact is not None:
        return exact
    return _SPELLINGS.get(plain.lower())


def _symbols() -> dict[str, int]:
    """Return the units by their symbol, of two with one symbol the first."""
    found: dict[str, int] = {}
    for number, name in UNITS.known.items():
        symbol = symbol_of(name)
        if symbol:
            found.setdefault(symbol, number)
    return found


_BY_SYMBOL: Final = _symbols()
