"""What every test has. Home Assistant is for tests/integration only."""

import logging

import pytest


@pytest.fixture(autouse=True)
def log_everything(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the debug lines of Plantroom, so that a failing test shows them."""
    caplog.set_level(logging.DEBUG, logger="custom_components.plantroom")
