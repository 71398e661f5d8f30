"""Present values as entities show them, and back."""

import math
import struct
from typing import Final

from .engine.models import PointValue

MAX_TEXT: Final = 255
_MAX_OPTION: Final = 100
_MAX_STATES: Final = 256
_SWITCH_WORDS: Final = {
    **dict.fromkeys(("on", "true", "1", "active"), True),
    **dict.fromkeys(("off", "false", "0", "inactive"), False),
}
# Nine decimal digits tell any two singles apart
_DIGITS_OF_SINGLE: Final = 9
_SINGLE: Final = struct.Struct("<f")


def shown_number(value: PointValue) -> float | int | None:
    """Return a number without the noise of single precision, None for no number.

    21.399999618530273, a REAL that was 21.4 in the device, becomes 21.4.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return value
    if not math.isfinite(value):
        return None
    return value if value.is_integer() else _shortest_single(value)


def shown_text(value: PointValue) -> str | None:
    """Return a text that fits into a state, None without one."""
    return None if value is None else str(value)[:MAX_TEXT]


def shown_switch(value: PointValue) -> bool | None:
    """Return active or inactive, None for what is neither."""
    if isinstance(value, bool):
        return value
    return bool(value) if isinstance(value, int) and value in {0, 1} else None


def state_options(states: tuple[str, ...], count: float | None) -> tuple[str, ...]:
    """Return one unique text a state, numbers where the device has none.

    count: the number of states, for a device that gives no texts.
    """
    if not states:
        if count is None or not 1 <= count <= _MAX_STATES:
            return ()
        return tuple(str(number) for number in range(1, int(count) + 1))
    options: list[str] = []
    for number, text in enumerate(states[:_MAX_STATES], start=1):
        option = text.strip()[:_MAX_OPTION] or str(number)
        while option in options:
            option = f"{option} ({number})"
        options.append(option)
    return tuple(options)


def option_of(value: PointValue, options: tuple[str, ...]) -> str | None:
    """Return the option of state `value`, counted from 1; None out of range."""
    number = shown_number(value)
    if not isinstance(number, int) or not 1 <= number <= len(options):
        return None
    return options[number - 1]


def state_of(given: PointValue, options: tuple[str, ...]) -> int | None:
    """Return the state, counted from 1, of an option or number; None for neither."""
    if isinstance(given, str) and given in options:
        return options.index(given) + 1
    number = number_of(given)
    if number is None or number != int(number) or not 1 <= number <= len(options):
        return None
    return int(number)


def number_of(given: PointValue) -> float | int | None:
    """Return what a person typed as a finite number, None when it is none."""
    if isinstance(given, str):
        try:
            given = float(given.replace(",", "."))
        except ValueError:
            return None
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    return given if math.isfinite(given) else None


def switch_of(given: PointValue, states: tuple[str, ...]) -> bool | None:
    """Return on or off from what a person typed; states: (inactive, active)."""
    if not isinstance(given, str):
        return shown_switch(given)
    word = given.strip().casefold()
    texts = [text.casefold() for text in states[:2]]
    if word in texts:
        return bool(texts.index(word))
    return _SWITCH_WORDS.get(word)


def _shortest_single(value: float) -> float:
    """Return the shortest decimal that is the same single, or a double as it is."""
    single = _SINGLE.pack(value)
    if _SINGLE.unpack(single)[0] != value:
        return value
    for digits in range(6, _DIGITS_OF_SINGLE):
        short = float(f"{value:.{digits}g}")
        if _SINGLE.pack(short) == single:
            return short
    return float(f"{value:.{_DIGITS_OF_SINGLE}g}")
