"""How long a change of value takes to a state of Home Assistant."""

import time
from contextlib import AsyncExitStack
from typing import Any

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, callback
from homeassistant.runner import create_event_loop

from tests.bench.home_assistant import add_plantroom, running_home_assistant
from tests.bench.notified import Arrivals, listen_for, subscribed
from tests.bench.object_names import change_name
from tests.bench.served import bench_server, entry_data
from tests.simulators.client import SimulatorControl

POLL_SECONDS = 300.0

new_loop = create_event_loop


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return cost and delays by rate; settings["served"]: with the engine in a server."""
    arrivals = Arrivals()
    async with AsyncExitStack() as stack:
        control = SimulatorControl(settings["control_port"])
        await stack.enter_async_context(control)
        hass = await stack.enter_async_context(
            running_home_assistant(settings["folder"])
        )
        data = None
        if settings.get("served"):
            server = await stack.enter_async_context(bench_server(settings))
            data = await entry_data(hass, server)
        found = await add_plantroom(
            hass,
            settings,
            poll_seconds=POLL_SECONDS,
            change_of_value=True,
            server=data,
        )
        await subscribed(control, len(found))
        names = {entity_id: change_name(found[entity_id]) for entity_id in found}

        @callback
        def take(event: Event[EventStateChangedData]) -> None:
            at = time.time()
            name, state = names.get(event.data["entity_id"]), event.data["new_state"]
            if name is not None and state is not None:
                arrivals.take(*name, _number(state.state), at)

        hass.bus.async_listen(EVENT_STATE_CHANGED, take)
        return await listen_for(arrivals, control, settings)


def _number(state: str) -> float:
    try:
        return float(state)
    except ValueError:
        return float("nan")
