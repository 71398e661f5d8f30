"""A network that is tried before it is kept."""

import asyncio
from unittest.mock import patch

import pytest
from homeassistant.core import HomeAssistant

from custom_components.plantroom.engine.errors import StorageError
from custom_components.plantroom.engine.events import NetworkStatusChanged, Progress
from custom_components.plantroom.engine.models import (
    Health,
    NetworkStatus,
    Problem,
    ProblemCode,
)
from custom_components.plantroom.runtime import direct_client

from .entries import AIR_HANDLER
from .fake_engine import AT, World
from .flow_steps import ANSWERS, answer, start

pytestmark = pytest.mark.usefixtures("world")


@pytest.mark.parametrize(
    ("code", "facts", "errors"),
    [
        (ProblemCode.PORT_IN_USE, {"owner": "hass (7)"}, {"port": "port_in_use"}),
        (ProblemCode.PORT_IN_USE, {}, {"port": "port_in_use_unknown"}),
        (ProblemCode.INTERFACE_GONE, {}, {"address": "interface_gone"}),
        (ProblemCode.BBMD_REFUSED, {"reason": "refused"}, {"base": "bbmd_refused"}),
        (ProblemCode.BBMD_REFUSED, {"reason": "silent"}, {"base": "bbmd_silent"}),
    ],
)
@pytest.mark.parametrize("told_by", ["status", "problem"])
async def test_a_network_that_does_not_open_says_what_to_do(
    hass: HomeAssistant,
    world: World,
    code: ProblemCode,
    facts: dict[str, str],
    errors: dict[str, str],
    told_by: str,
) -> None:
    if told_by == "status":
        world.network_status = lambda network: NetworkStatus(
            network_id=network.network_id,
            health=Health.DOWN,
            since=AT,
            reason=code,
            facts=facts,
        )
    else:
        world.problems = lambda site: (
            Problem(code=code, subject="another"),
            Problem(code=code, subject=site.networks[0].network_id, facts=facts),
        )
    result = await answer(hass, await start(hass), ANSWERS)
    assert result["step_id"] == "bacnet_network"
    assert result["errors"] == errors
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert placeholders.items() >= {"port": "47808", **facts}.items()
    assert world.running == []

    world.network_status = world.problems = None
    world.found = [AIR_HANDLER]
    assert (await answer(hass, result, ANSWERS))["step_id"] == "devices"


async def test_a_network_gets_time_to_come_up(
    hass: HomeAssistant, world: World
) -> None:
    world.network_status = lambda network: NetworkStatus(
        network_id=network.network_id, health=Health.STARTING, since=AT
    )
    form = await start(hass)
    configuring = hass.async_create_task(answer(hass, form, ANSWERS))
    await world.configured.wait()
    (engine,) = world.running
    await asyncio.sleep(0)
    world.network_status = None
    engine.tell(Progress(task_id="", fraction=0))
    engine.tell(
        NetworkStatusChanged(
            status=NetworkStatus(
                network_id=engine.site.networks[0].network_id,
                health=Health.HEALTHY,
                since=AT,
            )
        )
    )
    assert (await configuring)["step_id"] == "nothing_found"


async def test_a_network_that_never_comes_up_is_an_error(
    hass: HomeAssistant, world: World
) -> None:
    world.network_status = lambda network: NetworkStatus(
        network_id=network.network_id, health=Health.STARTING, since=AT
    )
    with patch(
        "custom_components.plantroom.setup_flow.network_check.SETTLE_SECONDS", 0
    ):
        result = await answer(hass, await start(hass), ANSWERS)
    assert result["errors"] == {"base": "network_failed"}


async def test_an_engine_that_does_not_start_is_an_error(
    hass: HomeAssistant, world: World
) -> None:
    world.failures["configure"] = StorageError("no room", path="", reason="")
    result = await answer(hass, await start(hass), ANSWERS)
    assert result["errors"] == {"base": "network_failed"}
    assert world.running == []


async def test_an_engine_that_only_tries_keeps_no_files(
    hass: HomeAssistant, world: World
) -> None:
    with patch(
        "custom_components.plantroom.setup_flow.engine_place.direct_client",
        wraps=direct_client,
    ) as made:
        await answer(hass, await start(hass), ANSWERS)
    assert [call.args[0].data_folder for call in made.mock_calls] == [None, None]
    assert world.running == []
