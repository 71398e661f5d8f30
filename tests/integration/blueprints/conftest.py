"""A Home Assistant with a folder of its own, in which Plantroom offers its blueprints."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import freezegun
import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from ..entries import subentry
from ..real_building import DEVICE_ID, in_haste, keep_nothing, open_building
from .home import Home

CONFIGURATION = "automation: !include automations.yaml"


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let a device that was asked in vain have its own stack's time-out."""
    return True


@pytest.fixture
def offered_blueprints() -> None:
    """Offer them: each Home Assistant here has a folder of its own."""


@pytest.fixture
def clock() -> Iterator[FrozenDateTimeFactory]:
    """Run the clock on the wall as ever, but for jumps; the event loop knows none."""
    with freezegun.freeze_time(
        "2026-11-23 08:00:00", tick=True, real_asyncio=True
    ) as running:
        yield running


@pytest.fixture
async def home(
    hass: HomeAssistant,
    socket_enabled: None,
    hass_client_no_auth: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clock: FrozenDateTimeFactory,
    aiohttp_client: Any,
) -> AsyncIterator[Home]:
    """Run the air handler beside Home Assistant; its frost alarm is told at once."""
    in_haste(monkeypatch)
    keep_nothing(monkeypatch, tmp_path / "engine")
    hass.config.config_dir = str(tmp_path)
    await hass.config.async_set_time_zone("UTC")
    (tmp_path / "configuration.yaml").write_text(CONFIGURATION)
    (tmp_path / "automations.yaml").write_text("[]")
    for component in ("http", "mobile_app", "automation"):
        assert await async_setup_component(hass, component, {})

    async def client(token: str) -> Any:
        return await aiohttp_client(
            hass.http.app, headers={"Authorization": f"Bearer {token}"}
        )

    async with open_building(hass) as opened:
        kept = subentry(opened.entry, f"device:{DEVICE_ID}")
        hass.config_entries.async_update_subentry(
            opened.entry, kept, data={**kept.data, "notification_classes": None}
        )
        made = Home(hass=hass, opened=opened, clock=clock, http=client)
        events: Any = opened.building.device(1001).events
        await opened.until(lambda: events.notification_class.recipientList)
        made.follow_alarms()
        made.follow_threads(monkeypatch)
        yield made
        for phone in made.phones:
            await phone.close()
