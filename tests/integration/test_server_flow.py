"""Setting up an engine that runs in a server: a real process and real devices."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.requests import ScanRequest
from custom_components.plantroom.engine.wire import frames
from custom_components.plantroom.setup_flow import device_search
from tests.simulators.building import Building
from tests.simulators.modbus.side import ModbusSide
from tests.site import site_of, until

from .entries import subentry
from .flow_steps import Walk, answer, choose, labels
from .office import entity_id_of
from .server_entries import server_entry
from .server_process import (
    TOKEN,
    ServerProcess,
    encrypted_server,
    server_process,
)

AHU = 1001
SUPPLY = "1001:analog-input,1"
ADVANCED = {"timeout_seconds": 10, "spacing_seconds": 0, "search_to": 8}
PLAIN = {"host": "127.0.0.1", "token": TOKEN, "tls": "none"}


@pytest.fixture
async def building(socket_enabled: None) -> AsyncIterator[Building]:
    """Run an air handler."""
    async with Building(profile="office", only=(AHU,)) as started:
        yield started


@pytest.fixture
async def server(
    building: Building, tmp_path: Path, hass: HomeAssistant
) -> AsyncIterator[ServerProcess]:
    """Run a server that serves nothing yet."""
    async with server_process(tmp_path / "server") as started:
        yield started


async def ask_for_server(hass: HomeAssistant) -> Any:
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert menu["menu_options"] == ["direct", "server"]
    return await choose(hass, menu, "server")


async def connect(hass: HomeAssistant, server: ServerProcess, **facts: Any) -> Any:
    form = await ask_for_server(hass)
    assert form["step_id"] == "server"
    return await answer(hass, form, {**PLAIN, "port": server.port, **facts})


async def shown(hass: HomeAssistant, unique_id: str) -> bool:
    try:
        state = hass.states.get(entity_id_of(hass, unique_id))
    except StopIteration:
        return False
    return state is not None and state.state not in {"unknown", "unavailable"}


async def shows(hass: HomeAssistant, unique_id: str) -> None:
    """Wait until an entity is there and has a value."""
    async with asyncio.timeout(60):
        while not await shown(hass, unique_id):
            await hass.async_block_till_done()
            await asyncio.sleep(0.05)


async def test_the_first_network_is_searched_by_the_server(
    hass: HomeAssistant,
    building: Building,
    server: ServerProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The building answers in this process, which may be held up for longer than usual
    patient = partial(ScanRequest, seconds=12.0)
    monkeypatch.setattr(device_search, "ScanRequest", patient)
    menu = await connect(hass, server)
    assert menu["step_id"] == "protocol"
    form = await choose(hass, menu, "bacnet_network")
    devices = await answer(
        hass,
        form,
        {
            "name": "Building",
            "address": "127.0.0.1/8",
            "port": building.port,
            "instance": 4194000,
            "across_subnets": {"bbmd_ttl": 300},
        },
    )
    assert devices["step_id"] == "devices", devices
    ticked = [
        marker.default()
        for marker in devices["data_schema"].schema
        if marker == "devices"
    ]
    done = await answer(hass, devices, {"devices": ticked[0]})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    entry = done["result"]
    assert entry.unique_id == server.server_id
    assert entry.title == "Plantroom (127.0.0.1)"
    assert entry.data["token"] == TOKEN
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    network_id = next(iter(entry.subentries.values())).data["network_id"]
    await shows(hass, f"{network_id}:{SUPPLY}")


async def test_a_line_is_opened_and_searched_by_the_server(
    hass: HomeAssistant, server: ServerProcess
) -> None:
    async with ModbusSide(speed=0, only=("gateway",)) as side:
        side.pass_time(600)
        line = side.line_config("gateway")
        menu = await connect(hass, server)
        form = await choose(hass, menu, "modbus_line")
        answers = {"name": "Switch room", "transport": "tcp", "host": line.host}
        answers |= {"port": line.port, "advanced": ADVANCED}
        units = await answer(hass, form, answers)
        assert units["step_id"] == "units", units
        assert labels(units, "units") == ["ABB B23, B24, 64 points (unit 4)"]
        values = await answer(hass, units, {"units": ["4"]})
        assert "kWh |" in values["description_placeholders"]["values"]
        done = await choose(hass, values, "take_units")
        entry = done["result"]
        await hass.async_block_till_done()
        line_id, unit_id = (s.unique_id for s in entry.subentries.values())
        assert line_id.startswith("network:")
        device_id = unit_id.removeprefix("device:")
        await until(lambda: entry.runtime_data.client.mirror.points_of(device_id))
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_network_that_is_changed_is_tried_on_the_server_first(
    hass: HomeAssistant, building: Building, server: ServerProcess, walk: Walk
) -> None:
    # Polled: what it would tell the network that is tried has no answer in time
    site = site_of(building, AHU, change_of_value=False)
    entry = await server_entry(hass, server, site)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    client = entry.runtime_data.client
    network = subentry(entry, "network:n")
    context = {"source": SOURCE_RECONFIGURE, "subentry_id": network.subentry_id}
    form = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "bacnet_network"), context=context
    )
    answers = {"name": "Lan", "port": building.port, "instance": 4193999}
    answers["across_subnets"] = {"bbmd_ttl": 300}
    wrong = await walk.answer(form, {**answers, "address": "10.98.76.54/24"})
    assert wrong["errors"] == {"address": "interface_gone"}
    assert (await client.site()).networks[0].address == "127.0.0.1/8"
    done = await walk.answer(wrong, {**answers, "address": "127.0.0.1/8"})
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    client = entry.runtime_data.client
    assert (await client.site()).networks[0].instance == 4193999
    assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("facts", "errors"),
    [
        ({"token": "of another server"}, {"token": "wrong_token"}),
        ({"host": "ho st"}, {"host": "bad_host"}),
        ({"tls": "pinned", "fingerprint": "12:34"}, {"fingerprint": "bad_fingerprint"}),
        ({"tls": "pinned"}, {"tls": "server_no_tls"}),
        ({"port": 1}, {"port": "server_refused"}),
    ],
)
async def test_what_is_wrong_is_said_where_it_is(
    hass: HomeAssistant,
    server: ServerProcess,
    facts: dict[str, Any],
    errors: dict[str, str],
) -> None:
    form = await connect(hass, server, **facts)
    assert form["errors"] == errors
    again = await answer(hass, form, {**PLAIN, "port": server.port})
    assert again["step_id"] == "protocol"


@pytest.mark.parametrize(
    ("ours", "key"),
    [((7, 7), "server_too_old"), ((0, 0), "integration_too_old")],
)
async def test_the_side_that_is_too_old_is_named(
    hass: HomeAssistant,
    server: ServerProcess,
    monkeypatch: pytest.MonkeyPatch,
    ours: tuple[int, int],
    key: str,
) -> None:
    schema, minimum = ours
    for module in (frames, "custom_components.plantroom.connection.websocket"):
        monkeypatch.setattr(_named(module, "SCHEMA"), schema)
        monkeypatch.setattr(_named(module, "MINIMUM_SCHEMA"), minimum)
    form = await connect(hass, server)
    assert form["errors"] == {"base": key}


def _named(module: Any, name: str) -> str:
    return f"{module if isinstance(module, str) else module.__name__}.{name}"


async def test_a_certificate_is_compared_before_the_token_is_sent(
    hass: HomeAssistant, building: Building, tmp_path: Path
) -> None:
    async with encrypted_server(tmp_path) as server:
        facts = {"tls": "pinned", "token": "wrong at first"}
        step = await connect(hass, server, **facts)
        assert step["step_id"] == "trust"
        assert step["description_placeholders"]["fingerprint"] == server.fingerprint
        assert "Refused a client" not in server.log
        form = await answer(hass, step, {})
        assert form["errors"] == {"token": "wrong_token"}
        wrong = {**PLAIN, **facts, "port": server.port, "fingerprint": "0" * 64}
        form = await answer(hass, form, wrong)
        assert form["errors"] == {"fingerprint": "wrong_fingerprint"}
        right = {**wrong, "token": TOKEN, "fingerprint": server.fingerprint.upper()}
        menu = await answer(hass, form, right)
        assert menu["step_id"] == "protocol"


async def test_what_a_server_serves_already_is_taken(
    hass: HomeAssistant, building: Building, server: ServerProcess
) -> None:
    before = await server_entry(hass, server, site_of(building, AHU, poll_seconds=7))
    assert await hass.config_entries.async_setup(before.entry_id)
    await hass.async_block_till_done()
    await hass.config_entries.async_remove(before.entry_id)
    adopt = await connect(hass, server)
    assert adopt["step_id"] == "adopt"
    assert adopt["description_placeholders"]["devices"] == "1"
    done = await answer(hass, adopt, {})
    entry = done["result"]
    assert not entry.data["follows"]
    device = next(
        s for s in entry.subentries.values() if s.unique_id == "device:n:1001"
    )
    assert device.data["poll_seconds"] == 7
    await shows(hass, f"n:{SUPPLY}")


async def test_a_server_with_a_file_is_followed(
    hass: HomeAssistant, building: Building, tmp_path: Path, walk: Walk
) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(
        f"networks: [{{network_id: n, name: Lan, address: 127.0.0.1/8,"
        f" port: {building.port}}}]\n"
        f"devices: [{{network_id: n, instance: {AHU}}}]\n"
    )
    async with server_process(tmp_path / "server", "--site", str(site)) as server:
        menu = await connect(hass, server)
        assert menu["step_id"] == "read_only"
        assert menu["menu_options"] == ["follow"]
        done = await choose(hass, menu, "follow")
        entry = done["result"]
        await shows(hass, f"n:{SUPPLY}")
        refused = await hass.config_entries.subentries.async_init(
            (entry.entry_id, "bacnet_network"), context={"source": SOURCE_USER}
        )
        assert refused["reason"] == "read_only"
        options = await hass.config_entries.options.async_init(entry.entry_id)
        assert options["reason"] == "read_only"
        site.write_text(site.read_text().replace("devices:", "devices: []\n#"))
        await server.stop()
        await server.start()
        await until(lambda: len(entry.subentries) == 1, 30)
        await hass.async_block_till_done()
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_another_ones_server_is_followed_or_taken_over(
    hass: HomeAssistant, building: Building, server: ServerProcess
) -> None:
    other = await server_entry(
        hass, server, site_of(building, AHU), client_id="another-home-assistant"
    )
    assert await hass.config_entries.async_setup(other.entry_id)
    await hass.async_block_till_done()
    assert await hass.config_entries.async_remove(other.entry_id)
    menu = await connect(hass, server)
    assert menu["menu_options"] == ["follow", "take_over"]
    done = await choose(hass, menu, "take_over")
    entry = done["result"]
    await shows(hass, f"n:{SUPPLY}")
    assert entry.runtime_data.client.may_configure
