"""Offers our blueprints in Home Assistant, and keeps those up to date that nobody changed."""

import logging
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.automation.const import DOMAIN as AUTOMATION
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.blueprint.errors import BlueprintInUse
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.setup import async_when_setup
from homeassistant.util.yaml import load_yaml_dict

from .const import DOMAIN

_LOGGER = logging.getLogger(__name__)

SHIPPED: Final = Path(__file__).parent / "blueprints" / AUTOMATION
_STORE_VERSION: Final = 1

type Digests = dict[str, str]


class Step(StrEnum):
    """What to do about a blueprint."""

    WRITE = "write"
    LEAVE = "leave"
    # It is ours already: imported from its address, or written before
    ADOPT = "adopt"


def step_for(*, kept: str | None, there: str | None, ours: str) -> Step:
    """Return what to do; digests of what we wrote last, what is there, what we have.

    What a person changed or removed stays so.
    """
    if there == ours:
        return Step.ADOPT
    return Step.WRITE if there == kept else Step.LEAVE


def offer_blueprints(hass: HomeAssistant) -> None:
    """Offer the blueprints as soon as Home Assistant has automations."""

    async def offer(hass: HomeAssistant, _component: str) -> None:
        await BlueprintOffers(hass).offer()

    async_when_setup(hass, AUTOMATION, offer)


class BlueprintOffers:
    """The blueprints that we shipped to Home Assistant's own folder."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Read nothing yet."""
        self._hass = hass
        self._domain = async_get_blueprints(hass)
        self._store = Store[Digests](hass, _STORE_VERSION, f"{DOMAIN}.blueprints")

    async def offer(self) -> None:
        """Write those that are new, or older than ours and as we wrote them."""
        kept = await self._store.async_load() or {}
        shipped = await self._hass.async_add_executor_job(_load_shipped)
        now = dict(kept)
        for name, blueprint in shipped.items():
            if reasons := blueprint.validate():
                _LOGGER.warning("Blueprint %s: %s", name, ", ".join(reasons))
                continue
            ours = _digest(blueprint.yaml())
            step = await self._offer(name, blueprint, kept.get(name), ours)
            if step is Step.LEAVE:
                _LOGGER.debug("Blueprint %s was changed or removed, and stays so", name)
            else:
                now[name] = ours
        if now != kept:
            await self._store.async_save(now)

    async def withdraw(self) -> None:
        """Remove those that are as we wrote them and that no automation uses."""
        kept = await self._store.async_load() or {}
        for name, digest in kept.items():
            if await self._digest_there(name) != digest:
                continue
            try:
                await self._domain.async_remove_blueprint(_path(name))
            except BlueprintInUse:
                _LOGGER.debug("Blueprint %s is in use, and stays", name)
        await self._store.async_remove()

    async def _offer(
        self, name: str, blueprint: Blueprint, kept: str | None, ours: str
    ) -> Step:
        """Write a blueprint unless it is there or a person's; return what was done."""
        try:
            there = await self._digest_there(name)
            step = step_for(kept=kept, there=there, ours=ours)
            if step is Step.WRITE:
                await self._domain.async_add_blueprint(
                    blueprint, _path(name), allow_override=True
                )
        except OSError as err:
            _LOGGER.warning("Blueprint %s cannot be offered: %s", name, err)
            return Step.LEAVE
        return step

    async def _digest_there(self, name: str) -> str | None:
        path = self._domain.blueprint_folder / _path(name)
        return await self._hass.async_add_executor_job(_digest_of_file, path)


def _load_shipped() -> dict[str, Blueprint]:
    return {
        path.name: Blueprint(
            load_yaml_dict(str(path)),
            path=path.name,
            expected_domain=AUTOMATION,
            schema=AUTOMATION_BLUEPRINT_SCHEMA,
        )
        for path in sorted(SHIPPED.glob("*.yaml"))
    }


def _path(name: str) -> str:
    """Return the path below Home Assistant's folder; an import gives it the same."""
    return f"{DOMAIN}/{name}"


def _digest_of_file(path: Path) -> str | None:
    return sha256(path.read_bytes()).hexdigest() if path.exists() else None


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
