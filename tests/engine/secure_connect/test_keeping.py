"""Clients hear of networks and hubs once per change, and of none without a server."""

from datetime import UTC, datetime

import pytest

from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.errors import (
    ConfigurationError,
    UnknownTargetError,
)
from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.events import (
    EngineEvent,
    SecureHubChanged,
    SecureHubRemoved,
    SecureNetworkChanged,
    SecureNetworkRemoved,
)
from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureConnectConfig,
    SecureHubConfig,
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.secure_connect.keeping import SecureKeeping
from custom_components.plantroom.engine.secure_connect.models import (
    SecureHubStatus,
    SecureNetworkStatus,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.site import SiteHost

NOW = datetime.now(UTC)
CONFIG = SecureConnectConfig(
    networks=(
        SecureNetworkConfig(
            network_id="s", name="S", primary="wss://127.0.0.1:1", credentials="c"
        ),
    ),
    hubs=(SecureHubConfig(hub_id="h", name="H", credentials="c"),),
)
NETWORK = SecureNetworkStatus(network_id="s", since=NOW)
HUB = SecureHubStatus(hub_id="h", listening=True, since=NOW)


def heard(bus: EventBus) -> list[EngineEvent]:
    events: list[EngineEvent] = []
    bus.listen(lambda numbered: events.append(numbered.event))
    return events


@pytest.fixture
def keeping() -> tuple[SecureKeeping, list[EngineEvent]]:
    bus = EventBus()
    return SecureKeeping(bus, None), heard(bus)


def test_what_is_as_it_was_is_not_told_again(keeping):
    keeper, events = keeping
    for _ in range(2):
        keeper.publish_network(NETWORK)
        keeper.publish_hub(HUB)
    assert events == [
        SecureNetworkChanged(status=NETWORK),
        SecureHubChanged(status=HUB),
    ]
    assert keeper.networks == (NETWORK,)


async def test_what_is_configured_no_more_is_removed_and_no_more_told_of(keeping):
    keeper, events = keeping
    keeper.publish_network(NETWORK)
    keeper.publish_hub(HUB)
    await keeper.configure(CONFIG)
    assert len(events) == 2
    await keeper.configure(SecureConnectConfig())
    assert events[2:] == [
        SecureNetworkRemoved(network_id="s"),
        SecureHubRemoved(hub_id="h"),
    ]
    assert keeper.networks == ()


def test_a_process_without_secure_connect_refuses_it_and_nothing_else(keeping):
    keeper, _ = keeping
    keeper.check(SecureConnectConfig())
    with pytest.raises(ConfigurationError, match="Plantroom server") as caught:
        keeper.check(CONFIG)
    assert caught.value.facts["field"] == "secure_connect"
    with pytest.raises(UnknownTargetError):
        keeper.hub_nodes("h")


async def test_an_engine_without_secure_connect_changes_nothing_for_such_a_site():
    engine = Engine(SiteHost())
    with pytest.raises(ConfigurationError, match="Plantroom server"):
        await engine.configure(SiteConfig(secure_connect=CONFIG))
    assert await engine.site() == SiteConfig()
