"""What Home Assistant costs with entities of ours, and without any."""

import asyncio
from typing import Any

from homeassistant.runner import create_event_loop

from tests.bench.home_assistant import add_plantroom, running_home_assistant
from tests.bench.own_process import Window
from tests.simulators.client import SimulatorControl

new_loop = create_event_loop


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return CPU time, lag and memory over some time at rest."""
    async with running_home_assistant(settings["folder"]) as hass:
        entities = 0
        if settings["devices"]:
            async with SimulatorControl(settings["control_port"]) as control:
                await control.command("share", share=settings["share"])
            found = await add_plantroom(
                hass,
                settings,
                poll_seconds=settings["poll_seconds"],
                change_of_value=False,
            )
            entities = len(found)
        await asyncio.sleep(settings["settle_seconds"])
        async with Window() as window:
            await asyncio.sleep(settings["seconds"])
        return window.result | {
            "entities": entities,
            "states": len(hass.states.async_all()),
        }
