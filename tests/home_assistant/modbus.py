"""Modbus lines and devices, added by Plantroom's own flows as a person would."""

import asyncio
from dataclasses import dataclass
from typing import Any

from .api import HomeAssistantApi
from .config_flows import ConfigFlow, Step
from .plantroom import SetupError

LOADED_SECONDS = 60.0
LOOK_SECONDS = 0.2
FACTS = "description_placeholders"
# Patience with a busy machine: units that are there answer at once
ADVANCED = {"timeout_seconds": 3.0, "spacing_seconds": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUnit:
    """A unit to be added by its id; role: on the Energy dashboard, "" for none."""

    unit_id: int
    name: str
    profile: str
    role: str = ""


async def add_line(
    api: HomeAssistantApi, entry_id: str, answers: dict[str, Any], search_to: int
) -> None:
    """Add a line without devices, after the search that its flow makes."""
    flow = await ConfigFlow.start_subentry(api, entry_id, "modbus_line")
    advanced = ADVANCED | {"search_to": search_to}
    step = await flow.submit(answers | {"advanced": advanced})
    if step["type"] == "menu":
        step = await flow.submit({"next_step_id": "without_units"})
    else:
        _expect(step, "units")
        # Without a field where no profile fits any of them
        step = await flow.submit({"units": []} if step["data_schema"] else {})
    _expect_end(step)
    await _until_there(api, answers["name"])


async def add_unit(
    api: HomeAssistantApi, entry_id: str, line: str, unit: NewUnit
) -> None:
    """Add a unit of the line of that name, as a profile or SunSpec describes it."""
    flow = await _ask_when_loaded(api, entry_id, line)
    await flow.submit({"unit_id": unit.unit_id, "anyway": False})
    _expect(flow.step, "source")
    if unit.profile == "sunspec":
        await flow.submit({"next_step_id": "sunspec"})
    else:
        await flow.submit({"next_step_id": "choose_profile"})
        await flow.submit({"profile": unit.profile})
    _expect(flow.step, "values")
    await flow.submit({"next_step_id": "settings"})
    proposed = {
        item["name"]: item["default"]
        for item in flow.step["data_schema"]
        if "default" in item
    }
    step = await flow.submit(proposed | {"name": unit.name, "poll_seconds": 5})
    if step.get("step_id") == "dashboard":
        step = await flow.submit(_roles(step, unit.role))
    _expect_end(step)
    await _until_there(api, unit.name)


async def _until_there(api: HomeAssistantApi, name: str) -> None:
    """Return once Plantroom has loaded again with what was added."""
    async with asyncio.timeout(LOADED_SECONDS):
        while True:
            devices = await api.command("config/device_registry/list")
            if any(device["name"] == name for device in devices):
                return
            await asyncio.sleep(LOOK_SECONDS)


async def _ask_when_loaded(
    api: HomeAssistantApi, entry_id: str, line: str
) -> ConfigFlow:
    """Come to a unit's id once Plantroom has loaded with what was added before."""
    async with asyncio.timeout(LOADED_SECONDS):
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            flow = await ConfigFlow.start_subentry(api, entry_id, "modbus_device")
            if flow.step["type"] == "form":
                chosen = _option(flow.step, "network_id", line)
                await flow.submit({"network_id": chosen})
            if flow.step["type"] == "menu":
                await flow.submit({"next_step_id": "by_unit"})
            if flow.step.get("reason") != "not_loaded":
                return flow


def _roles(step: Step, role: str) -> dict[str, list[str]]:
    """Return the answer to the dashboard's form: the unit in its role and in no other."""
    return {
        field["name"]: [option["value"] for option in _options(field)]
        if field["name"] == role
        else []
        for field in step["data_schema"]
    }


def _option(step: Step, name: str, label: str) -> str:
    for field in step["data_schema"]:
        if field["name"] == name:
            for option in _options(field):
                if option["label"] == label:
                    value: str = option["value"]
                    return value
    raise LookupError(f"{label} is not offered in {step['step_id']}")


def _options(field: dict[str, Any]) -> list[dict[str, str]]:
    options: list[dict[str, str]] = field["selector"]["select"]["options"]
    return options


def _expect(step: Step, step_id: str) -> None:
    if step.get("step_id") != step_id:
        facts = {k: step.get(k) for k in ("step_id", "errors", "reason", FACTS)}
        raise SetupError(f"no step {step_id} but {facts}")


def _expect_end(step: Step) -> None:
    if step["type"] != "create_entry":
        raise SetupError(f"no device or line but {step}")
