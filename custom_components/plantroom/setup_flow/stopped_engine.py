"""A change is tried while the engine that runs has let its ports and lines go."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant

from ..const import CONNECTION, SERVER


@asynccontextmanager
async def stopped_engine(
    hass: HomeAssistant, entry: ConfigEntry
) -> AsyncGenerator[None]:
    """Stop the entry's engine, so that what it uses itself does not count as in use.

    A server's own engine is what tries the change, so that it goes on.
    """
    runs_here = entry.data[CONNECTION] != SERVER
    if not runs_here or entry.state is not ConfigEntryState.LOADED:
        yield
        return
    await hass.config_entries.async_unload(entry.entry_id)
    try:
        yield
    finally:
        await hass.config_entries.async_reload(entry.entry_id)
