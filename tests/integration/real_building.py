"""A real Home Assistant beside a simulated building, each speaking BACnet on a socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plantroom import host
from custom_components.plantroom.engine.alarms.models import Alarm
from custom_components.plantroom.engine.bacnet import ip_access
from custom_components.plantroom.engine.bacnet.reading.confirmed_requests import (
    ConfirmedRequests,
)
from custom_components.plantroom.engine.bacnet.wire import link
from custom_components.plantroom.engine.models import FoundDevice
from custom_components.plantroom.engine.site_config import BacnetNetworkConfig
from tests.simulators.building import Building
from tests.site import until

from .entries import plantroom_entry, subentry
from .flow_steps import Walk
from .office import entity_id_of

AHU = 1001
NETWORK_ID = "cafe0001"
DEVICE_ID = f"{NETWORK_ID}:{AHU}"


def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a device up soon that does not answer."""
    monkeypatch.setattr(ip_access, "backoff_seconds", lambda failures: 0.05)
    hasty = partial(ConfirmedRequests, timeout_seconds=0.4, retries=1)
    monkeypatch.setattr(link, "ConfirmedRequests", hasty)


def keep_nothing(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let the engine keep nothing that a later run would find."""
    monkeypatch.setattr(f"{host.__name__}.data_folder", lambda _: folder)


@asynccontextmanager
async def open_building(hass: HomeAssistant) -> AsyncIterator[OpenBuilding]:
    """Run the air handler, its physics at rest, and Plantroom with it."""
    async with Building(profile="office", only=(AHU,), speed=0) as building:
        entry = plantroom_entry(
            hass,
            networks=[
                BacnetNetworkConfig(
                    network_id=NETWORK_ID,
                    name="Building",
                    address="127.0.0.1/8",
                    port=building.port,
                )
            ],
            devices=[
                FoundDevice(
                    network_id=NETWORK_ID, instance=AHU, address="", name="AHU-1"
                )
            ],
        )
        kept = subentry(entry, f"device:{DEVICE_ID}")
        hass.config_entries.async_update_subentry(
            entry, kept, data={**kept.data, "poll_seconds": 1}
        )
        assert await hass.config_entries.async_setup(entry.entry_id)
        opened = OpenBuilding(hass, building, entry)
        await opened.until(lambda: opened.mirror.points_of(DEVICE_ID))
        # Known is not yet online: a rule takes no value of a device that is not
        await opened.until(opened.is_online)
        await hass.async_block_till_done()
        try:
            yield opened
        finally:
            if hass.config_entries.async_get_entry(entry.entry_id) is not None:
                await hass.config_entries.async_unload(entry.entry_id)


class OpenBuilding:
    """The building, the entry that serves it, and what a person does there."""

    def __init__(
        self, hass: HomeAssistant, building: Building, entry: MockConfigEntry
    ) -> None:
        """Take what runs."""
        self.hass = hass
        self.building = building
        self.entry = entry
        self.walk = Walk(hass, hass.config_entries.subentries)
        self.mirror = entry.runtime_data.client.mirror

    def set(self, object_id: str, value: Any) -> None:
        """Change a present value at the device."""
        self.building.set(AHU, object_id, "presentValue", value)

    def is_online(self) -> bool:
        """Return whether the air handler answers, as far as is known."""
        status = self.mirror.statuses.get(DEVICE_ID)
        return status is not None and status.online

    async def until(self, condition: Any, seconds: float = 60) -> None:
        """Wait for what happens elsewhere."""
        await until(condition, seconds)

    async def add_rule(self, reference: str, kind: str, answers: dict[str, Any]) -> str:
        """Add a rule by dialogue and return its alarm's id."""
        form = await self.rule_form(reference, kind)
        preview = await self.walk.answer(form, answers)
        done = await self.walk.choose(preview, "keep")
        await self.hass.async_block_till_done()
        return f"rule:{done['data']['rule_id']}"

    async def rule_form(self, reference: str, kind: str) -> Any:
        """Return the form of a kind of rule on a point of the air handler."""
        menu = await self.hass.config_entries.subentries.async_init(
            (self.entry.entry_id, "alarm_rule"), context={"source": SOURCE_USER}
        )
        form = await self.walk.choose(menu, "by_device")
        form = await self.walk.answer(form, {"device": DEVICE_ID})
        menu = await self.walk.answer(form, {"point": f"{DEVICE_ID}:{reference}"})
        return await self.walk.choose(menu, kind)

    async def raised(self, alarm_id: str) -> Alarm:
        """Wait for an alarm and return it."""
        await self.until(lambda: alarm_id in self.mirror.alarms)
        return self.mirror.alarms[alarm_id]

    def entity_id(self, reference: str) -> str:
        """Return the entity of a point of the air handler."""
        return entity_id_of(self.hass, f"{DEVICE_ID}:{reference}")
