"""Our blueprints are offered, kept up to date, and never taken from who changed them."""

from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.setup import async_setup_component

from custom_components.plantroom import blueprint_offers
from custom_components.plantroom.blueprint_offers import (
    SHIPPED,
    BlueprintOffers,
    Step,
    step_for,
)

NAME = "alarm_to_phones.yaml"


@pytest.fixture
async def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return where Home Assistant has our blueprints; they were offered."""
    hass.config.config_dir = str(tmp_path)
    assert await async_setup_component(hass, "automation", {})
    await BlueprintOffers(hass).offer()
    return tmp_path / "blueprints" / "automation" / "plantroom"


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ship the next version of one blueprint."""
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    text = (SHIPPED / NAME).read_text().replace("alarm to phones", "version 2", 1)
    (shipped / NAME).write_text(text)
    monkeypatch.setattr(blueprint_offers, "SHIPPED", shipped)


def block(folder: Path) -> None:
    """Put a file where a folder should be."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file")


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize(
    ("kept", "there", "step"),
    [
        (None, None, Step.WRITE),
        (None, "ours", Step.ADOPT),
        (None, "theirs", Step.LEAVE),
        ("old", "old", Step.WRITE),
        ("old", "theirs", Step.LEAVE),
        ("old", None, Step.LEAVE),
        ("ours", "ours", Step.ADOPT),
    ],
)
def test_what_a_person_changed_or_removed_stays_so(
    kept: str | None, there: str | None, step: Step
):
    assert step_for(kept=kept, there=there, ours="ours") is step


async def test_all_are_offered_and_home_assistant_takes_them(
    hass: HomeAssistant, folder: Path
):
    offered = await async_get_blueprints(hass).async_get_blueprints()
    ours = {name for name in offered if name.startswith("plantroom/")}
    assert ours == {f"plantroom/{path.name}" for path in SHIPPED.glob("*.yaml")}
    for name in ours:
        blueprint: Any = offered[name]
        assert blueprint.validate() is None


async def test_new_version_takes_the_place_of_the_old(
    hass: HomeAssistant, folder: Path, newer: None
):
    await BlueprintOffers(hass).offer()
    assert "version 2" in (folder / NAME).read_text()


async def test_new_version_leaves_what_a_person_changed(
    hass: HomeAssistant, folder: Path, newer: None
):
    mine = (folder / NAME).read_text().replace("alarm to phones", "mine", 1)
    (folder / NAME).write_text(mine)
    await BlueprintOffers(hass).offer()
    assert (folder / NAME).read_text() == mine


async def test_removed_one_does_not_come_back(hass: HomeAssistant, folder: Path):
    (folder / NAME).unlink()
    await BlueprintOffers(hass).offer()
    assert not (folder / NAME).exists()


async def test_they_go_with_plantroom_but_for_those_changed(
    hass: HomeAssistant, folder: Path
):
    (folder / NAME).write_text("blueprint: mine")
    await BlueprintOffers(hass).withdraw()
    assert names(folder) == [NAME]
    assert await Store[Any](hass, 1, "plantroom.blueprints").async_load() is None


async def test_folder_that_cannot_be_written_hinders_nothing(
    hass: HomeAssistant, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    hass.config.config_dir = str(tmp_path)
    assert await async_setup_component(hass, "automation", {})
    block(tmp_path / "blueprints" / "automation" / "plantroom")
    await BlueprintOffers(hass).offer()
    assert f"Blueprint {NAME} cannot be offered" in caplog.text
