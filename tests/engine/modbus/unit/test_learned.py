"""Lessons are kept over restarts, and only lessons."""

from custom_components.plantroom.engine.modbus.knowledge.profile import RequestLimits
from custom_components.plantroom.engine.modbus.registers.register_map import Space
from custom_components.plantroom.engine.modbus.unit.learned import Learned, Lessons

from ..register_points import register

HOLDING = Space.HOLDING


def taught() -> Learned:
    learned = Learned()
    learned.state(RequestLimits(registers=60, holes=((HOLDING, 1, 2),)))
    learned.was_refused(HOLDING, (10, 12), "illegal-data-address")
    return learned


def test_lessons_come_back_as_they_were_kept():
    before = taught()
    after = Learned(before.to_json())
    after.state(RequestLimits(registers=60, holes=((HOLDING, 1, 2),)))
    assert after.limits == before.limits
    assert after.lessons == before.lessons


def test_what_a_profile_states_is_not_kept_as_learned():
    assert taught().lessons.registers is None
    assert taught().lessons.holes == ((HOLDING, 10, 11),)


def test_a_profile_that_learned_better_is_heard():
    learned = Learned(taught().to_json())
    learned.state(RequestLimits(registers=30))
    assert learned.limits.registers == 30


def test_a_foreign_text_teaches_nothing():
    for text in ("", "{", "[]", '{"registers": "many"}', '{"holes": [["x", 1, 2]]}'):
        assert Learned(text).lessons == Lessons()


def test_what_is_granted_again_is_neither_refused_nor_a_hole():
    learned = taught()
    learned.was_granted(HOLDING, (10, 12))
    assert learned.refusal_of(HOLDING, (10, 12)) is None
    assert learned.lessons.holes == ()


def test_a_point_over_a_refused_address_is_refused():
    learned = taught()
    assert learned.refusal_of(HOLDING, (11, 13)) is not None
    assert learned.refusal_of(HOLDING, (12, 13)) is None
    assert learned.refusal_of(Space.INPUT, (10, 12)) is None


def test_nothing_is_kept_twice():
    learned = taught()
    text = learned.to_json()
    assert learned.changed(text)
    assert not learned.changed(text)
    learned.was_refused(HOLDING, (10, 12), "illegal-data-address")
    assert learned.to_json() == text


def test_the_map_a_device_told_is_kept():
    learned = Learned()
    learned.lessons = Lessons(points=(register("power", 7, scale=0.1),))
    assert Learned(learned.to_json()).lessons.points == learned.lessons.points
