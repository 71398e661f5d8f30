"""A place that is lost again and again becomes a problem, one that is lost once does not."""

import pytest

from custom_components.plantroom.engine.bacnet import recipients
from custom_components.plantroom.engine.bacnet.lost_places import (
    WITHIN_SECONDS,
    LostPlaces,
)
from custom_components.plantroom.engine.models import ProblemCode

from .alarmed import OWN, VAV, destination, events_of, recipients_of
from .field_bench import building_and_bench

OURS = [(77, 5), (OWN, 20556)]


def test_three_losses_within_a_day_are_again_and_again():
    lost = LostPlaces()
    for now in (0.0, 900.0):
        lost.note(4, now)
        assert lost.lost_again_and_again(now) is None
    lost.note(4, 1800.0)
    assert lost.lost_again_and_again(1800.0) == 4
    assert lost.lost_again_and_again(WITHIN_SECONDS - 1) == 4
    assert lost.lost_again_and_again(WITHIN_SECONDS) is None


def test_losses_of_several_classes_do_not_add_up():
    lost = LostPlaces()
    for number in (1, 2, 3):
        lost.note(number, 0.0)
    assert lost.lost_again_and_again(0.0) is None


def test_a_class_we_left_counts_no_more():
    lost = LostPlaces()
    for now in (0.0, 1.0, 2.0):
        lost.note(4, now)
    lost.forget(4)
    assert lost.lost_again_and_again(2.0) is None


async def test_a_list_that_somebody_overwrites_again_and_again_is_a_problem(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(recipients, "CHECK_SECONDS", 0.0)
    async with building_and_bench(VAV) as (building, bench):
        listed = events_of(building, VAV).notification_class
        await bench.serve(VAV, notification_classes=(1,))
        await bench.until(lambda: recipients_of(building, VAV) == OURS[1:])
        await bench.online(VAV)
        await bench.poll(VAV)
        await bench.poll(VAV)
        for _ in range(2):
            listed.recipientList = [destination(77, 5)]
            await bench.until(lambda: recipients_of(building, VAV) == OURS)
            # What was written is looked at once more before we stand there
            await bench.poll(VAV)
            assert bench.problem(ProblemCode.RECIPIENTS_OVERWRITTEN) is None
        listed.recipientList = [destination(77, 5)]
        await bench.until(lambda: bench.problem(ProblemCode.RECIPIENTS_OVERWRITTEN))
        problem = bench.problem(ProblemCode.RECIPIENTS_OVERWRITTEN)
        assert problem is not None
        assert problem.facts == {"name": "VAV-01", "instance": "1", "count": "3"}
        assert recipients_of(building, VAV) == OURS
        await bench.serve(VAV)
        await bench.until(lambda: not bench.problem(ProblemCode.RECIPIENTS_OVERWRITTEN))
        await bench.until(lambda: recipients_of(building, VAV) == [(77, 5)])
