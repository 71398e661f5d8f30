"""Starts what keeps statistics right, where there is a recorder."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..client import EngineClient
from ..device_adapter import DeviceAdapter


async def start_continuity(
    hass: HomeAssistant,
    entry: ConfigEntry,
    client: EngineClient,
    adapter: DeviceAdapter,
) -> None:
    """Keep the entry's statistics right until it is unloaded; needs its platforms."""
    if "recorder" not in hass.config.components:
        return
    # Imports SQLAlchemy, which nobody has to have installed who has no recorder
    from .backfill_wishes import BackfillWishes  # noqa: PLC0415
    from .continuity import Continuity  # noqa: PLC0415

    wishes = BackfillWishes(hass, entry, client, adapter)
    continuity = Continuity(hass, entry, client, adapter, wishes.grant)
    await continuity.start()
    entry.async_on_unload(continuity.stop)
