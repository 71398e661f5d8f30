"""Our device on a network is silent before another server could be it."""

from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.gateway.configuration import (
    EventStoreConfig,
    GatewayConfig,
    SubscriptionConfig,
)
from custom_components.plantroom.engine.gateway.gatekeeping import Gatekeeping
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.site import network_config

SUBSCRIPTION = SubscriptionConfig(
    subscription_id="north", store_id="log", network_id="n", stream="site"
)


def site(*, standby: bool, subscribed: bool = True) -> SiteConfig:
    return SiteConfig(
        networks=(network_config(47808),),
        gateway=GatewayConfig(
            stores=(EventStoreConfig(store_id="log"),),
            subscriptions=(SUBSCRIPTION,) if subscribed else (),
            redis_url="redis://127.0.0.1",
            standby=standby,
        ),
    )


async def test_one_of_two_servers_is_silent_until_it_holds_the_device():
    keeping = Gatekeeping(EventBus(), None)
    keeping.hush(site(standby=True).gateway)
    assert not keeping.objects_of("n").live


async def test_a_server_alone_is_silent_until_its_objects_are_there():
    keeping = Gatekeeping(EventBus(), None)
    keeping.hush(site(standby=False).gateway)
    assert not keeping.objects_of("n").live


async def test_who_holds_the_device_is_not_silenced_by_the_same_again():
    keeping = Gatekeeping(EventBus(), None)
    keeping.hush(site(standby=True).gateway)
    keeping.objects_of("n").set_live(True)
    keeping.hush(site(standby=True).gateway)
    assert keeping.objects_of("n").live


async def test_a_network_that_nobody_fills_any_more_answers_again():
    keeping = Gatekeeping(EventBus(), None)
    keeping.hush(site(standby=True).gateway)
    without = site(standby=True, subscribed=False)
    keeping.hush(without.gateway)
    await keeping.configure(without)
    assert keeping.objects_of("n").live
