"""Test vectors of the profiles that come with us, and how what is read compares."""

import pytest

from custom_components.plantroom.engine.modbus.knowledge.profile import (
    TestVector as Vector,
)
from custom_components.plantroom.engine.modbus.knowledge.profile_file import (
    read_profile,
)
from custom_components.plantroom.engine.modbus.knowledge.profiles import SHIPPED
from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
    Space,
)
from custom_components.plantroom.engine.modbus.registers.states import state_texts
from custom_components.plantroom.engine.models import PointValue

PROFILES = [read_profile(path) for path in sorted(SHIPPED.glob("*.json"))]
VECTORS = [
    pytest.param(profile, vector, id=f"{profile.id}-{number}")
    for profile in PROFILES
    for number, vector in enumerate(profile.tests, 1)
]


class Image:
    """The words of a test vector, by space and address."""

    def __init__(self, vector: Vector) -> None:
        self._words = {
            (space, int(first) + offset): word
            for space, runs in vector.registers.items()
            for first, words in runs.items()
            for offset, word in enumerate(words)
        }

    def exactly(self, space: Space, address: int, count: int) -> tuple[int, ...]:
        """Return words that the vector must have."""
        return tuple(self._words[space, at] for at in range(address, address + count))

    def padded(self, space: Space, address: int, count: int) -> tuple[int, ...]:
        """Return words as a device would, 0 where the vector says nothing."""
        return tuple(
            self._words.get((space, at), 0) for at in range(address, address + count)
        )


def meaning(point: RegisterPoint, value: PointValue) -> PointValue:
    """Return a value as vectors write it: an enumeration's state by its text."""
    texts = state_texts(point)
    if value is None or not texts:
        return value
    index = int(value) if isinstance(value, bool) else int(value) - 1
    return texts[index]


def same(point: RegisterPoint, value: PointValue, expected: PointValue) -> bool:
    if isinstance(expected, bool) or expected is None:
        return value is expected
    if isinstance(expected, str):
        return meaning(point, value) == expected
    if isinstance(value, str) or value is None:
        return False
    return value == pytest.approx(expected, rel=1e-6, abs=1e-9)
