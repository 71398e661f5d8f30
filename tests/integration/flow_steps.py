"""Walking through a flow as a person does."""

from typing import Any

from aiohttp import FormData
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.const import DOMAIN

from .entries import subentry

# What a person fills in about the first network.
ANSWERS: dict[str, Any] = {
    "name": "Building",
    "address": "10.10.10.10/24",
    "port": 47808,
    "instance": 4194000,
    "across_subnets": {"bbmd_ttl": 300},
}

# What a person fills in about a Modbus line.
ADVANCED = {"timeout_seconds": 3, "spacing_seconds": 0, "search_to": 247}
TCP: dict[str, Any] = {
    "name": "Riser",
    "transport": "tcp",
    "host": "meters.local",
    "port": 502,
    "advanced": ADVANCED,
}
SERIAL: dict[str, Any] = {
    "name": "Riser",
    "transport": "serial",
    "device": "/dev/ttyUSB0",
    "baudrate": "19200",
    "parity": "even",
    "stopbits": "1",
    "advanced": ADVANCED,
}


class Walk:
    """One flow manager's flows: config flows, or those of subentries."""

    def __init__(self, hass: HomeAssistant, manager: Any) -> None:
        """Take the manager."""
        self._hass = hass
        self._manager = manager

    async def answer(self, flow: Any, answers: dict[str, Any] | None = None) -> Any:
        """Answer a step, and wait where it searches."""
        result = await self._manager.async_configure(flow["flow_id"], answers)
        while result["type"] is FlowResultType.SHOW_PROGRESS:
            await self._hass.async_block_till_done()
            result = await self._manager.async_configure(flow["flow_id"])
        return result

    async def choose(self, flow: Any, step: str) -> Any:
        """Choose from a menu."""
        return await self.answer(flow, {"next_step_id": step})


async def start(hass: HomeAssistant, step: str = "bacnet_network") -> Any:
    """Open the dialogue for an engine in Home Assistant, at what the building speaks."""
    first = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    if first["type"] is not FlowResultType.MENU:
        return first
    assert first["step_id"] == "user"
    assert first["menu_options"] == ["direct", "server"]
    protocol = await choose(hass, first, "direct")
    if protocol["type"] is not FlowResultType.MENU:
        return protocol
    assert protocol["menu_options"] == ["bacnet_network", "modbus_line"]
    return await choose(hass, protocol, step)


async def start_line(hass: HomeAssistant) -> Any:
    """Open the form of the first Modbus line."""
    return await start(hass, "modbus_line")


async def answer(hass: HomeAssistant, flow: Any, answers: Any = None) -> Any:
    """Answer a step of a config flow."""
    return await Walk(hass, hass.config_entries.flow).answer(flow, answers)


async def choose(hass: HomeAssistant, flow: Any, step: str) -> Any:
    """Choose from a menu of a config flow."""
    return await Walk(hass, hass.config_entries.flow).choose(flow, step)


async def change_unit(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk, unit_id: int, step: str
) -> Any:
    """Choose what to change of a Modbus device that is there."""
    flows = hass.config_entries.subentries
    menu = await flows.async_init(
        (entry.entry_id, "modbus_device"),
        context={
            "source": SOURCE_RECONFIGURE,
            "subentry_id": subentry(entry, f"device:line0001:{unit_id}").subentry_id,
        },
    )
    assert menu["menu_options"] == [
        "settings",
        "previewing",
        "metering",
        "on_dashboard",
        "paste_map",
    ]
    return await walk.choose(menu, step)


def field(result: Any, name: str) -> tuple[Any, Any]:
    """Return the marker and the selector of a form's field."""
    return next(
        (marker, value)
        for marker, value in result["data_schema"].schema.items()
        if marker == name
    )


def labels(result: Any, name: str) -> list[str]:
    """Return what a person reads of a field's options."""
    return [option["label"] for option in field(result, name)[1].config["options"]]


async def upload(hass: HomeAssistant, hass_client: Any, text: str) -> str:
    """Upload a file as the frontend does, and return its id."""
    assert await async_setup_component(hass, "file_upload", {})
    client = await hass_client()
    form = FormData()
    form.add_field("file", text.encode(), filename="given.pem")
    response = await client.post("/api/file_upload", data=form)
    found: str = (await response.json())["file_id"]
    return found
