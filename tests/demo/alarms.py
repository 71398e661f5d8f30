"""An alarm's way: from the simulated building to a to-do list, and back to the device."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from tests.home_assistant.accounts import DEMO
from tests.home_assistant.api import HomeAssistantApi
from tests.home_assistant.plantroom import Entities
from tests.home_assistant.state_feed import StateFeed
from tests.simulators.client import SimulatorControl

from .writing import DisagreementError

AIR_HANDLER, FROST = 1001, "binary-input,4"
BOILER, LOW_WATER = 3001, "binary-input,4"
# A loaded filter, a room too warm, and too little water
WRONG = (
    (AIR_HANDLER, "binary-input,3", True),
    (2007, "analog-input,1", 31.2),
    (BOILER, LOW_WATER, True),
)
WAIT_SECONDS = 45.0
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmReport:
    """What became of an alarm of a device and of one of a rule.

    acknowledged_by: the name that the device was told. device_ms, rule_ms: from the
    change in the building to the event in Home Assistant, at a client.
    """

    device_text: str
    device_severity: str
    device_ms: float
    acknowledged_by: str
    rule_text: str
    rule_severity: str
    rule_ms: float


@dataclass(slots=True)
class AlarmWatch:
    """Home Assistant's view of the alarms of one device."""

    api: HomeAssistantApi
    feed: StateFeed
    event: str
    sensor: str
    todo: str

    @classmethod
    def of(
        cls, api: HomeAssistantApi, feed: StateFeed, entities: Entities, instance: int
    ) -> AlarmWatch:
        """Watch a device."""
        return cls(
            api=api,
            feed=feed,
            event=entities.of_device(instance, "-alarm_event"),
            sensor=entities.of_device(instance, "-alarm"),
            todo=todo_list(entities),
        )

    async def told(self, kind: str, *, replayed: bool = False) -> dict[str, Any]:
        """Return the facts of the latest event once it is of that kind.

        replayed: told late; what a restart restored is of before.
        """

        def is_told() -> bool:
            facts = self._facts
            late = bool(facts.get("replayed")) or not replayed
            return facts.get("event_type") == kind and late

        try:
            await self.feed.wait_until(lambda _: is_told(), WAIT_SECONDS)
        except TimeoutError as err:
            raise TimeoutError(f"{self.event}: not {kind} but {self._facts}") from err
        return self._facts

    async def listed(self, alarm_id: str) -> dict[str, Any] | None:
        """Return the alarm's item on the to-do list, None without one."""
        answer = await self.api.action(
            "todo.get_items", {"entity_id": self.todo}, response=True
        )
        items: list[dict[str, Any]] = answer[self.todo]["items"]
        return next((item for item in items if item["uid"] == alarm_id), None)

    async def off_the_list(self, alarm_id: str) -> None:
        """Return once nobody has to do anything about an alarm, which is over."""
        async with asyncio.timeout(WAIT_SECONDS):
            while await self.listed(alarm_id) is not None:  # noqa: ASYNC110
                await asyncio.sleep(LOOK_SECONDS)

    async def tick_off(self, alarm_id: str) -> None:
        """Acknowledge as a person does, on the list."""
        await self.api.action(
            "todo.update_item",
            {"entity_id": self.todo, "item": alarm_id, "status": "completed"},
        )

    @property
    def _facts(self) -> dict[str, Any]:
        return dict(self.feed.attributes.get(self.event, {}))


def todo_list(entities: Entities) -> str:
    """Return the site's list of alarms."""
    return next(e.entity_id for e in entities.all if e.platform == "todo")


async def raise_some(building: SimulatorControl) -> None:
    """Let something be wrong, for a person to look at; it stays so."""
    for instance, reference, value in WRONG:
        await building.set(instance, reference, value)


async def check_alarms(
    api: HomeAssistantApi,
    entities: Entities,
    building: SimulatorControl,
    feed: StateFeed,
) -> AlarmReport:
    """Return the report; raises DisagreementError or TimeoutError."""
    frost, frost_ms, name = await _device_alarm(
        AlarmWatch.of(api, feed, entities, AIR_HANDLER), building
    )
    water, water_ms = await _rule_alarm(
        AlarmWatch.of(api, feed, entities, BOILER), building
    )
    return AlarmReport(
        device_text=frost["text"],
        device_severity=frost["severity"],
        device_ms=frost_ms,
        acknowledged_by=name,
        rule_text=water["text"],
        rule_severity=water["severity"],
        rule_ms=water_ms,
    )


async def end_contact(
    building: SimulatorControl, instance: int, reference: str
) -> None:
    """Let an alarm contact go; the physics move few of them."""
    await building.set(instance, reference, False)
    await building.release(instance, reference)


async def _device_alarm(
    watch: AlarmWatch, building: SimulatorControl
) -> tuple[dict[str, Any], float, str]:
    """Let the air handler report frost; acknowledge it at the controller."""
    at = await building.set(AIR_HANDLER, FROST, True)
    facts = await watch.told("raised")
    delay_ms = round((time.monotonic() - at) * 1000, 2)
    alarm_id = facts["alarm_id"]
    await watch.feed.wait_for(watch.sensor, "on", WAIT_SECONDS)
    item = await watch.listed(alarm_id)
    if item is None or item["status"] != "needs_action":
        raise DisagreementError(f"{alarm_id} is on the to-do list as {item}")
    await watch.tick_off(alarm_id)
    name = await _acknowledged_by(building)
    if DEMO.name not in name:
        raise DisagreementError(f"the controller knows {name}, not {DEMO.name}")
    await watch.told("acknowledged")
    await end_contact(building, AIR_HANDLER, FROST)
    await watch.told("cleared")
    await watch.off_the_list(alarm_id)
    return facts, delay_ms, name


async def _rule_alarm(
    watch: AlarmWatch, building: SimulatorControl
) -> tuple[dict[str, Any], float]:
    """Let the boiler lack water, which only a rule of ours makes an alarm."""
    at = await building.set(BOILER, LOW_WATER, True)
    facts = await watch.told("raised")
    delay_ms = round((time.monotonic() - at) * 1000, 2)
    await end_contact(building, BOILER, LOW_WATER)
    await watch.told("cleared")
    await watch.api.action(
        "plantroom.acknowledge_alarm",
        {"alarm_id": facts["alarm_id"], "comment": "Refilled"},
    )
    await watch.told("acknowledged")
    await watch.off_the_list(facts["alarm_id"])
    return facts, delay_ms


async def _acknowledged_by(building: SimulatorControl) -> str:
    """Return who acknowledged, as the controller was told."""
    answer = await building.command("events", device=AIR_HANDLER)
    name: str = answer["acknowledged_by"].get(FROST, "")
    if not name:
        raise DisagreementError("the controller heard of no acknowledgement")
    return name
