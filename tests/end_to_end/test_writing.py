"""A person commands points; an independent client sees what the device holds."""

from typing import Any

import pytest

from tests.demo.house import DemoHouse
from tests.demo.writing import address_of, check_writing
from tests.home_assistant.plantroom import Entities
from tests.home_assistant.state_feed import StateFeed
from tests.home_assistant.websocket import CommandError
from tests.peers.rusty_client import RustyClient

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(400)]

WAIT_SECONDS = 30.0
BOX, SETPOINT = 2005, "analog-value,1"


async def write(house: DemoHouse, entity_id: str, **data: Any) -> dict[str, Any]:
    response = await house.api.action(
        "plantroom.write_property", {"entity_id": entity_id, **data}, response=True
    )
    result: dict[str, Any] = response[entity_id]
    return result


async def test_setpoint_is_written_and_released_in_the_device(
    house: DemoHouse, entities: Entities
):
    judgements = await check_writing(house.api, entities, house.building)
    assert [judgement.verdict for judgement in judgements] == ["verified"] * 3


async def test_switch_and_select_command_their_points(
    house: DemoHouse, entities: Entities, feed: StateFeed
):
    enable = entities.of_point(BOX, "binary-value,1")
    mode = entities.of_point(BOX, "multi-state-value,1")
    await house.api.action("switch.turn_off", {"entity_id": enable})
    await house.api.action(
        "select.select_option", {"entity_id": mode, "option": "Standby"}
    )
    async with RustyClient(port=house.building.port) as peer:
        address = address_of(house.building, BOX)
        held = await peer.read_opinion(address, "binary-value,1")
        chosen = await peer.read_opinion(address, "multi-state-value,1")
    assert (held.winning_priority, chosen.winning_priority) == (8, 8)
    assert chosen.present_value == 2
    await feed.wait_for(enable, "off", WAIT_SECONDS)
    await feed.wait_for(mode, "Standby", WAIT_SECONDS)
    await house.api.action(
        "button.press", {"entity_id": entities.of_device(BOX, "release_commands")}
    )
    for reference in ("binary-value,1", "multi-state-value,1"):
        truth = await house.building.get(BOX, reference)
        assert truth["priority_array"] == [None] * 16


async def test_write_below_an_override_says_who_is_in_command(
    house: DemoHouse, entities: Entities, feed: StateFeed
):
    entity_id = entities.of_point(BOX, SETPOINT)
    count = entities.of_device(BOX, "overridden_points")
    await house.building.override(BOX, SETPOINT, 5, 25.0)
    await feed.wait_for(entity_id, "25.0", WAIT_SECONDS)
    result = await write(house, entity_id, value=20.0)
    assert (result["verdict"], result["overridden_by"]) == ("overridden", 5)
    assert result["priority_array"][7] == 20.0
    await feed.wait_for(count, "1", WAIT_SECONDS)
    await feed.wait_until(
        lambda f: f.attributes[entity_id].get("overridden") is True, WAIT_SECONDS
    )
    with pytest.raises(CommandError, match="priority 5"):
        await house.api.action(
            "number.set_value", {"entity_id": entity_id, "value": 19.0}
        )
    await house.building.override(BOX, SETPOINT, 5, None)
    await house.api.action("plantroom.release", {"entity_id": entity_id})
    await feed.wait_for(entity_id, "21.5", WAIT_SECONDS)
    await feed.wait_for(count, "0", WAIT_SECONDS)


async def test_reserved_priority_is_refused_unless_asked_for(
    house: DemoHouse, entities: Entities
):
    entity_id = entities.of_point(BOX, SETPOINT)
    with pytest.raises(CommandError, match="reserved"):
        await write(house, entity_id, value=20.0, priority=1)
    result = await write(house, entity_id, value=20.0, priority=1, allow_reserved=True)
    assert result["verdict"] == "verified"
    await house.api.action(
        "plantroom.release",
        {"entity_id": entity_id, "priority": 1, "allow_reserved": True},
    )
    truth = await house.building.get(BOX, SETPOINT)
    assert truth["priority_array"] == [None] * 16


async def test_value_beyond_the_limits_never_reaches_the_device(
    house: DemoHouse, entities: Entities
):
    entity_id = entities.of_point(BOX, SETPOINT)
    before = await house.building.statistics()
    with pytest.raises(CommandError):
        await write(house, entity_id, value=99.0)
    after = await house.building.statistics()
    address = address_of(house.building, BOX)
    assert after[address].get("WriteProperty") == before[address].get("WriteProperty")


async def test_every_write_is_in_the_audit_log_with_its_author(
    house: DemoHouse, entities: Entities
):
    entity_id = entities.of_point(BOX, SETPOINT)
    await write(house, entity_id, value=23.0)
    answer = await house.api.action(
        "plantroom.audit_log", {"entity_id": entity_id, "limit": 5}, response=True
    )
    await house.api.action("plantroom.release", {"entity_id": entity_id})
    newest = answer["rows"][0]
    assert newest["verdict"] == "verified"
    assert "Demo" in newest["actor"]


async def test_any_property_of_a_device_can_be_read(
    house: DemoHouse, entities: Entities
):
    setpoint = entities.of_point(BOX, SETPOINT)
    device = next(e.device_id for e in entities.all if e.entity_id == setpoint)
    answer = await house.api.action(
        "plantroom.read_property",
        {"device_id": device, "object": SETPOINT, "property": "description"},
        response=True,
    )
    assert answer["value"] == "Room setpoint"
