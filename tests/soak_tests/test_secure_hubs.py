"""What the soak does with hubs two hundred times happens here once, without a clock."""

from random import Random

import pytest

from tests.server.secure_connect.certificates import make_site
from tests.soak.secure_hubs import rounds_at


class Killing(Random):
    """Chance that never freezes a hub."""

    def random(self) -> float:
        return 0.9


class Freezing(Random):
    """Chance that always does."""

    def random(self) -> float:
        return 0.1


@pytest.mark.parametrize(("kind", "chance"), [("own", Killing), ("rusty", Freezing)])
async def test_nodes_find_each_other_again(kind, chance, tmp_path):
    (trial,) = await rounds_at(kind, 1, chance(7), make_site(), tmp_path)

    assert trial.found, trial.wrong
