"""What is undone in devices when Plantroom is removed from Home Assistant."""

import asyncio
import logging
from collections.abc import Collection
from dataclasses import replace
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .client import EngineClient
from .const import CONNECTION, DIRECT
from .engine.alarms.configuration import AlarmingConfig
from .engine.errors import PlantroomError
from .engine.events import EngineEvent
from .engine.site_config import SiteConfig
from .runtime import entry_client
from .site import entry_site

_LOGGER = logging.getLogger(__name__)

ONLINE_SECONDS: Final = 15.0
LEAVE_SECONDS: Final = 60.0


async def leave_recipient_lists(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Leave the lists of devices that tell us of their alarms, as far as they answer.

    A server goes on without this entry, and so it stays in its devices' lists.
    """
    if entry.data[CONNECTION] != DIRECT:
        return
    try:
        site = _where_we_stand(entry_site(entry))
        if site.devices:
            async with asyncio.timeout(LEAVE_SECONDS):
                await _leave(entry_client(hass, entry), site)
    except (PlantroomError, TimeoutError) as err:
        _LOGGER.warning("Some devices keep us in their recipient lists: %s", err)


def _where_we_stand(site: SiteConfig) -> SiteConfig:
    """Return the devices with lists that we are in, and their networks."""
    devices = tuple(each for each in site.devices if each.notification_classes != ())
    network_ids = {device.network_id for device in devices}
    return SiteConfig(
        networks=tuple(n for n in site.networks if n.network_id in network_ids),
        devices=devices,
        alarming=AlarmingConfig(),
    )


async def _leave(client: EngineClient, site: SiteConfig) -> None:
    try:
        await client.start(site)
        await _wait_for(client, [device.device_id for device in site.devices])
        await client.configure(replace(site, devices=()))
    finally:
        await client.stop()


async def _wait_for(client: EngineClient, device_ids: Collection[str]) -> None:
    """Wait until devices answer; those that do not in time are given up."""
    changed = asyncio.Event()

    def on_change(_: EngineEvent) -> None:
        changed.set()

    unlisten = client.listen_changes(on_change)
    try:
        async with asyncio.timeout(ONLINE_SECONDS):
            while not _all_online(client, device_ids):
                changed.clear()
                await changed.wait()
    except TimeoutError:
        _LOGGER.warning("Some devices do not answer and keep us in their lists")
    finally:
        unlisten()


def _all_online(client: EngineClient, device_ids: Collection[str]) -> bool:
    statuses = client.mirror.statuses
    return all(each in statuses and statuses[each].online for each in device_ids)
