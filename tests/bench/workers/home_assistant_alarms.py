"""Alarms of devices on their way through a whole Home Assistant to a phone, and a flood."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, override

from aiohttp import ClientSession, web
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.runner import create_event_loop

from custom_components.plantroom.alarm_options import OPTION_FLOOD_ALARMS
from custom_components.plantroom.alarms import EVENT_ALARM
from custom_components.plantroom.const import DOMAIN
from tests.bench.home_assistant import add_plantroom, running_home_assistant
from tests.bench.own_process import Window, percentile
from tests.home_assistant.config_folder import CONFIGURATION
from tests.integration.blueprints.phone import Phone, person
from tests.simulators.client import SimulatorControl
from tests.simulators.fleet_device import FIRST_INSTANCE

POLL_SECONDS = 300.0
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.02
BLUEPRINT = "alarm_to_phones"
TAG = "plantroom_"

new_loop = create_event_loop

type SentAt = dict[str, float]


class TimedPhone(Phone):
    """A phone that notes when it is pushed to."""

    def __init__(self, hass: HomeAssistant, client: Any) -> None:
        """Take a client that is logged in as the phone's person."""
        super().__init__(hass, client)
        self.told_at: list[tuple[str, float]] = []

    @override
    async def _take(self, request: web.Request) -> web.Response:
        at = time.time()
        answer = await super()._take(request)
        tag = self.told[-1]["data"]["tag"]
        self.told_at.append((tag.removeprefix(TAG), at))
        return answer


class Heard:
    """What Home Assistant's bus was told of alarms, and how late."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin to listen."""
        self.sent_at: SentAt = {}
        self.delays_ms: list[float] = []
        hass.bus.async_listen(EVENT_ALARM, self._take)

    @callback
    def _take(self, event: Event[dict[str, Any]]) -> None:
        if event.data["kind"] != "raised":
            return
        sent_at = event.data["value"]
        self.sent_at[event.data["alarm_id"]] = sent_at
        self.delays_ms.append(1000 * (time.time() - sent_at))


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the delays to a phone of a few alarms, and what a flood costs."""
    folder = Path(settings["folder"])
    (folder / "configuration.yaml").write_text(CONFIGURATION + "mobile_app:\n")
    async with (
        SimulatorControl(settings["control_port"]) as control,
        running_home_assistant(settings["folder"]) as hass,
        registered_phone(hass) as phone,
    ):
        await add_plantroom(
            hass, settings, poll_seconds=POLL_SECONDS, change_of_value=False
        )
        await _automate(hass, phone)
        heard = Heard(hass)
        (entry,) = hass.config_entries.async_entries(DOMAIN)
        await _flood_from(hass, entry, 10_000)
        quiet = await _pushed(control, phone, heard, settings)
        await _flood_from(hass, entry, 20)
        flood = await _flooded(control, phone, heard, settings)
        return {"quiet": quiet, "flood": flood}


@asynccontextmanager
async def registered_phone(hass: HomeAssistant) -> AsyncIterator[TimedPhone]:
    """Yield a phone with the companion app, registered over REST."""
    _, token = await person(hass, "Ada")
    async with ClientSession(
        base_url=f"http://127.0.0.1:{hass.http.server_port}",
        headers={"Authorization": f"Bearer {token}"},
    ) as session:
        phone = TimedPhone(hass, session)
        await phone.register("Phone")
        try:
            yield phone
        finally:
            await phone.close()


async def _automate(hass: HomeAssistant, phone: TimedPhone) -> None:
    """Make the automation of the blueprint that Plantroom offered."""
    made = {
        "id": BLUEPRINT,
        "alias": BLUEPRINT,
        "use_blueprint": {
            "path": f"{DOMAIN}/{BLUEPRINT}.yaml",
            "input": {"phones": [phone.device_id], "severity": "low"},
        },
    }
    kept = Path(hass.config.path("automations.yaml"))
    await asyncio.to_thread(kept.write_text, json.dumps([made]))
    await hass.services.async_call("automation", "reload", blocking=True)


async def _flood_from(
    hass: HomeAssistant, entry: ConfigEntry[Any], alarms: int
) -> None:
    """Say in the options how many alarms in a minute are a flood."""
    options = {**entry.options, OPTION_FLOOD_ALARMS: alarms}
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.async_block_till_done()


async def _pushed(
    control: SimulatorControl,
    phone: TimedPhone,
    heard: Heard,
    settings: dict[str, Any],
) -> dict[str, Any]:
    """Have a few alarms raised, each pushed to the phone."""
    async with Window() as window:
        source = await _raise(control, settings, settings["quiet"], 1)
        await _until(lambda: len(phone.told_at) >= source["sent"])
    delays = [1000 * (at - heard.sent_at[alarm_id]) for alarm_id, at in phone.told_at]
    return window.result | source | _delays(delays)


async def _flooded(
    control: SimulatorControl,
    phone: TimedPhone,
    heard: Heard,
    settings: dict[str, Any],
) -> dict[str, Any]:
    """Have a flood raised; return what Home Assistant's bus was told."""
    heard.delays_ms.clear()
    before = len(phone.told)
    async with Window() as window:
        source = await _raise(control, settings, settings["flood"], 100_000)
        await _until(lambda: len(heard.delays_ms) >= source["sent"])
        await _until(lambda: len(phone.told) > before)
    pushes = len(phone.told) - before
    return window.result | source | _delays(heard.delays_ms) | {"pushes": pushes}


async def _raise(
    control: SimulatorControl,
    settings: dict[str, Any],
    wanted: dict[str, Any],
    first: int,
) -> dict[str, Any]:
    host, port = settings["own"].split(":")
    devices = [FIRST_INSTANCE + number for number in range(len(settings["devices"]))]
    source: dict[str, Any] = await control.command(
        "tell_events", to=[host, int(port)], devices=devices, first=first, **wanted
    )
    return source


async def _until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)


def _delays(delays_ms: list[float]) -> dict[str, Any]:
    return {
        "arrived": len(delays_ms),
        "p50_ms": percentile(delays_ms, 0.5),
        "p95_ms": percentile(delays_ms, 0.95),
        "worst_ms": max(delays_ms),
    }
