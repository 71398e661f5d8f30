import pytest

from custom_components.plantroom.engine.bacnet.learned import Learned
from custom_components.plantroom.engine.bacnet.reading.device_limits import DeviceLimits


def test_what_was_learned_survives_as_json():
    limits = DeviceLimits(1476)
    limits.note_too_long(1000)
    text = Learned(limits, 5).to_json()
    again = Learned.from_json(text)
    assert again.cov_slots == 5
    assert again.limits.snapshot() == limits.snapshot()
    assert not again.changed(again.to_json())


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense", '{"limits": {"x": 1}}'])
def test_a_text_that_is_not_ours_teaches_nothing(text):
    learned = Learned.from_json(text)
    assert learned.cov_slots is None
    assert learned.limits.max_apdu == 480


def test_only_news_is_kept():
    learned = Learned(DeviceLimits(480), None)
    assert learned.changed(learned.to_json())
    assert learned.changed(learned.to_json())
    learned.kept(learned.to_json())
    assert not learned.changed(learned.to_json())
    learned.cov_slots = 3
    assert learned.changed(learned.to_json())
