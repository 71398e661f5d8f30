"""What the soak does with hubs two hundred times happens here once, without a clock."""

from dataclasses import replace
from random import Random

import pytest

from tests.server.secure_connect.certificates import make_site
from tests.soak.secure_hubs import PACE, PATIENCE_SECONDS, rounds_at

pytestmark = pytest.mark.timeout(4 * PATIENCE_SECONDS)


class Freezing(Random):
    """Chance that freezes a hub, and at once."""

    def random(self) -> float:
        return 0.1

    def uniform(self, a: float, b: float) -> float:
        return a


async def test_nodes_find_each_other_again(tmp_path):
    pace = replace(PACE, hubs=replace(PACE.hubs, return_seconds=0.2))
    (trial,) = await rounds_at("rusty", 1, Freezing(7), make_site(), tmp_path, pace)

    assert trial.found, trial.wrong
