"""What the tests of subscriptions share."""

from collections.abc import AsyncIterator

import pytest

from custom_components.plantroom.engine.bacnet import change_of_value
from custom_components.plantroom.engine.bacnet.change_of_value import ChangeOfValue

from .subscription_bench import Bench, Clock, Device


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(change_of_value, "_now", clock)
    return clock


@pytest.fixture
async def bench(clock) -> AsyncIterator[Bench]:
    device, proofs = Device(), []
    cov = ChangeOfValue("n:1", device, lambda: proofs.append(1))
    clock.cov = cov
    cov.start()
    cov.start()
    yield Bench(device, cov, clock, proofs)
    await cov.stop(cancel=False)
    await cov.stop(cancel=True)
