"""A real Home Assistant with a simulated air handler, phones, and our blueprints."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.person import async_create_person
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util import slugify
from homeassistant.util.async_ import get_scheduled_timer_handles

from custom_components.plantroom.alarm_options import OPTION_ROUTES
from custom_components.plantroom.alarms import EVENT_ALARM
from custom_components.plantroom.const import DOMAIN

from ..real_building import AHU, DEVICE_ID, OpenBuilding
from .phone import Phone, person

SETTLING_ROUNDS = 60
FROST = "binary-input,4"
FROST_ALARM = f"{DEVICE_ID}:{FROST}"


@dataclass(slots=True, kw_only=True)
class Home:
    """What runs, and what a person and time do there."""

    hass: HomeAssistant
    opened: OpenBuilding
    clock: FrozenDateTimeFactory
    http: Callable[..., Any]
    alarms: list[dict[str, Any]] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)
    # What threads are at work on
    at_work: set[asyncio.Future[Any]] = field(default_factory=set)

    def follow_alarms(self) -> None:
        """Keep what Home Assistant is told of alarms."""

        @callback
        def hear(event: Event[dict[str, Any]]) -> None:
            self.alarms.append(event.data)

        self.hass.bus.async_listen(EVENT_ALARM, hear)

    def follow_threads(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Know what threads do, of which a disk decides how long it takes."""
        loop = asyncio.get_running_loop()
        begin = loop.run_in_executor

        def follow(executor: Any, work: Callable[..., Any], *args: Any) -> Any:
            done = begin(executor, work, *args)
            self.at_work.add(done)
            done.add_done_callback(self.at_work.discard)
            return done

        monkeypatch.setattr(loop, "run_in_executor", follow)

    async def hire(self, name: str) -> Phone:
        """Return the phone of a new person; it is registered and listens."""
        user, token = await person(self.hass, name)
        client = await self.http(token)
        phone = Phone(self.hass, client)
        await phone.register(f"{name}'s phone")
        self.phones.append(phone)
        await async_create_person(
            self.hass,
            name,
            user_id=user.id,
            device_trackers=[f"device_tracker.{slugify(phone.name)}"],
        )
        return phone

    async def route(self, **routes: list[str]) -> None:
        """Say in the options whom alarms of a severity are for."""
        entry = self.opened.entry
        self.hass.config_entries.async_update_entry(
            entry, options={**entry.options, OPTION_ROUTES: routes}
        )
        await self.settle()

    async def automate(self, blueprint: str, **inputs: Any) -> str:
        """Make an automation of a blueprint as the editor does; return its entity."""
        made = {
            "id": blueprint,
            "alias": blueprint,
            "use_blueprint": {"path": f"{DOMAIN}/{blueprint}.yaml", "input": inputs},
        }
        kept = Path(self.hass.config.path("automations.yaml"))
        await self.hass.async_add_executor_job(kept.write_text, json.dumps([made]))
        await self.hass.services.async_call("automation", "reload", blocking=True)
        await self.hass.async_block_till_done()
        entity_id = f"automation.{blueprint}"
        state = self.hass.states.get(entity_id)
        assert state is not None
        assert state.state == "on"
        return entity_id

    async def restart(self, automation: str) -> None:
        """Let an automation begin as after a restart: what ran is gone."""
        target = {"entity_id": automation}
        act = self.hass.services.async_call
        await act("automation", "turn_off", target, blocking=True)
        self.hass.set_state(CoreState.starting)
        await act("automation", "turn_on", target, blocking=True)
        self.hass.set_state(CoreState.running)
        self.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
        await self.settle()

    async def make_schedule(self, **days: Any) -> str:
        """Make a schedule helper of times of days; return its entity."""
        assert await async_setup_component(
            self.hass, "schedule", {"schedule": {"hours": {"name": "Hours", **days}}}
        )
        await self.hass.async_block_till_done()
        return "schedule.hours"

    async def pass_time(self, **span: float) -> None:
        """Let time go by, at once, for all that looks at a clock here."""
        gone = timedelta(**span)
        loop = asyncio.get_running_loop()
        due = loop.time() + gone.total_seconds()
        self.clock.tick(gone)
        for handle in get_scheduled_timer_handles(loop):
            if handle.when() <= due and not handle.cancelled() and not _is_wait(handle):
                _run(handle)
        await self.settle()

    async def settle(self) -> None:
        """Let what is under way go on for a while; scripts that wait are never done."""
        quiet = 0
        while quiet < SETTLING_ROUNDS:
            await asyncio.sleep(0.005)
            quiet = 0 if self.at_work else quiet + 1

    async def frost(self, on: bool) -> None:
        """Let the device find frost, or no more of it."""
        count = len(self.alarms)
        self.opened.set(FROST, on)
        await self.opened.until(lambda: len(self.alarms) > count)

    def acknowledged_by(self) -> list[str]:
        """Return by whom the device knows its events to be acknowledged."""
        events: Any = self.opened.building.device(AHU).events
        states = events.states.values()
        return [s.acknowledged_by for s in states if s.acknowledged_by]

    async def write(self, reference: str, value: float, **data: Any) -> None:
        """Write a point by action."""
        data |= {"entity_id": self.opened.entity_id(reference), "value": value}
        await self.hass.services.async_call(
            DOMAIN, "write_property", data, blocking=True
        )

    async def audit(self) -> list[Any]:
        """Return the rows of the audit log, newest first."""
        answer: Any = await self.hass.services.async_call(
            DOMAIN, "audit_log", {}, blocking=True, return_response=True
        )
        rows: list[Any] = answer["rows"]
        return rows

    async def switch_off(self, blueprint: str) -> None:
        """Switch an automation off; what it runs ends."""
        target = {"entity_id": f"automation.{blueprint}"}
        await self.hass.services.async_call(
            "automation", "turn_off", target, blocking=True
        )

    def attributes(self, reference: str) -> Any:
        """Return the attributes of a point's entity."""
        state = self.hass.states.get(self.opened.entity_id(reference))
        return {} if state is None else state.attributes

    def reachable(self) -> bool:
        """Return whether Home Assistant reaches the air handler."""
        statuses = self.opened.entry.runtime_data.client.mirror.statuses
        return bool(statuses[DEVICE_ID].online)

    def slot(self, reference: str, priority: int = 8) -> Any:
        """Return what the device has in a priority of a point."""
        slots = self.opened.building.get(AHU, reference).priority_array
        assert slots is not None
        return slots[priority - 1]


def _is_wait(handle: asyncio.TimerHandle) -> bool:
    """Return whether a timer only bounds what goes on, such as a request on the network."""
    return isinstance(getattr(handle._callback, "__self__", None), asyncio.Timeout)


def _run(handle: asyncio.TimerHandle) -> None:
    now = dt_util.utcnow()
    with (
        patch("homeassistant.helpers.event.time_tracker_utcnow", return_value=now),
        patch(
            "homeassistant.helpers.event.time_tracker_timestamp",
            return_value=now.timestamp(),
        ),
    ):
        handle._run()
    handle.cancel()
