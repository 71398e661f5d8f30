"""What a server's event gateway would answer, and an entry whose engine has one."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.const import DOMAIN, TITLE
from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
    StoreKind,
    SubscriptionConfig,
)
from custom_components.plantroom.engine.gateway.models import (
    ParkedEvent,
    StoreCheck,
    SubscriptionState,
    SubscriptionStatus,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from custom_components.plantroom.server_settings import (
    ServerSettings,
    Tls,
    settings_data,
)
from custom_components.plantroom.site_mirror import site_options, site_subentries

from .entries import NETWORK

if TYPE_CHECKING:
    from .fake_engine import World

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LOG = EventStoreConfig(store_id="log")
DATABASE = EventStoreConfig(
    store_id="db",
    kind=StoreKind.KURRENTDB,
    uri="kurrentdb://db.local:2113",
    user="gateway",
    password="not to be seen",
)
PLANT = SubscriptionConfig(
    subscription_id="plant",
    store_id="log",
    network_id=NETWORK.network_id,
    stream="plant",
)
RUNNING = SubscriptionStatus(
    subscription_id="plant",
    state=SubscriptionState.RUNNING,
    since=AT,
    objects=12,
    handled=345,
    lag_events=0,
    lag_seconds=0.0123,
)
FILLED = SiteConfig(
    networks=(NETWORK,),
    gateway=GatewayConfig(stores=(LOG, DATABASE), subscriptions=(PLANT,)),
)


@dataclass
class FakeGateway:
    """Subscriptions are as said here as soon as they are configured."""

    statuses: dict[str, SubscriptionStatus] = field(default_factory=dict)
    parked: list[ParkedEvent] = field(default_factory=list)
    replayed: list[str] = field(default_factory=list)
    resumed: list[str] = field(default_factory=list)
    # What a store that is tried answers, and those that were tried.
    verdict: StoreCheck = field(default_factory=lambda: StoreCheck(works=True))
    checked: list[EventStoreConfig] = field(default_factory=list)

    def of_site(self, site: SiteConfig) -> tuple[SubscriptionStatus, ...]:
        """Return how each subscription of a site is doing."""
        wanted = [each.subscription_id for each in site.gateway.subscriptions]
        return tuple(
            self.statuses.get(each, replace(RUNNING, subscription_id=each))
            for each in wanted
        )

    def parked_of(self, subscription_id: str) -> tuple[ParkedEvent, ...]:
        """Return what a subscription put aside."""
        return tuple(e for e in self.parked if e.subscription_id == subscription_id)

    def check(self, store: EventStoreConfig) -> StoreCheck:
        """Answer for a store."""
        self.checked.append(store)
        return self.verdict


@contextmanager
def served(world: World) -> Iterator[None]:
    """Let entries of servers talk to an engine made of data."""
    with patch(
        "custom_components.plantroom.runtime.WebSocketConnection", world.connection
    ):
        yield


def served_entry(
    hass: HomeAssistant,
    site: SiteConfig = FILLED,
    names: Iterable[tuple[str, str]] = (("plant", "Plant"),),
    **facts: Any,
) -> MockConfigEntry:
    """Return an entry of a server, added and not set up, that asks for a site."""
    settings = ServerSettings(
        **{
            "host": "server.local",
            "token": "t",
            "client_id": "c",
            "tls": Tls.NONE,
            **facts,
        }
    )
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=TITLE,
        data=settings_data(settings),
        options=site_options(site),
        unique_id="server-1",
        subentries_data=site_subentries(site, dict(names)),
    )
    entry.add_to_hass(hass)
    return entry


def subscription_entity(hass: HomeAssistant, key: str) -> str:
    """Return the entity id of the only subscription's entity of a key."""
    (found,) = (
        item.entity_id
        for item in er.async_get(hass).entities.values()
        if item.unique_id.startswith("event_subscription:")
        and item.unique_id.endswith(f":{key}")
    )
    return found
