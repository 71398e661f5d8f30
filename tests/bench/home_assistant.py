"""A real Home Assistant inside the measuring process, so that nothing is polled from outside."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

# Importing Home Assistant first puts its own voluptuous in place.
from homeassistant import bootstrap
from homeassistant.config_entries import (
    SOURCE_IMPORT,
    ConfigEntry,
    ConfigEntryState,
    ConfigSubentryData,
)
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.runner import RuntimeConfig

from custom_components.plantroom.const import (
    CONF_CHANGE_OF_VALUE,
    CONF_POINTS,
    CONF_POLL_SECONDS,
    CONNECTION,
    DIRECT,
    DOMAIN,
    TITLE,
)
from custom_components.plantroom.engine.models import FoundDevice
from custom_components.plantroom.engine.site_config import (
    BacnetNetworkConfig,
    SiteConfig,
)
from custom_components.plantroom.modbus_subentries import line_subentry, unit_subentry
from custom_components.plantroom.site import device_subentry, network_subentry
from tests.bench.object_names import REFERENCES
from tests.home_assistant.config_folder import prepare_config_folder
from tests.ports import free_port
from tests.simulators.fleet_device import FIRST_INSTANCE, KINDS

PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.2


@asynccontextmanager
async def running_home_assistant(folder: str) -> AsyncIterator[HomeAssistant]:
    """Yield a started Home Assistant on a folder that is still empty."""
    os.environ["SETUP_PORT"] = str(free_port())
    await asyncio.to_thread(prepare_config_folder, Path(folder))
    hass = await bootstrap.async_setup_hass(
        RuntimeConfig(config_dir=folder, skip_pip=True, log_no_color=True)
    )
    if hass is None:
        raise RuntimeError("Home Assistant did not start")
    await hass.async_start()
    try:
        yield hass
    finally:
        await hass.async_stop(force=True)


async def add_plantroom(
    hass: HomeAssistant,
    settings: dict[str, Any],
    *,
    poll_seconds: float,
    change_of_value: bool,
    server: dict[str, Any] | None = None,
) -> dict[str, str]:
    """Add the devices in the settings with all points; return unique id by entity id.

    Returns when every point has a state. server: data of an entry whose engine is a
    server's, None for an engine in Home Assistant.
    """
    subentries = _bacnet(settings, poll_seconds, change_of_value=change_of_value)
    points = settings["points"] * len(settings["devices"])
    return await _add(hass, subentries, points, server)


async def add_modbus(
    hass: HomeAssistant, settings: dict[str, Any], site: SiteConfig
) -> dict[str, str]:
    """Add the Modbus devices of a site; return unique id by entity id.

    Returns when every point has a state.
    """
    subentries = [
        *map(line_subentry, site.modbus_lines),
        *map(unit_subentry, site.modbus_devices),
    ]
    return await _add(hass, subentries, settings["registers"] * len(settings["hosts"]))


async def wait_for_points(hass: HomeAssistant, points: int) -> dict[str, str]:
    """Return unique id by entity id once so many points show a value."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(found := _points_with_state(hass)) < points:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)
    return found


async def _add(
    hass: HomeAssistant,
    subentries: list[ConfigSubentryData],
    points: int,
    server: dict[str, Any] | None = None,
) -> dict[str, str]:
    entry = _entry(subentries, server or {CONNECTION: DIRECT})
    await hass.config_entries.async_add(entry)
    if entry.state is not ConfigEntryState.LOADED:
        raise RuntimeError(f"Plantroom is {entry.state}: {entry.reason}")
    return await wait_for_points(hass, points)


def _bacnet(
    settings: dict[str, Any], poll_seconds: float, *, change_of_value: bool
) -> list[ConfigSubentryData]:
    host, port = settings["own"].split(":")
    network = BacnetNetworkConfig(
        network_id="bench", name="Bench", address=f"{host}/32", port=int(port)
    )
    chosen = {
        CONF_POLL_SECONDS: poll_seconds,
        CONF_CHANGE_OF_VALUE: change_of_value,
        CONF_POINTS: [
            f"{REFERENCES[KINDS[index % len(KINDS)]]},{index + 1}"
            for index in range(settings["points"])
        ],
    }
    devices = []
    for number, (host, port) in enumerate(settings["devices"]):
        found = FoundDevice(
            network_id="bench",
            instance=FIRST_INSTANCE + number,
            address=f"{host}:{port}",
            name=f"Fleet {number:04}",
        )
        subentry = device_subentry(found, found.address)
        subentry["data"] = {**subentry["data"], **chosen}
        devices.append(subentry)
    return [network_subentry(network), *devices]


def _entry(
    subentries: list[ConfigSubentryData], data: dict[str, Any]
) -> ConfigEntry[Any]:
    return ConfigEntry(
        domain=DOMAIN,
        title=TITLE,
        data=data,
        options={},
        unique_id=data[CONNECTION],
        version=1,
        minor_version=1,
        source=SOURCE_IMPORT,
        discovery_keys=MappingProxyType({}),
        subentries_data=subentries,
    )


def _points_with_state(hass: HomeAssistant) -> dict[str, str]:
    """Return the unique ids of our points that show a value, by entity id."""
    found = {}
    for entity in er.async_get(hass).entities.values():
        if entity.platform != DOMAIN or not _is_point(entity.unique_id):
            continue
        state = hass.states.get(entity.entity_id)
        if state is not None and state.state not in {STATE_UNAVAILABLE, STATE_UNKNOWN}:
            found[entity.entity_id] = entity.unique_id
    return found


def _is_point(unique_id: str) -> bool:
    """Return whether it is an object's, or a register's of modbus_engine's map."""
    return "," in unique_id or ":register_" in unique_id
