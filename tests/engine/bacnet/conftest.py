"""What the tests of subscriptions and of alarms share."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from custom_components.plantroom.engine.bacnet import (
    change_of_value,
    device,
    ip_access,
    liveness,
)
from custom_components.plantroom.engine.bacnet.change_of_value import ChangeOfValue
from custom_components.plantroom.engine.bacnet.reading.confirmed_requests import (
    ConfirmedRequests,
)
from custom_components.plantroom.engine.bacnet.wire import link

from .subscription_bench import Bench, Clock, Device


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no machine that stalls for a while pass for a device that is silent."""
    monkeypatch.setattr(device, "LOCATE_SECONDS", 15.0)
    monkeypatch.setattr(liveness, "PROBE_SECONDS", 30.0)
    monkeypatch.setattr(change_of_value, "UNSUBSCRIBE_SECONDS", 20.0)


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


@pytest.fixture
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no device as long as real ones need."""
    monkeypatch.setattr(ip_access, "backoff_seconds", lambda failures: 0.05)
    hasty = partial(ConfirmedRequests, timeout_seconds=0.4, retries=1)
    monkeypatch.setattr(link, "ConfirmedRequests", hasty)
