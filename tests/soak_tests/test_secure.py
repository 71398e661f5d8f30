"""A few of what script/soak does two hundred times."""

from random import Random

import pytest

from tests.soak.secure import BACK_SECONDS, crowd, hubs, joined, kills

pytestmark = pytest.mark.timeout(4 * BACK_SECONDS)


async def test_nodes_meet_again_whichever_hub_is_killed():
    async with (
        hubs() as (site, primary, failover),
        joined(site, primary, failover, 3) as some,
    ):
        trial = await kills(some, (primary, failover), Random(3), times=3)
        assert trial.wrong == ()


async def test_crowd_comes_back_to_a_hub_that_was_killed():
    async with hubs() as (site, primary, _):
        trial = await crowd(site, primary, 30)
        assert trial.wrong == ()
