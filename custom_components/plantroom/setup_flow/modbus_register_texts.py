"""Lists that a person types into one field: states and special numbers; pure."""

from collections.abc import Iterable, Mapping


def states_from_text(text: str) -> dict[str, str]:
    """Return texts by raw value from lines like "0 = Off"; raises ValueError."""
    states = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        raw, separator, name = line.partition("=")
        if not separator or not name.strip():
            raise ValueError(line.strip())
        states[str(int(raw.strip(), 0))] = name.strip()
    return states


def text_of_states(states: Mapping[str, str]) -> str:
    """Return lines that states_from_text takes."""
    return "\n".join(f"{raw} = {name}" for raw, name in states.items())


def numbers_from_text(text: str) -> tuple[int, ...]:
    """Return numbers from "65535, 0x8000"; raises ValueError."""
    return tuple(int(part.strip(), 0) for part in text.split(",") if part.strip())


def text_of_numbers(numbers: Iterable[int]) -> str:
    """Return a text that numbers_from_text takes."""
    return ", ".join(map(str, numbers))
