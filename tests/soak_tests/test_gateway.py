"""The gateway's soak, a tenth of it: what was broken is whole again, and was all along."""

from random import Random

import pytest
import pytest_asyncio

from tests.soak.gateway_faults.kills import KILLS_EACH, killed
from tests.soak.gateway_faults.outages import (
    disk_full,
    redis_flushed_and_killed,
    store_rolled_back,
    suffered,
)
from tests.soak.gateway_faults.server import Nursery
from tests.soak.gateway_faults.small_disk import missing as no_disk
from tests.soak.gateway_faults.standbys import holder_stopped, taken_over

SECONDS = 600
SEED = 7

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(SECONDS)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nursery():
    async with Nursery() as made:
        yield made


@pytest.mark.parametrize("kurrentdb", [False, True], ids=["embedded", "kurrentdb"])
async def test_server_that_is_killed_under_load_loses_and_repeats_nothing(
    nursery, tmp_path, kurrentdb
):
    trial = await killed(
        tmp_path, nursery, Random(SEED), kurrentdb=kurrentdb, kills=KILLS_EACH
    )
    assert trial.wrong == ()


async def test_lost_cache_and_older_log_are_made_good(nursery, tmp_path):
    faults = (redis_flushed_and_killed, store_rolled_back)
    trials = await suffered(tmp_path, nursery, Random(SEED), faults)
    assert [trial.wrong for trial in trials] == [(), ()]


@pytest.mark.skipif(bool(no_disk()), reason=no_disk() or "there can be a small disk")
async def test_disk_that_was_full_costs_nothing(nursery, tmp_path):
    (trial,) = await suffered(tmp_path, nursery, Random(SEED), (disk_full,))
    assert trial.wrong == ()


async def test_server_that_was_stopped_never_answers_beside_its_successor(
    nursery, tmp_path
):
    (trial,) = await taken_over(tmp_path, nursery, Random(SEED), (holder_stopped,))
    assert trial.wrong == ()
