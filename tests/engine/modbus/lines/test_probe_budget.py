"""However many units are down, most of the line's time is for those that are not."""

import asyncio

from custom_components.plantroom.engine.modbus.lines.probe_budget import (
    REST_PER_PROBE,
    REST_PER_SECOND_CHANCE,
    ProbeBudget,
)
from tests.virtual_time import in_virtual_time


@in_virtual_time
async def test_probes_take_a_tenth_of_the_time_at_most():
    budget, loop = ProbeBudget(), asyncio.get_running_loop()
    ended: list[float] = []

    async def probe(failures: int) -> None:
        async with budget.place(failures):
            await asyncio.sleep(2.0)
            budget.spent(2.0)
            ended.append(loop.time())

    await asyncio.gather(*(probe(2) for _ in range(20)))
    assert ended[-1] - ended[0] >= 19 * 2.0 * (1 + REST_PER_PROBE) - 1e-6


@in_virtual_time
async def test_a_probe_that_is_answered_costs_no_rest():
    budget = ProbeBudget()
    for _ in range(50):
        async with budget.place(3):
            pass
    assert asyncio.get_running_loop().time() == 0.0


@in_virtual_time
async def test_a_second_chance_comes_sooner():
    budget, loop = ProbeBudget(), asyncio.get_running_loop()
    for _ in range(2):
        async with budget.place(1):
            await asyncio.sleep(3.0)
            budget.spent(3.0)
    assert loop.time() == 3.0 + 3.0 * REST_PER_SECOND_CHANCE + 3.0
