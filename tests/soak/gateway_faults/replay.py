"""The plain truth: what objects show after every event of a log, one after the other.

It knows the messages from their description alone and shares no code with the gateway.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

TYPES = {
    "analog-input": 0, "analog-output": 1, "analog-value": 2,
    "binary-input": 3, "binary-output": 4, "binary-value": 5,
    "multi-state-input": 13, "multi-state-output": 14, "multi-state-value": 19,
}  # fmt: skip


class Logged(NamedTuple):
    """An event as a log has it."""

    event_id: str
    event_type: str
    data: bytes


@dataclass(slots=True)
class Truth:
    """What one object is to show; slots: of its priority array, by priority."""

    name: str
    plain: Any = None
    slots: dict[int, Any] = field(default_factory=dict)

    @property
    def value(self) -> Any:
        """Return the present value, None when no event ever said one."""
        return self.slots[min(self.slots)] if self.slots else self.plain


def replay(log: Iterable[Logged]) -> dict[int, Truth]:
    """Return what each object shows in the end, by type and instance in one number."""
    truths: dict[int, Truth] = {}
    early: dict[int, list[dict[str, Any]]] = {}
    for event in log:
        payload = _payload(event)
        if payload is None:
            continue
        key = _key(payload)
        if key is None:
            continue
        if event.event_type == "ObjectDefinition":
            truth = truths.setdefault(key, Truth(payload["objectName"]))
            truth.name = payload["objectName"]
            for waiting in early.pop(key, ()):
                _show(truth, waiting)
        elif event.event_type == "ObjectDelete":
            truths.pop(key, None)
        elif key in truths:
            _show(truths[key], payload)
        else:
            early.setdefault(key, []).append(payload)
    return truths


def _show(truth: Truth, payload: dict[str, Any]) -> None:
    value, priority = payload["presentValue"], payload.get("priority")
    if priority is None:
        truth.plain = value
    elif value is None:
        truth.slots.pop(priority, None)
    else:
        truth.slots[priority] = value


def _payload(event: Logged) -> dict[str, Any] | None:
    """Return what is inside an event, None for what is poison."""
    if event.event_type not in {"ObjectDefinition", "ObjectDelete", "ValueUpdate"}:
        return None
    try:
        payload = json.loads(event.data)["payload"]
    except ValueError, KeyError, TypeError:
        return None
    if event.event_type == "ValueUpdate" and isinstance(
        payload.get("presentValue"), str
    ):
        return None
    return payload if isinstance(payload, dict) else None


def _key(payload: dict[str, Any]) -> int | None:
    number = TYPES.get(payload.get("objectType", ""))
    instance = payload.get("objectInstance")
    if number is None or not isinstance(instance, int) or instance > 4194302:
        return None
    return number << 22 | instance
