"""Home Assistant with Plantroom and as many registers as entities."""

import asyncio
from typing import Any

from homeassistant.runner import create_event_loop

from tests.bench.home_assistant import add_modbus, running_home_assistant
from tests.bench.own_process import Window
from tests.bench.workers.modbus_engine import site

new_loop = create_event_loop


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return CPU time, lag and memory while every register is read at its interval."""
    async with running_home_assistant(settings["folder"]) as hass:
        if settings["hosts"]:
            await add_modbus(hass, settings, site(settings, settings["poll_seconds"]))
        await asyncio.sleep(settings["settle_seconds"])
        async with Window() as window:
            await asyncio.sleep(settings["seconds"])
        return window.result
