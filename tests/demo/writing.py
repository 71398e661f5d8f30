"""A setpoint is written and released through Home Assistant; an independent client judges."""

from dataclasses import dataclass
from typing import Any

from tests.home_assistant.api import HomeAssistantApi
from tests.home_assistant.plantroom import Entities
from tests.peers.rusty_client import Opinion, RustyClient
from tests.simulators.client import SimulatorControl

ROOM, SETPOINT = 2001, "analog-value,1"
PRIORITY = 8
NUMBER_VALUE, ACTION_VALUE = 22.5, 20.5


class DisagreementError(Exception):
    """Home Assistant and the independent client say different things."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What Home Assistant said of a write and what the device then held."""

    entity_id: str
    action: str
    verdict: str
    present_value: float
    slot: float | None


async def check_writing(
    api: HomeAssistantApi, entities: Entities, building: SimulatorControl
) -> list[Judgement]:
    """Return a judgement of each action; raises DisagreementError."""
    entity_id = entities.of_point(ROOM, SETPOINT)
    address = address_of(building, ROOM)
    judgements = []
    async with RustyClient(port=building.port) as peer:
        await api.action(
            "number.set_value", {"entity_id": entity_id, "value": NUMBER_VALUE}
        )
        opinion = await peer.read_opinion(address, SETPOINT)
        judgements.append(_judge(entity_id, "number.set_value", NUMBER_VALUE, opinion))

        response = await _act(
            api, "plantroom.write_property", entity_id, value=ACTION_VALUE
        )
        opinion = await peer.read_opinion(address, SETPOINT)
        judgements.append(
            _judge(
                entity_id, "plantroom.write_property", ACTION_VALUE, opinion, response
            )
        )

        response = await _act(api, "plantroom.release", entity_id)
        opinion = await peer.read_opinion(address, SETPOINT)
        judgements.append(
            _judge(entity_id, "plantroom.release", None, opinion, response)
        )
    return judgements


def address_of(building: SimulatorControl, instance: int) -> str:
    """Return where a simulated device listens."""
    for device in building.devices:
        if device["instance"] == instance:
            return str(device["address"])
    raise LookupError(f"no device {instance}")


async def _act(
    api: HomeAssistantApi, action: str, entity_id: str, **data: Any
) -> dict[str, Any]:
    answer = await api.action(action, {"entity_id": entity_id} | data, response=True)
    result: dict[str, Any] = answer[entity_id]
    return result


def _judge(
    entity_id: str,
    action: str,
    wanted: float | None,
    opinion: Opinion,
    response: dict[str, Any] | None = None,
) -> Judgement:
    """Hold what the peer read against what was asked for and what was answered."""
    slots = opinion.priority_array or ()
    held = slots[PRIORITY - 1] if slots else None
    if held != wanted:
        raise DisagreementError(f"{action}: slot {PRIORITY} holds {held}, not {wanted}")
    if wanted is not None and opinion.present_value != wanted:
        raise DisagreementError(
            f"{action}: present value is {opinion.present_value}, not {wanted}"
        )
    verdict = "verified" if response is None else response["verdict"]
    if verdict != "verified":
        raise DisagreementError(f"{action}: the verdict is {verdict}")
    if response is not None and response["present_value"] != opinion.present_value:
        raise DisagreementError(f"{action}: {response} against {opinion}")
    return Judgement(
        entity_id=entity_id,
        action=action,
        verdict=verdict,
        present_value=opinion.present_value,
        slot=held,
    )
