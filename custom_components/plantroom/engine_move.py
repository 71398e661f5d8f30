"""Move a config entry's engine to another process, with what it counts and holds."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .alarms import alarm_store
from .client import EngineClient
from .const import CONNECTION, DIRECT, SERVER
from .engine.energy.meter_records import MeterRecord
from .engine.errors import PlantroomError
from .engine.leases.models import Lease
from .engine.site_config import SiteConfig
from .host import lasting_host
from .runtime import direct_client, server_connection
from .server_settings import settings_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Where to; addresses: our new interface of each BACnet network, by subentry id.

    data, unique_id, title: the entry's afterwards. without_totals: go although the
    engine of now does not say what its meters counted.
    """

    data: Mapping[str, Any]
    unique_id: str
    title: str
    addresses: Mapping[str, str] = field(default_factory=dict)
    take_over: bool = False
    without_totals: bool = False


async def move_engine(hass: HomeAssistant, entry: ConfigEntry, move: Move) -> None:
    """Let the engine of now go, and set the entry up with the new one.

    Entities, devices and options are the entry's and stay. Raises PlantroomError with
    the entry set up as it was.
    """
    await _stop(hass, entry)
    try:
        records, leases = await _records(hass, entry, move)
        await _prepare(hass, entry, move, records, leases)
        await _release(hass, entry)
    except PlantroomError:
        await hass.config_entries.async_reload(entry.entry_id)
        raise
    await _forget_journal(hass, entry)
    _update(hass, entry, move)
    await hass.config_entries.async_reload(entry.entry_id)


async def _stop(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Leave the engine; one in this process closes its ports with that."""
    if entry.state is not ConfigEntryState.LOADED:
        return
    if not await hass.config_entries.async_unload(entry.entry_id):
        raise PlantroomError("The engine of now cannot be stopped")


async def _records(
    hass: HomeAssistant, entry: ConfigEntry, move: Move
) -> tuple[tuple[MeterRecord, ...], tuple[Lease, ...]]:
    """Return what the meters counted and what is written for a while.

    Nothing where that may be left behind.
    """
    try:
        async with _passing_client(hass, entry, entry.data) as client:
            return await client.meter_records(), await client.leases()
    except PlantroomError:
        if move.without_totals:
            return (), ()
        raise


async def _prepare(
    hass: HomeAssistant,
    entry: ConfigEntry,
    move: Move,
    records: tuple[MeterRecord, ...],
    leases: tuple[Lease, ...],
) -> None:
    """Make the new engine ready to go on; it serves nothing until the entry does."""
    async with _passing_client(
        hass, entry, move.data, take_over=move.take_over
    ) as client:
        if await client.site() != SiteConfig():
            await client.configure(SiteConfig())
        await client.take_meter_records(records)
        await client.take_leases(leases)


async def _release(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Have the server of now close its ports; one that is gone has none.

    What is written for a while is the new engine's to end.
    """
    try:
        async with _passing_client(hass, entry, entry.data) as client:
            if client.may_configure:
                await client.drop_leases()
            if entry.data[CONNECTION] == SERVER and client.may_configure:
                await client.configure(SiteConfig())
    except PlantroomError:
        return


async def _forget_journal(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Begin the new engine's journal of alarms now: the old one is left behind."""
    now = dt_util.utcnow().isoformat()
    await alarm_store(hass, entry.entry_id).async_save(
        {"number": 0, "at": now, "news_since": now}
    )


def _update(hass: HomeAssistant, entry: ConfigEntry, move: Move) -> None:
    for subentry_id, address in move.addresses.items():
        subentry = entry.subentries[subentry_id]
        hass.config_entries.async_update_subentry(
            entry, subentry, data={**subentry.data, CONF_ADDRESS: address}
        )
    hass.config_entries.async_update_entry(
        entry, data=move.data, unique_id=move.unique_id, title=move.title
    )


@asynccontextmanager
async def _passing_client(
    hass: HomeAssistant,
    entry: ConfigEntry,
    data: Mapping[str, Any],
    *,
    take_over: bool = False,
) -> AsyncGenerator[EngineClient]:
    """Lend a client that pushes nothing; an engine in this process serves nothing."""
    if data[CONNECTION] == DIRECT:
        client = direct_client(lasting_host(hass, entry.entry_id))
    else:
        settings = settings_of(data)
        client = EngineClient(server_connection(hass, settings, take_over=take_over))
    try:
        await client.start(None)
        yield client
    finally:
        await client.stop()
