"""Home Assistant's fixtures and hooks, for the tests in this folder alone.

The plugin is imported here and not by pytest itself: the fixtures that every test gets,
blocked sockets among them, would otherwise reach the engine's tests too.
"""

# ruff: noqa: F403, F405, F821, I001
from collections.abc import Iterator
from unittest.mock import patch

import custom_components  # noqa: F401  # before Home Assistant looks for its own
import pytest

from tests import home_assistant_2026_11  # noqa: F401

from homeassistant import loader
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.plugins import *

from .codecs import make_codecs
from .fake_engine import World
from .flow_steps import Walk

# Command line options cannot be added any more when this file is read.
del pytest_addoption, pytest_xdist_setupnodes

# A fixture's name is its name here, so this frees the name for the one below.
hass_without_plantroom = hass


def pytest_configure(config: pytest.Config) -> None:
    """Set what the plugin would have read from the command line."""
    config.option.dburl = "sqlite://"
    config.option.drop_existing_db = None


@pytest.fixture(scope="session", autouse=True)
def codecs() -> None:
    """Make all codecs: while a clock is frozen, datetime is another class."""
    make_codecs()


@pytest.fixture
def hass(hass_without_plantroom: HomeAssistant) -> HomeAssistant:
    """Return a Home Assistant that finds custom integrations.

    The plugin's own `enable_custom_integrations`, when every test gets it, would start
    Home Assistant before a test can ask for a recorder.
    """
    hass_without_plantroom.data.pop(loader.DATA_CUSTOM_COMPONENTS)
    return hass_without_plantroom


@pytest.fixture(autouse=True)
def offered_blueprints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer none: the plugin's Home Assistants share one folder."""
    monkeypatch.setattr("custom_components.plantroom.offer_blueprints", lambda _: None)


@pytest.fixture
def world() -> Iterator[World]:
    """Let the integration talk to an engine made of data."""
    made = World()
    with patch("custom_components.plantroom.runtime.DirectConnection", made.connection):
        yield made


@pytest.fixture
def walk(hass: HomeAssistant) -> Walk:
    """Walk through subentry flows."""
    return Walk(hass, hass.config_entries.subentries)
