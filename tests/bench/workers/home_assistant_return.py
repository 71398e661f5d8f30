"""How soon all entities are right when Home Assistant, or its server, comes back."""

import asyncio
import logging
import time
from contextlib import AsyncExitStack
from signal import SIGKILL
from typing import Any, override

from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.runner import create_event_loop

from custom_components.plantroom.const import DOMAIN
from tests.bench.home_assistant import add_plantroom, running_home_assistant
from tests.bench.served import PATIENCE_SECONDS, bench_server, entry_data
from tests.integration.server_process import ServerProcess

WIRE = "custom_components.plantroom.connection.websocket"

new_loop = create_event_loop


class Values:
    """Which of our points show a value, as their states change."""

    def __init__(self, hass: HomeAssistant, entity_ids: set[str]) -> None:
        self._missing: set[str] = set()
        self._all = entity_ids
        self._changed = asyncio.Event()
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._take)

    async def gone(self) -> None:
        """Return once none shows a value."""
        await self._until(len(self._all))

    async def back(self) -> None:
        """Return once all show one again."""
        await self._until(0)

    async def _until(self, missing: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self._missing) != missing:
                self._changed.clear()
                await self._changed.wait()

    @callback
    def _take(self, event: Event[EventStateChangedData]) -> None:
        entity_id, state = event.data["entity_id"], event.data["new_state"]
        if entity_id not in self._all:
            return
        if state is None or state.state in {STATE_UNAVAILABLE, STATE_UNKNOWN}:
            self._missing.add(entity_id)
        else:
            self._missing.discard(entity_id)
        self._changed.set()


class Reconnected(logging.Handler):
    """When the wire said that the server is back."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.at = self.cpu = 0.0
        logging.getLogger(WIRE).addHandler(self)

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().endswith("is back"):
            self.at, self.cpu = time.perf_counter(), time.process_time()


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the seconds of a reload, and with a server those of its return."""
    async with AsyncExitStack() as stack:
        hass = await stack.enter_async_context(
            running_home_assistant(settings["folder"])
        )
        server, data = None, None
        if settings["served"]:
            server = await stack.enter_async_context(bench_server(settings))
            data = await entry_data(hass, server)
        found = await add_plantroom(
            hass,
            settings,
            poll_seconds=settings["poll_seconds"],
            change_of_value=False,
            server=data,
        )
        values = Values(hass, set(found))
        result: dict[str, Any] = {
            "points": len(found),
            "reload": await _reloaded(hass, values),
        }
        if server is not None:
            result["killed"] = await _killed(server, values)
        return result


async def _reloaded(hass: HomeAssistant, values: Values) -> dict[str, float]:
    """Leave the engine and come again, as a restart of Home Assistant does."""
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    await hass.config_entries.async_unload(entry.entry_id)
    await values.gone()
    began, cpu = time.perf_counter(), time.process_time()
    await hass.config_entries.async_setup(entry.entry_id)
    await values.back()
    return {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
    }


async def _killed(server: ServerProcess, values: Values) -> dict[str, float]:
    """Kill the server; return seconds from its start, and from our reconnecting."""
    reconnected = Reconnected()
    await server.stop(SIGKILL)
    await values.gone()
    began = time.perf_counter()
    starting = asyncio.create_task(server.start())
    await values.back()
    right, cpu = time.perf_counter(), time.process_time()
    await starting
    return {
        "from_reconnect_seconds": right - reconnected.at,
        "from_reconnect_cpu": cpu - reconnected.cpu,
        "from_start_seconds": right - began,
    }
