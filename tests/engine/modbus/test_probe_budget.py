"""However many units are down, most of the line's time is for those that are not."""

import asyncio

from custom_components.plantroom.engine.modbus.probe_budget import (
    REST_PER_PROBE,
    ProbeBudget,
)
from tests.virtual_time import in_virtual_time


@in_virtual_time
async def test_probes_take_a_tenth_of_the_time_at_most():
    budget, loop = ProbeBudget(), asyncio.get_running_loop()
    ended: list[float] = []

    async def probe() -> None:
        async with budget.place():
            await asyncio.sleep(2.0)
            budget.spent(2.0)
            ended.append(loop.time())

    await asyncio.gather(*(probe() for _ in range(20)))
    assert ended[-1] - ended[0] >= 19 * 2.0 * (1 + REST_PER_PROBE) - 1e-6


@in_virtual_time
async def test_a_probe_that_is_answered_costs_no_rest():
    budget = ProbeBudget()
    for _ in range(50):
        async with budget.place():
            pass
    assert asyncio.get_running_loop().time() == 0.0
