"""Devices behind a real hub become entities; renewal and roll-over cut nobody off."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from plantroom_server.secure_connect.kept_certificates import KeptCertificates
from plantroom_server.secure_connect.node import SecureNode
from plantroom_server.secure_connect.node_building import secure_node
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.diagnostics import async_get_device_diagnostics
from custom_components.plantroom.engine.secure_connect.certificates import (
    CredentialsImport,
    CredentialsOrder,
)
from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureNetworkConfig,
)
from tests.ports import free_port
from tests.server.secure_connect.certificates import make_authority
from tests.simulators.building import Building
from tests.site import until

from .flow_steps import Walk
from .secure_site import (
    act,
    add_hub,
    begin,
    ids_of,
    network_answers,
    secure_entry,
    settle,
    state_of,
)

AHU = 1001


@pytest.fixture
async def entry(
    hass: HomeAssistant, socket_enabled: None, tmp_path: Path
) -> AsyncIterator[MockConfigEntry]:
    async with secure_entry(hass, tmp_path / "server") as added:
        yield added


@pytest.fixture
def walk(hass: HomeAssistant) -> Walk:
    return Walk(hass, hass.config_entries.subentries)


@pytest.fixture
def port() -> int:
    return free_port()


async def join(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk, port: int
) -> None:
    """Add a hub and a network of its own credentials, and wait for the node."""
    await add_hub(hass, entry, walk, port)
    form = await begin(hass, entry, "secure_network")
    menu = await walk.answer(form, network_answers(port))
    issue = await walk.choose(menu, "issue")
    await walk.answer(issue, {"name": "Our node"})
    await settle(hass, entry)
    _, network_id = ids_of(entry)
    mirror = entry.runtime_data.client.mirror
    await until(lambda: network_id in mirror.secure_networks, 30)
    await until(lambda: mirror.secure_networks[network_id].connection == "primary", 30)


@pytest.fixture
async def controller(
    hass: HomeAssistant,
) -> AsyncIterator[KeptCertificates]:
    """Return what another maker's controller keeps of certificates."""
    kept = KeptCertificates(None)
    await kept.start()
    yield kept
    await kept.stop()


@pytest.fixture
async def nodes() -> AsyncIterator[list[SecureNode]]:
    """Close what a test opens."""
    opened: list[SecureNode] = []
    yield opened
    for each in opened:
        await each.close()


async def test_device_behind_the_hub_is_found_and_shown(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    walk: Walk,
    port: int,
    controller: KeptCertificates,
    nodes: list[SecureNode],
) -> None:
    await join(hass, entry, walk, port)
    asked = await controller.request(CredentialsOrder(name="AHU 1"))
    signed = await act(hass, "sign_certificate_request", request=asked.request)
    await controller.import_credentials(
        CredentialsImport(
            certificate=signed["certificate"], authorities=signed["authorities"]
        )
    )

    def node(instance: int) -> SecureNode:
        config = SecureNetworkConfig(
            network_id=str(instance),
            name="AHU",
            primary=f"wss://127.0.0.1:{port}",
            credentials="ahu-1",
        )
        nodes.append(secure_node(config, None, controller))
        return nodes[-1]

    hub_id, network_id = ids_of(entry)
    mirror = entry.runtime_data.client.mirror
    async with Building(profile="office", port=1, only=(AHU,), node=node):
        await until(lambda: mirror.secure_hubs[hub_id].nodes == 2, 30)
        menu = await begin(hass, entry, "bacnet_device")
        assert menu["description_placeholders"] == {"network": "Tower"}
        asked_address = await walk.choose(menu, "by_address")
        wrong = await walk.answer(asked_address, {"address": "192.0.2.7"})
        assert wrong["errors"] == {"address": "bad_address"}
        found = await walk.answer(wrong, {"instance": AHU})
        assert found["step_id"] == "devices"
        [option] = found["data_schema"].schema["devices"].config["options"]
        done = await walk.answer(
            found,
            {"devices": [option["value"]], "hearing": "ignore", "backfill": False},
        )
        assert done["type"] is FlowResultType.CREATE_ENTRY
        await settle(hass, entry)
        supply = f"{network_id}:{AHU}:analog-input,1"
        mirror = entry.runtime_data.client.mirror
        await until(lambda: supply in mirror.readings, 60)
        await hass.async_block_till_done()
        unsaid = {"unknown", "unavailable"}
        await until(lambda: state_of(hass, supply).state not in unsaid, 60)
        assert float(state_of(hass, supply).state)


async def test_actions_issue_export_sign_and_roll_over(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk, port: int
) -> None:
    await add_hub(hass, entry, walk, port)
    await act(hass, "issue_certificate", name="AHU 3")
    exported = await act(
        hass, "export_certificate", credentials_id="ahu-3", passphrase="correct horse"
    )
    assert exported["pkcs12"]
    with pytest.raises(ServiceValidationError, match="passphrase of 8 characters"):
        await act(
            hass, "export_certificate", credentials_id="ahu-3", passphrase="short"
        )
    await act(hass, "remove_certificate", credentials_id="ahu-3")
    with pytest.raises(ServiceValidationError, match="There is no ahu-3"):
        await act(hass, "renew_certificate", credentials_id="ahu-3")
    with pytest.raises(ServiceValidationError, match="in use"):
        await act(hass, "remove_certificate", credentials_id="our-hub")
    await act(hass, "make_authority", name="Tower, next")
    stock = await act(hass, "list_certificates")
    assert [each["signs"] for each in stock["authorities"]] == [True, False]
    renewed = await act(hass, "renew_certificate", credentials_id="our-hub")
    assert renewed["issuer"] == "CN=Tower\\, next"
    await act(
        hass, "distrust_authority", fingerprint=stock["authorities"][1]["fingerprint"]
    )
    assert len((await act(hass, "list_certificates"))["authorities"]) == 1
    other = make_authority("Other maker")
    trusting = await act(
        hass, "trust_authority", credentials_id="our-hub", authorities=other.pem
    )
    assert len(trusting["authorities"]) == 2
    with pytest.raises(ServiceValidationError, match="cannot be read"):
        await act(hass, "sign_certificate_request", request="nothing")


async def test_audit_log_names_who_took_a_key_and_who_signed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    walk: Walk,
    port: int,
    hass_admin_user: Any,
) -> None:
    await add_hub(hass, entry, walk, port)
    ada, phrase = Context(user_id=hass_admin_user.id), "correct horse"
    named = {"credentials_id": "our-hub"}
    await act(hass, "export_certificate", ada, **named, passphrase=phrase)
    await act(hass, "renew_certificate", ada, **named)
    with pytest.raises(ServiceValidationError, match="in use"):
        await act(hass, "remove_certificate", ada, **named)
    device = await KeptCertificates(None).request(CredentialsOrder(name="AHU 3"))
    await act(hass, "sign_certificate_request", ada, request=device.request)
    answer = await act(hass, "audit_log", actor=hass_admin_user.name)
    done = [row for row in answer["rows"][::-1] if row["verdict"] != "requested"]
    assert [(row["action"], row["verdict"], row["detail"]) for row in done][2:3] == [
        ("remove_credentials", "failed", "in_use")
    ]
    assert [row["action"] for row in done] == [
        "export_key", "renew_credentials", "remove_credentials", "sign_request",
    ]  # fmt: skip
    assert {row["point"] for row in done[:3]} == {"credentials:our-hub"}
    assert phrase not in str(answer)
    answer = await act(hass, "export_audit_log", actions=["export_key"])
    assert hass_admin_user.name in answer["csv"]
    assert phrase not in answer["csv"]


async def test_renewal_cuts_nobody_off_the_hub(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk, port: int
) -> None:
    await add_hub(hass, entry, walk, port)
    form = await begin(hass, entry, "secure_network")
    menu = await walk.answer(form, network_answers(port))
    issue = await walk.choose(menu, "issue")
    await walk.answer(issue, {"name": "Our node"})
    await settle(hass, entry)
    hub_id, network_id = ids_of(entry)
    mirror = entry.runtime_data.client.mirror
    await until(lambda: network_id in mirror.secure_networks, 30)
    await until(lambda: mirror.secure_networks[network_id].connection == "primary", 30)
    [device] = [
        each
        for each in dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
        if each.model == "BACnet/SC hub"
    ]
    [node] = (await act(hass, "list_hub_nodes", device_id=device.id))["nodes"]
    assert node["subject"] == "CN=Our node"
    await until(lambda: mirror.secure_hubs[hub_id].nodes == 1, 30)
    shown = await async_get_device_diagnostics(hass, entry, device)
    assert shown["hub"]["nodes"] == len(shown["nodes"]) == 1
    for credentials_id in ("our-hub", "our-node"):
        await act(hass, "renew_certificate", credentials_id=credentials_id)
    await until(lambda: mirror.secure_hubs[hub_id].nodes == 1, 30)
    assert mirror.secure_networks[network_id].connection == "primary"
    assert mirror.secure_networks[network_id].drops == 0
    assert mirror.problems == ()
