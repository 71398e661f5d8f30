"""What is wrong with events becomes a repair once it lasts, and goes with its cause."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.repairs.const import FlowType
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.plantroom.const import DOMAIN
from custom_components.plantroom.engine.errors import PlantroomError
from custom_components.plantroom.engine.events import SubscriptionChanged
from custom_components.plantroom.engine.gateway.models import (
    ParkedEvent,
    SubscriptionState,
)
from custom_components.plantroom.gateway_reports import PATIENCE, GatewayIssue

from .entries import subentry
from .fake_engine import FakeConnection, World
from .fake_gateway import AT, DATABASE, FILLED, PLANT, RUNNING, served, served_entry

SITE = replace(
    FILLED,
    gateway=replace(
        FILLED.gateway, subscriptions=(replace(PLANT, store_id=DATABASE.store_id),)
    ),
)
REFUSED = "password or user is not accepted by KurrentDB"
WRONG: dict[GatewayIssue, dict[str, Any]] = {
    GatewayIssue.STOPPED: {
        "state": SubscriptionState.STOPPED,
        "reason": "event_source_refused",
        "detail": REFUSED,
    },
    GatewayIssue.STORE_SILENT: {
        "state": SubscriptionState.CONNECTING,
        "reason": "event_source_error",
        "detail": "KurrentDB does not answer",
    },
    GatewayIssue.PARKED: {"parked": 3},
    GatewayIssue.CACHE_LOST: {"cache_connected": False},
    GatewayIssue.COMMANDS_WAITING: {"commands_waiting": 2},
    GatewayIssue.INLET_SILENT: {"inlet_problem": "The broker refuses the password"},
}


@pytest.fixture(autouse=True)
def at_the_server(world: World) -> Iterator[None]:
    with served(world):
        yield


@pytest.fixture
async def entry(hass: HomeAssistant, world: World) -> Any:
    """Set up what asks for one subscription, and repairs."""
    assert await async_setup_component(hass, "repairs", {})
    made = served_entry(hass, SITE)
    assert await hass.config_entries.async_setup(made.entry_id)
    await hass.async_block_till_done()
    return made


def found(hass: HomeAssistant, issue: GatewayIssue) -> ir.IssueEntry | None:
    return next(
        (
            each
            for each in ir.async_get(hass).issues.values()
            if each.domain == DOMAIN and each.translation_key == issue and each.active
        ),
        None,
    )


def standing(hass: HomeAssistant) -> set[str | None]:
    return {
        each.translation_key
        for each in ir.async_get(hass).issues.values()
        if each.domain == DOMAIN and each.active
    }


async def tell(hass: HomeAssistant, engine: FakeConnection, **facts: Any) -> None:
    engine.tell(SubscriptionChanged(status=replace(RUNNING, **facts)))
    await hass.async_block_till_done()


async def pass_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, time: timedelta
) -> None:
    freezer.tick(time)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


async def mend(hass: HomeAssistant, issue: GatewayIssue) -> Any:
    """Open the dialogue of a repair, as the page does."""
    flows = hass.data["repairs"]["flow_manager"]
    entry = found(hass, issue)
    assert entry is not None
    return await flows.async_init(DOMAIN, data={"issue_id": entry.issue_id})


async def go_on(hass: HomeAssistant, flow: Any, answer: dict[str, Any]) -> Any:
    flows = hass.data["repairs"]["flow_manager"]
    return await flows.async_configure(flow["flow_id"], answer)


@pytest.mark.parametrize("issue", GatewayIssue)
async def test_what_lasts_is_a_repair_and_goes_with_its_cause(
    hass: HomeAssistant,
    world: World,
    entry: Any,
    freezer: FrozenDateTimeFactory,
    issue: GatewayIssue,
) -> None:
    engine = world.running[0]
    await tell(hass, engine, **WRONG[issue])
    if PATIENCE[issue]:
        await pass_time(hass, freezer, PATIENCE[issue] - timedelta(seconds=5))
        await tell(hass, engine, **WRONG[issue], handled=346)
        assert standing(hass) == set()
        await pass_time(hass, freezer, timedelta(seconds=6))
    assert standing(hass) == {issue}
    told = found(hass, issue)
    assert told is not None
    facts = told.translation_placeholders or {}
    assert facts["name"] == "Plant"
    assert facts["detail"] in {WRONG[issue].get("detail"), "?"}
    await tell(hass, engine)
    assert standing(hass) == set()


async def test_what_passes_by_itself_is_no_repair(
    hass: HomeAssistant, world: World, entry: Any, freezer: FrozenDateTimeFactory
) -> None:
    engine = world.running[0]
    for _ in range(3):
        await tell(hass, engine, **WRONG[GatewayIssue.CACHE_LOST])
        await pass_time(hass, freezer, timedelta(seconds=40))
        await tell(hass, engine)
    assert standing(hass) == set()


async def test_the_number_of_parked_events_is_kept_right(
    hass: HomeAssistant, world: World, entry: Any, freezer: FrozenDateTimeFactory
) -> None:
    engine = world.running[0]
    await tell(hass, engine, parked=3)
    await pass_time(hass, freezer, timedelta(seconds=31))
    await tell(hass, engine, parked=5)
    told = found(hass, GatewayIssue.PARKED)
    assert told is not None
    assert (told.translation_placeholders or {})["count"] == "5"
    assert told.severity is ir.IssueSeverity.WARNING


async def test_repairs_outlive_a_reload_and_a_server_that_is_away(
    hass: HomeAssistant, world: World, entry: Any, freezer: FrozenDateTimeFactory
) -> None:
    world.gateway.statuses["plant"] = replace(RUNNING, parked=3)
    await tell(hass, world.running[0], parked=3)
    await pass_time(hass, freezer, timedelta(seconds=31))
    assert standing(hass) == {GatewayIssue.PARKED}
    world.running[0].lose()
    await hass.async_block_till_done()
    assert standing(hass) == {GatewayIssue.PARKED}
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert standing(hass) == {GatewayIssue.PARKED}


async def test_a_subscription_or_an_entry_that_is_removed_takes_its_repairs_along(
    hass: HomeAssistant, world: World, entry: Any
) -> None:
    await tell(hass, world.running[0], **WRONG[GatewayIssue.STOPPED])
    assert standing(hass) == {GatewayIssue.STOPPED}
    item = subentry(entry, "event_subscription:plant")
    hass.config_entries.async_remove_subentry(entry, item.subentry_id)
    await hass.async_block_till_done()
    assert standing(hass) == set()


async def test_an_entry_that_is_removed_leaves_no_repair(
    hass: HomeAssistant, world: World, entry: Any
) -> None:
    await tell(hass, world.running[0], **WRONG[GatewayIssue.STOPPED])
    assert await hass.config_entries.async_remove(entry.entry_id)
    assert standing(hass) == set()


async def test_a_subscription_that_stopped_is_mended_in_its_dialogues(
    hass: HomeAssistant, world: World, entry: Any
) -> None:
    await tell(hass, world.running[0], **WRONG[GatewayIssue.STOPPED])
    for step, kind in (
        ("change_store", "event_store"),
        ("change_subscription", "event_subscription"),
    ):
        menu = await mend(hass, GatewayIssue.STOPPED)
        assert menu["menu_options"] == [
            "change_store",
            "change_subscription",
            "try_again",
        ]
        assert menu["description_placeholders"]["detail"] == REFUSED
        opened = await go_on(hass, menu, {"next_step_id": step})
        assert opened["reason"] == "changing"
        what, flow_id = opened["next_flow"]
        assert what is FlowType.CONFIG_SUBENTRIES_FLOW
        flow = hass.config_entries.subentries.async_get(flow_id)
        assert flow["handler"] == (entry.entry_id, kind)
        assert standing(hass) == {GatewayIssue.STOPPED}


async def test_what_was_mended_elsewhere_is_tried_again(
    hass: HomeAssistant, world: World, entry: Any
) -> None:
    await tell(hass, world.running[0], **WRONG[GatewayIssue.STOPPED])
    menu = await mend(hass, GatewayIssue.STOPPED)
    done = await go_on(hass, menu, {"next_step_id": "try_again"})
    assert done["type"] == "create_entry"
    assert world.gateway.resumed == ["plant"]
    assert standing(hass) == set()
    await tell(hass, world.running[0], **WRONG[GatewayIssue.STOPPED])
    assert standing(hass) == {GatewayIssue.STOPPED}
    world.failures["resume_subscription"] = PlantroomError("The server is busy")
    menu = await mend(hass, GatewayIssue.STOPPED)
    failed = await go_on(hass, menu, {"next_step_id": "try_again"})
    assert failed["reason"] == "failed"
    assert failed["description_placeholders"] == {"message": "The server is busy"}


async def test_parked_events_are_replayed_once_a_person_agreed(
    hass: HomeAssistant, world: World, entry: Any, freezer: FrozenDateTimeFactory
) -> None:
    world.gateway.parked = [
        ParkedEvent(
            subscription_id="plant",
            event_id=str(number),
            position=number,
            event_type="ValueUpdate",
            reason=f"unknown-object: no analog-input,{number}",
            at=AT,
        )
        for number in range(3)
    ]
    await tell(hass, world.running[0], parked=3)
    await pass_time(hass, freezer, timedelta(seconds=31))
    form = await mend(hass, GatewayIssue.PARKED)
    reasons = form["description_placeholders"]["reasons"]
    assert reasons == "- ValueUpdate: unknown-object (3)"
    assert world.gateway.replayed == []
    await go_on(hass, form, {})
    assert world.gateway.replayed == ["plant"]
    # While they are tried again there is nothing to say; after that there is
    await tell(hass, world.running[0], parked=3)
    assert standing(hass) == set()
    await pass_time(hass, freezer, timedelta(seconds=31))
    assert standing(hass) == {GatewayIssue.PARKED}


async def test_a_followed_server_says_where_it_is_changed(
    hass: HomeAssistant, world: World, entry: Any
) -> None:
    await tell(hass, world.running[0], **WRONG[GatewayIssue.STOPPED])
    menu = await mend(hass, GatewayIssue.STOPPED)
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "connection": "direct"}
    )
    opened = await go_on(hass, menu, {"next_step_id": "change_store"})
    assert opened["reason"] == "changed_elsewhere"
