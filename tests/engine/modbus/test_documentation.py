"""The examples in docs/device-profiles.md are true."""

import json
import re
from pathlib import Path

from custom_components.plantroom.engine.modbus.csv_map import Numbering, read_csv_map
from custom_components.plantroom.engine.modbus.knowledge.profile_file import (
    profile_from_dict,
)
from custom_components.plantroom.engine.modbus.registers.codec import decode
from custom_components.plantroom.engine.modbus.registers.register_map import Space

from .vectors import Image, same

PAGE = Path(__file__).parents[3] / "docs" / "device-profiles.md"


def example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def test_profile_of_the_example_passes_its_own_test():
    profile = profile_from_dict(json.loads(example("json")))
    (vector,) = profile.tests
    image = Image(vector)
    assert vector.expect.keys() == {point.key for point in profile.points}
    for point in profile.points:
        words = image.exactly(point.space, point.address, point.words)
        assert same(point, decode(point, words)[0], vector.expect[point.key])


def test_map_of_the_example_is_read():
    power, energy, mode = read_csv_map(example("csv"), Numbering.CLASSIC)
    assert (power.space, power.address, power.unit) == (Space.HOLDING, 12, "kilowatts")
    assert (energy.address, energy.scale) == (72, 0.01)
    assert mode.states == {"0": "Off", "1": "Automatic"}
    assert mode.writable
