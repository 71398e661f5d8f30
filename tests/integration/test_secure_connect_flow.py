"""A hub and a network on BACnet/SC are set up in dialogues, on a real server."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.diagnostics import async_get_config_entry_diagnostics
from custom_components.plantroom.engine.models import Problem, ProblemCode
from custom_components.plantroom.problem_reports import ProblemReports
from custom_components.plantroom.repairs import async_create_fix_flow
from tests.ports import free_port
from tests.server.secure_connect.certificates import make_authority
from tests.site import until

from .flow_steps import Walk, upload
from .secure_site import (
    act,
    add_hub,
    begin,
    change,
    hub_answers,
    ids_of,
    network_answers,
    secure_entry,
    settle,
    state_of,
)


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


@pytest.fixture
def person(hass_admin_user: Any) -> Iterator[str]:
    """Return the name of the person whose requests are served."""

    class Connection:
        user = hass_admin_user

    token = current_connection.set(Connection())  # type: ignore[arg-type]
    yield hass_admin_user.name
    current_connection.reset(token)


async def done_by(hass: HomeAssistant, person: str) -> list[str]:
    """Return what a person did to certificates, first things first."""
    answer = await act(hass, "audit_log", actor=person)
    rows = [row for row in answer["rows"][::-1] if row["verdict"] == "verified"]
    about = ("authority:", "credentials:")
    return [row["action"] for row in rows if row["point"].startswith(about)]


async def test_hub_and_network_are_joined_with_certificates_made_on_the_spot(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk, port: int
) -> None:
    await add_hub(hass, entry, walk, port)
    form = await begin(hass, entry, "secure_network")
    menu = await walk.answer(form, network_answers(port, check_host_names=True))
    assert menu["menu_options"] == ["choose", "issue", "request", "files"]
    issue = await walk.choose(menu, "issue")
    done = await walk.answer(issue, {"name": "Plantroom Tower"})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass, entry)
    hub_id, network_id = ids_of(entry)
    connection = f"{network_id}:hub_connection"
    await until(lambda: state_of(hass, connection).state == "primary", 30)
    assert state_of(hass, connection).attributes["hub_uri"] == f"wss://127.0.0.1:{port}"
    await until(lambda: state_of(hass, f"{hub_id}:hub_nodes").state == "1", 30)
    assert state_of(hass, f"{hub_id}:hub_listening").state == "on"
    assert state_of(hass, f"{network_id}:hub_drops").state == "0"
    for subject in (hub_id, network_id):
        assert state_of(hass, f"{subject}:certificate_expires").state > "2028"
    shown = str(await async_get_config_entry_diagnostics(hass, entry))
    assert "BEGIN" not in shown
    assert "Plantroom Tower" in shown


async def test_hub_that_does_not_trust_us_says_so_before_the_network_is_kept(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    walk: Walk,
    port: int,
    hass_client: Any,
) -> None:
    await add_hub(hass, entry, walk, port)
    form = await begin(hass, entry, "secure_network")
    menu = await walk.answer(form, network_answers(port))
    files = await walk.choose(menu, "files")
    stranger = make_authority("Elsewhere")
    identity = stranger.identity("Stranger")
    [ours] = entry.runtime_data.client.mirror.certificates.authorities
    given = {
        "certificate": identity.certificate,
        "key": identity.key,
        "authorities": stranger.pem + ours.certificate,
    }
    uploads = {
        name: await upload(hass, hass_client, text) for name, text in given.items()
    }
    failed = await walk.answer(files, uploads)
    assert failed["step_id"] == "not_connected"
    trouble = failed["description_placeholders"]["trouble"]
    assert "does not trust our certificate" in trouble
    issued = await walk.choose(failed, "credentials")
    form = await walk.choose(issued, "issue")
    done = await walk.answer(form, {"name": "Plantroom Tower"})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass, entry)


async def test_network_whose_hub_is_away_may_be_kept(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk, port: int
) -> None:
    form = await begin(hass, entry, "secure_network")
    wrong = await walk.answer(form, network_answers(port, failover="no hub at all"))
    assert wrong["errors"] == {"failover": "bad_uri"}
    menu = await walk.answer(wrong, network_answers(port))
    issue = await walk.choose(menu, "issue")
    answers = {"name": "Plantroom Tower", "host_names": ["not a name"]}
    refused = await walk.answer(issue, {**answers, "authority": "Tower"})
    assert refused["errors"] == {"base": "refused"}
    assert "not a name" in refused["description_placeholders"]["message"]
    failed = await walk.answer(refused, {"name": "Plantroom Tower"})
    assert "Nobody listens" in failed["description_placeholders"]["trouble"]
    again = await walk.choose(failed, "try_again")
    assert again["step_id"] == "not_connected"
    done = await walk.choose(again, "keep_anyway")
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass, entry)
    [network] = entry.get_subentries_of_type("secure_network")
    unique_id = f"{network.data['network_id']}:hub_connection"
    await until(lambda: state_of(hass, unique_id).state == "none", 30)


async def test_request_is_answered_in_a_later_dialogue(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    walk: Walk,
    port: int,
    hass_client: Any,
    person: str,
) -> None:
    await add_hub(hass, entry, walk, port)
    form = await begin(hass, entry, "secure_network")
    menu = await walk.answer(form, network_answers(port))
    asked = await walk.answer(
        await walk.choose(menu, "request"), {"name": "Plantroom Tower"}
    )
    request = asked["description_placeholders"]["request"].strip("`\n")
    assert "BEGIN CERTIFICATE REQUEST" in request
    hass.config_entries.subentries.async_abort(asked["flow_id"])

    menu = await change(hass, entry, "secure_hub")
    signed = await walk.answer(await walk.choose(menu, "sign"), {"request": request})
    shown = signed["description_placeholders"]
    assert shown["subject"] == "CN=Plantroom Tower"
    certificate = shown["certificate"].strip("`\n")
    ended = await walk.answer(signed, {})
    assert ended["reason"] == "certificate_signed"

    form = await begin(hass, entry, "secure_network")
    menu = await walk.answer(form, network_answers(port))
    waiting = await walk.choose(menu, "answer")
    nothing = await walk.answer(waiting, {})
    assert nothing["errors"] == {"certificate": "no_certificate"}
    authorities = await upload(
        hass, hass_client, shown["authorities"].strip("`\n") + "\n"
    )
    done = await walk.answer(
        nothing, {"answer": f"{certificate}\n", "authorities": authorities}
    )
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass, entry)
    assert await done_by(hass, person) == [
        "make_authority",
        "issue_credentials",
        "request_credentials",
        "sign_request",
        "import_credentials",
    ]


async def test_certificate_that_ends_is_renewed_by_a_repair(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk, port: int, person: str
) -> None:
    await add_hub(hass, entry, walk, port)
    client = entry.runtime_data.client
    [before] = client.mirror.certificates.credentials
    facts = {"name": before.name, "days": "7", "date": "2026-11-28", "renewable": "yes"}
    problem = Problem(
        code=ProblemCode.CERTIFICATE_EXPIRES,
        subject=before.credentials_id,
        facts=facts,
    )
    client.mirror.problems = (problem,)
    ProblemReports(hass, entry, client).start()()
    issue_id = f"{entry.entry_id}_certificate_expires_{before.credentials_id}"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.severity is ir.IssueSeverity.ERROR
    assert (issue.is_fixable, issue.translation_key) == (
        True,
        "certificate_expires_renewable",
    )
    flow = await async_create_fix_flow(hass, issue_id, issue.data)
    flow.hass, flow.issue_id = hass, issue_id
    form = await flow.async_step_init()
    assert form["step_id"] == "confirm"
    assert form["description_placeholders"]["date"] == "2026-11-28"
    done = await flow.async_step_confirm({})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    [after] = client.mirror.certificates.credentials
    assert after.fingerprint != before.fingerprint
    assert await done_by(hass, person) == [
        "make_authority",
        "issue_credentials",
        "renew_credentials",
    ]


async def test_settings_and_certificate_of_a_network_are_changed(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk, port: int
) -> None:
    await add_hub(hass, entry, walk, port)
    form = await begin(hass, entry, "secure_network")
    menu = await walk.answer(form, network_answers(port))
    await walk.answer(await walk.choose(menu, "choose"), {"credentials": "our-hub"})
    await settle(hass, entry)
    menu = await change(hass, entry, "secure_network")
    issue = await walk.choose(await walk.choose(menu, "credentials"), "issue")
    done = await walk.answer(issue, {"name": "Our node"})
    assert done["reason"] == "reconfigure_successful"
    await settle(hass, entry)
    menu = await change(hass, entry, "secure_network")
    settings = await walk.choose(menu, "settings")
    done = await walk.answer(settings, network_answers(port, name="Tower 2"))
    assert done["reason"] == "reconfigure_successful"
    await settle(hass, entry)
    [network] = entry.get_subentries_of_type("secure_network")
    assert (network.title, network.data["credentials"]) == ("Tower 2", "our-node")


async def test_settings_of_a_hub_are_changed(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk, port: int
) -> None:
    await add_hub(hass, entry, walk, port)
    menu = await change(hass, entry, "secure_hub")
    settings = await walk.choose(menu, "settings")
    ready = await walk.answer(settings, hub_answers(port) | {"max_nodes": 30})
    assert ready["step_id"] == "ready"
    done = await walk.answer(ready, {})
    assert done["reason"] == "reconfigure_successful"
    await settle(hass, entry)
    [hub] = entry.get_subentries_of_type("secure_hub")
    assert hub.data["max_nodes"] == 30


async def test_repair_says_the_exact_cause_until_it_is_mended(
    hass: HomeAssistant, entry: MockConfigEntry, walk: Walk, port: int
) -> None:
    await add_hub(hass, entry, walk, port, host_names=[])
    form = await begin(hass, entry, "secure_network")
    menu = await walk.answer(form, network_answers(port, check_host_names=True))
    issue = await walk.choose(menu, "issue")
    failed = await walk.answer(issue, {"name": "Our node"})
    cause = "does not name this host"
    assert cause in failed["description_placeholders"]["trouble"]
    await walk.choose(failed, "keep_anyway")
    await settle(hass, entry)
    _, network_id = ids_of(entry)
    issue_id = f"{entry.entry_id}_hub_not_joined_{network_id}"
    registry = ir.async_get(hass)
    await until(lambda: registry.async_get_issue(DOMAIN, issue_id), 30)
    repair = registry.async_get_issue(DOMAIN, issue_id)
    assert repair is not None
    shown = repair.translation_placeholders
    assert shown is not None
    assert cause in shown["reason"]
    assert (shown["name"], shown["hub"]) == ("Tower", f"wss://127.0.0.1:{port}")
    menu = await change(hass, entry, "secure_network")
    settings = await walk.choose(menu, "settings")
    done = await walk.answer(settings, network_answers(port))
    assert done["reason"] == "reconfigure_successful"
    await settle(hass, entry)
    await until(lambda: registry.async_get_issue(DOMAIN, issue_id) is None, 30)


@pytest.mark.parametrize("kind", ["secure_network", "secure_hub"])
async def test_engine_in_home_assistant_says_that_it_needs_a_server(
    hass: HomeAssistant, kind: str
) -> None:
    entry = MockConfigEntry(domain=DOMAIN, data={"connection": "direct"})
    entry.add_to_hass(hass)
    refused = await begin(hass, entry, kind)
    assert (refused["type"], refused["reason"]) == (
        FlowResultType.ABORT,
        "needs_server",
    )
