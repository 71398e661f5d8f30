"""A BACnet/SC hub, network and devices, added by Plantroom's own flows as a person would."""

import asyncio
from typing import Any

from .api import HomeAssistantApi
from .config_flows import ConfigFlow, Step
from .plantroom import SetupError

LOADED_SECONDS = 60.0
LOOK_SECONDS = 0.5
HOST = "127.0.0.1"
HUB, NETWORK, DEVICE = "secure_hub", "secure_network", "bacnet_device"
SHOWN = "description_placeholders"
FENCE = "```"


async def add_hub(
    api: HomeAssistantApi, entry_id: str, *, name: str, port: int, authority: str
) -> str:
    """Add a hub with a new authority of the site; return whom nodes are to trust."""
    flow = await _start(api, entry_id, HUB)
    await flow.submit({"name": name, "port": port, "host": HOST, "max_nodes": 100})
    await flow.submit({"next_step_id": "issue"})
    ready = await flow.submit(
        {"name": name, "host_names": [HOST], "authority": authority}
    )
    _expect(ready, "ready")
    authorities = _fenced(ready, "authorities")
    _expect_end(await flow.submit({}))
    return authorities


async def sign(api: HomeAssistantApi, entry_id: str, request: str) -> str:
    """Have the site's authority sign the request of another device."""
    rows = await api.command("config_entries/subentries/list", entry_id=entry_id)
    [hub] = [row for row in rows if row["subentry_type"] == HUB]
    flow = await _start(api, entry_id, HUB, reconfigure=hub["subentry_id"])
    await flow.submit({"next_step_id": "sign"})
    signed = await flow.submit({"request": request})
    _expect(signed, "signed")
    certificate = _fenced(signed, "certificate")
    await flow.submit({})
    return certificate


async def add_network(
    api: HomeAssistantApi,
    entry_id: str,
    *,
    name: str,
    port: int,
    instance: int,
    objects_of: str,
) -> None:
    """Join the hub on this machine with a certificate that is issued for it.

    objects_of: the name of the network whose objects our own device shows there too.
    """
    flow = await _start(api, entry_id, NETWORK)
    plain = _option(flow.step, "objects_of", objects_of)
    await flow.submit(
        {
            "name": name,
            "primary": f"wss://{HOST}:{port}",
            "check_host_names": True,
            "instance": instance,
            "objects_of": plain,
            "direct_connections": {"dial_directly": False, "direct_port": 0},
        }
    )
    await flow.submit({"next_step_id": "issue"})
    _expect_end(await flow.submit({"name": f"Plantroom {name}"}))


async def add_devices(
    api: HomeAssistantApi, entry_id: str, network: str, **answers: Any
) -> None:
    """Search a network and add all that is found."""
    flow = await _start(api, entry_id, DEVICE)
    await flow.submit({"network_id": _option(flow.step, "network_id", network)})
    step = await flow.submit({"next_step_id": "discovering"})
    _expect(step, "devices")
    chosen = [each["value"] for each in _options(step, "devices")]
    _expect_end(await flow.submit({"devices": chosen} | answers))


async def _start(
    api: HomeAssistantApi, entry_id: str, kind: str, *, reconfigure: str | None = None
) -> ConfigFlow:
    """Begin once Plantroom has loaded again with what was added before."""
    async with asyncio.timeout(LOADED_SECONDS):
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            flow = await ConfigFlow.start_subentry(
                api, entry_id, kind, reconfigure=reconfigure
            )
            if flow.step.get("reason") != "not_loaded":
                return flow


def _fenced(step: Step, name: str) -> str:
    """Return a PEM text that a dialogue shows."""
    text: str = step[SHOWN][name]
    return text.removeprefix(f"{FENCE}\n").removesuffix(FENCE)


def _option(step: Step, name: str, label: str) -> str:
    for option in _options(step, name):
        if label in option["label"]:
            return option["value"]
    raise LookupError(f"{label} is not offered in {step['step_id']}")


def _options(step: Step, name: str) -> list[dict[str, str]]:
    for field in step["data_schema"]:
        if field["name"] == name:
            options: list[dict[str, str]] = field["selector"]["select"]["options"]
            return options
    raise LookupError(f"the step {step.get('step_id')} has no {name}")


def _expect(step: Step, step_id: str) -> None:
    if step.get("step_id") != step_id:
        facts = {k: step.get(k) for k in ("step_id", "errors", "reason", SHOWN)}
        raise SetupError(f"no step {step_id} but {facts}")


def _expect_end(step: Step) -> None:
    if step["type"] != "create_entry":
        raise SetupError(f"nothing was added: {step}")
