"""Add meters to the Energy dashboard."""

from collections.abc import Iterable

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from ..const import DOMAIN
from .preferences import Meter, with_meter
from .roles import DashboardRole


async def add_meters(
    hass: HomeAssistant, chosen: Iterable[tuple[Meter, DashboardRole]]
) -> list[Meter]:
    """Add meters and return those that were not there before.

    Raises ServiceValidationError without the energy integration.
    """
    if "energy" not in hass.config.components:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_energy_dashboard"
        )
    # Loaded by now; it imports the recorder, which not everybody has
    from homeassistant.components.energy import data as energy  # noqa: PLC0415

    manager = await energy.async_get_manager(hass)
    preferences = manager.data or energy.EnergyManager.default_preferences()
    added = []
    for meter, role in chosen:
        changed = with_meter(preferences, meter, role)
        if changed is not preferences:
            added.append(meter)
        preferences = changed
    if added:
        energy.ENERGY_SOURCE_SCHEMA(preferences["energy_sources"])
        await manager.async_update({**preferences})
    return added
