"""Home Assistant with core's own modbus integration and as many sensors."""

import asyncio
from pathlib import Path
from typing import Any

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.runner import create_event_loop

from tests.bench.home_assistant import (
    LOOK_SECONDS,
    PATIENCE_SECONDS,
    running_home_assistant,
)
from tests.bench.own_process import Window
from tests.home_assistant.config_folder import prepare_config_folder

new_loop = create_event_loop


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return CPU time, lag and memory while every sensor is read at its interval."""
    folder = Path(settings["folder"])
    await asyncio.to_thread(_write_sensors, folder, settings)
    async with running_home_assistant(settings["folder"]) as hass:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while _with_value(hass) < settings["registers"]:  # noqa: ASYNC110
                await asyncio.sleep(LOOK_SECONDS)
        await asyncio.sleep(settings["settle_seconds"])
        async with Window() as window:
            await asyncio.sleep(settings["seconds"])
        return window.result


def _write_sensors(folder: Path, settings: dict[str, Any]) -> None:
    prepare_config_folder(folder)
    sensors = "".join(
        f"      - name: Register {number}\n"
        f"        unique_id: register_{number}\n"
        f"        address: {number}\n"
        f"        device_address: 1\n"
        f"        data_type: int16\n"
        f"        scale: 0.1\n"
        f"        precision: 1\n"
        f"        scan_interval: {settings['poll_seconds']}\n"
        for number in range(settings["registers"])
    )
    with (folder / "configuration.yaml").open("a") as file:
        file.write(
            "modbus:\n"
            "  - name: bench\n"
            "    type: tcp\n"
            f"    host: {settings['hosts'][0]}\n"
            f"    port: {settings['port']}\n"
            f"    sensors:\n{sensors}"
        )


def _with_value(hass: HomeAssistant) -> int:
    return sum(
        state.state not in {STATE_UNAVAILABLE, STATE_UNKNOWN}
        for state in hass.states.async_all("sensor")
        if state.entity_id.startswith("sensor.register_")
    )
