"""What every test has. Home Assistant is for tests/integration only."""

import logging

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer

from .shares import Shares, turn_of

# How long an example takes says how busy the machine is, not whether it is right
settings.register_profile(
    "plantroom", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("plantroom")


@pytest.fixture(autouse=True)
def log_everything(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the debug lines of Plantroom, so that a failing test shows them."""
    caplog.set_level(logging.DEBUG, logger="custom_components.plantroom")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Shares:
    """Return how the tests are shared when several processes run them."""
    return Shares(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: turn_of(item.nodeid))
