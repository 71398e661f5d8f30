"""One at a time, the most urgent first, and nobody is lost."""

import asyncio

import pytest

from custom_components.plantroom.engine.modbus.lines.turns import Turns, Urgency
from tests.virtual_time import in_virtual_time


async def take(turns: Turns, urgency: Urgency, order: list[object], name: object):
    async with turns.take(urgency):
        order.append(name)
        await asyncio.sleep(0)


async def test_the_most_urgent_goes_first_and_equals_as_they_came():
    turns, order = Turns(), list[object]()
    async with turns.take(Urgency.POLL):
        wanted = [
            (Urgency.PROBE, "probe"),
            (Urgency.RETRY, "retry"),
            (Urgency.POLL, "poll 1"),
            (Urgency.WRITE, "write"),
            (Urgency.POLL, "poll 2"),
            (Urgency.INTERACTIVE, "look"),
        ]
        tasks = [
            asyncio.create_task(take(turns, urgency, order, name))
            for urgency, name in wanted
        ]
        await asyncio.sleep(0)
        assert order == []
    await asyncio.gather(*tasks)
    assert order == ["write", "look", "poll 1", "poll 2", "retry", "probe"]


async def test_who_is_cancelled_while_waiting_is_passed_over():
    turns, order = Turns(), list[object]()
    async with turns.take(Urgency.POLL):
        tasks = [
            asyncio.create_task(take(turns, Urgency.POLL, order, n)) for n in range(3)
        ]
        await asyncio.sleep(0)
        tasks[0].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == [1, 2]


async def test_a_turn_that_comes_with_a_cancellation_is_passed_on():
    turns, order = Turns(), list[object]()
    async with turns.take(Urgency.POLL):
        first = asyncio.create_task(take(turns, Urgency.POLL, order, 1))
        second = asyncio.create_task(take(turns, Urgency.POLL, order, 2))
        await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await second
    assert order == [2]
    await take(turns, Urgency.PROBE, order, 3)
    assert order == [2, 3]


async def test_an_error_gives_the_turn_back():
    turns = Turns()
    with pytest.raises(KeyError):
        async with turns.take(Urgency.POLL):
            raise KeyError
    async with asyncio.timeout(20), turns.take(Urgency.PROBE):
        pass


@in_virtual_time
async def test_a_line_that_polls_without_a_pause_still_tries_who_can_wait():
    turns, order = Turns(), list[object]()

    async def poll_without_a_pause(name: str) -> None:
        for _ in range(20):
            async with turns.take(Urgency.POLL):
                order.append(name)
                await asyncio.sleep(0.2)

    polls = [asyncio.create_task(poll_without_a_pause(n)) for n in ("a", "b")]
    await asyncio.sleep(0)
    patient = [
        asyncio.create_task(take(turns, Urgency.PROBE, order, "probe")),
        asyncio.create_task(take(turns, Urgency.RETRY, order, "retry")),
    ]
    await asyncio.gather(*polls, *patient)
    assert 9 < order.index("retry") < 14
    assert 19 < order.index("probe") < 28


@in_virtual_time
async def test_people_never_wait_for_who_can():
    turns, order = Turns(), list[object]()
    async with turns.take(Urgency.POLL):
        tasks = [
            asyncio.create_task(take(turns, urgency, order, urgency))
            for urgency in (Urgency.PROBE, Urgency.WRITE, Urgency.INTERACTIVE)
        ]
        await asyncio.sleep(60)
    await asyncio.gather(*tasks)
    assert order == [Urgency.WRITE, Urgency.INTERACTIVE, Urgency.PROBE]
