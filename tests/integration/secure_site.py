"""A hub and a network on BACnet/SC, set up in dialogues as a person does."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntryState,
)
from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.const import DOMAIN
from tests.server.running import running_server
from tests.site import until

from .flow_steps import Walk
from .office import entity_id_of
from .server_entries import server_entry

DIRECT: dict[str, Any] = {"dial_directly": False, "direct_port": 0}


@asynccontextmanager
async def secure_entry(
    hass: HomeAssistant, folder: Path
) -> AsyncIterator[MockConfigEntry]:
    """Return an entry that runs with a server in this process."""
    async with running_server(folder) as server:
        added = await server_entry(hass, server)
        await settle(hass, added)
        try:
            yield added
        finally:
            await hass.config_entries.async_unload(added.entry_id)


async def settle(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Wait until the entry runs with what was added."""
    if entry.state is ConfigEntryState.NOT_LOADED:
        await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await until(lambda: entry.state is ConfigEntryState.LOADED, 30)
    await until(lambda: entry.runtime_data.client.connected, 30)
    await hass.async_block_till_done()


async def begin(hass: HomeAssistant, entry: MockConfigEntry, kind: str) -> Any:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, kind), context={"source": SOURCE_USER}
    )


async def change(hass: HomeAssistant, entry: MockConfigEntry, kind: str) -> Any:
    [item] = entry.get_subentries_of_type(kind)
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, kind),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": item.subentry_id},
    )


def hub_answers(port: int) -> dict[str, Any]:
    return {"name": "Our hub", "port": port, "host": "127.0.0.1", "max_nodes": 20}


def network_answers(port: int, **others: Any) -> dict[str, Any]:
    return {
        "name": "Tower",
        "primary": f"127.0.0.1:{port}",
        "check_host_names": False,
        "instance": 4193000,
        "direct_connections": DIRECT,
        **others,
    }


async def add_hub(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    walk: Walk,
    port: int,
    host_names: Sequence[str] = ("127.0.0.1",),
) -> Any:
    """Add a hub with an authority and credentials made in one go."""
    form = await begin(hass, entry, "secure_hub")
    menu = await walk.answer(form, hub_answers(port))
    assert menu["menu_options"] == ["issue", "request", "files"]
    issue = await walk.choose(menu, "issue")
    ready = await walk.answer(
        issue, {"name": "Our hub", "authority": "Tower", "host_names": [*host_names]}
    )
    shown = ready["description_placeholders"]
    assert shown["uri"].endswith(f":{port}")
    assert "BEGIN CERTIFICATE" in shown["authorities"]
    done = await walk.answer(ready, {})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass, entry)
    return done


def state_of(hass: HomeAssistant, unique_id: str) -> Any:
    return hass.states.get(entity_id_of(hass, unique_id))


def ids_of(entry: MockConfigEntry) -> tuple[str, str]:
    """Return the ids of hub and network."""
    [hub] = entry.get_subentries_of_type("secure_hub")
    [network] = entry.get_subentries_of_type("secure_network")
    return hub.data["hub_id"], network.data["network_id"]


async def act(
    hass: HomeAssistant, action: str, context: Context | None = None, **data: Any
) -> Any:
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, context=context, return_response=True
    )
