"""Plantroom: building management in Home Assistant."""

import shutil

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .alarm_places import AlarmPlaces
from .alarm_rule_reports import AlarmRuleReports, solve_rule_issues
from .alarm_sentences import load_sentences
from .alarms import AlarmFeed, alarm_store
from .app import ensure_app_runs
from .blueprint_offers import BlueprintOffers, offer_blueprints
from .client import EngineClient
from .const import (
    CONF_FOLLOWS,
    CONNECTION,
    DIRECT,
    DOMAIN,
    PLATFORMS,
    SUBENTRY_DEVICE,
    SUBENTRY_UNIT,
)
from .deleted_objects import DeletedObjects
from .device_adapter import DeviceAdapter
from .device_offers import DeviceOffers, withdraw_offers
from .energy_dashboard.wishes import DashboardWishes
from .engine_start import start_engine
from .gateway_reports import GatewayReports, solve_gateway_issues
from .host import data_folder
from .lease_end import end_what_we_hold
from .leaving import leave_recipient_lists
from .problem_reports import ProblemReports
from .runtime import PlantroomConfigEntry, RuntimeData, entry_client
from .server_follow import ServerFollow, take_site
from .server_issues import solve_all
from .services import async_setup_services
from .site_changes import SiteChanges
from .statistics.ledger import Ledger
from .statistics.start import start_continuity
from .subentries import remove_orphans
from .unit_places import load_place_texts

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
_DEVICES = frozenset({SUBENTRY_DEVICE, SUBENTRY_UNIT})


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Register the actions and offer the blueprints, once for all entries."""
    async_setup_services(hass)
    offer_blueprints(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: PlantroomConfigEntry) -> None:
    """Start the engine and show what it knows."""
    remove_orphans(hass, entry)
    await load_place_texts(hass)
    await load_sentences(hass)
    await ensure_app_runs(hass, entry)
    client = entry_client(hass, entry)
    changes = SiteChanges(hass, entry, client)
    await start_engine(hass, entry, client)
    if entry.data.get(CONF_FOLLOWS):
        await take_site(hass, entry, client)
        changes = SiteChanges(hass, entry, client)
    adapter = DeviceAdapter(hass, entry, client)
    feed = AlarmFeed(hass, entry, client, AlarmPlaces(hass, adapter))
    entry.runtime_data = RuntimeData(client=client, adapter=adapter, alarm_feed=feed)
    try:
        leave = adapter.start()
        entry.async_on_unload(leave)
        await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    except BaseException:
        await client.stop()
        raise
    _follow(hass, entry, changes, client, leave)
    feed.start()
    await start_continuity(hass, entry, client, adapter)


async def async_unload_entry(hass: HomeAssistant, entry: PlantroomConfigEntry) -> None:
    """Take the entities away, then stop the engine."""
    await entry.runtime_data.alarm_feed.stop()
    await hass.config_entries.async_unload_platforms_or_raise(entry, PLATFORMS)
    await entry.runtime_data.client.stop()


async def async_remove_entry(hass: HomeAssistant, entry: PlantroomConfigEntry) -> None:
    """Leave the devices' lists, delete what was kept and how far alarms were told."""
    await leave_recipient_lists(hass, entry)
    await alarm_store(hass, entry.entry_id).async_remove()
    await Ledger(hass, entry.entry_id).remove()
    solve_all(hass, entry)
    solve_rule_issues(hass, entry)
    solve_gateway_issues(hass, entry)
    if not hass.config_entries.async_entries(DOMAIN):
        await BlueprintOffers(hass).withdraw()
    if any(
        other.data[CONNECTION] == DIRECT
        for other in hass.config_entries.async_entries(DOMAIN)
    ):
        return
    await hass.async_add_executor_job(shutil.rmtree, data_folder(hass), True)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: PlantroomConfigEntry, device: dr.AnyDeviceEntry
) -> bool:
    """Remove a device that no longer answers, its subentry with it."""
    subentry = entry.subentries.get(device.config_subentry_id or "")
    if subentry is None or subentry.subentry_type not in _DEVICES:
        return False
    if _answers(entry, device):
        return False
    hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)
    return True


@callback
def _follow(
    hass: HomeAssistant,
    entry: PlantroomConfigEntry,
    changes: SiteChanges,
    client: EngineClient,
    leave: CALLBACK_TYPE,
) -> None:
    """Follow subentries, new devices and Home Assistant's own end."""

    async def stop(_: Event) -> None:
        # Entities that saw the engine go would be recorded as unavailable.
        leave()
        await entry.runtime_data.alarm_feed.stop()
        await end_what_we_hold(client)
        await client.stop()

    entry.async_on_unload(changes.start())
    entry.async_on_unload(ServerFollow(hass, entry, client).start())
    entry.async_on_unload(ProblemReports(hass, entry, client).start())
    entry.async_on_unload(AlarmRuleReports(hass, entry, client).start())
    entry.async_on_unload(GatewayReports(hass, entry, client).start())
    deleted = DeletedObjects(hass, entry, client, entry.runtime_data.adapter)
    entry.async_on_unload(deleted.start())
    if not entry.data.get(CONF_FOLLOWS):
        entry.async_on_unload(DeviceOffers(hass, entry).start(client))
    entry.async_on_unload(DashboardWishes(hass, entry, client).start())
    # Not once: an unload after the end would find nothing to remove any more
    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, stop))
    withdraw_offers(hass, entry)


def _answers(entry: PlantroomConfigEntry, device: dr.AnyDeviceEntry) -> bool:
    """Return whether the engine reaches a device; an engine that is down reaches none."""
    if entry.state is not ConfigEntryState.LOADED:
        return False
    statuses = entry.runtime_data.client.mirror.statuses
    return any(
        statuses[device_id].online
        for domain, device_id in device.identifiers
        if domain == DOMAIN and device_id in statuses
    )
