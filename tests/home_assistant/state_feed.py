"""States as they change, the way the frontend follows them, with the moment each one arrived."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from .api import HomeAssistantApi

NO_VALUE = frozenset({"unknown", "unavailable"})
KEPT_CHANGES = 200_000
START_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """A state that arrived; `at` is of time.monotonic, the same in every process."""

    entity_id: str
    state: str
    at: float

    @property
    def has_value(self) -> bool:
        """Return whether the entity knows its value."""
        return self.state not in NO_VALUE


@dataclass(slots=True)
class StateFeed:
    """Follows every state, or those of some entities; arrived_at is of the latest state."""

    states: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)
    changes: deque[StateChange] = field(
        default_factory=lambda: deque(maxlen=KEPT_CHANGES)
    )
    arrived_at: dict[str, float] = field(default_factory=dict)
    started: bool = False
    _waiting: set[asyncio.Event] = field(default_factory=set)

    async def start(
        self, api: HomeAssistantApi, entity_ids: Iterable[str] | None = None
    ) -> int:
        """Follow from now on, what is known already first; return the subscription."""
        chosen = {} if entity_ids is None else {"entity_ids": list(entity_ids)}
        subscription = await api.subscribe(self._take, "subscribe_entities", **chosen)
        await self.wait_until(lambda feed: feed.started, START_SECONDS)
        return subscription

    async def wait_until(
        self, condition: Callable[[StateFeed], bool], seconds: float
    ) -> None:
        """Return once the condition holds; raises TimeoutError."""
        changed = asyncio.Event()
        self._waiting.add(changed)
        try:
            async with asyncio.timeout(seconds):
                while not condition(self):
                    changed.clear()
                    await changed.wait()
        finally:
            self._waiting.discard(changed)

    async def wait_for(self, entity_id: str, state: str, seconds: float) -> None:
        """Return once an entity has a state; raises TimeoutError saying what it has."""
        try:
            await self.wait_until(lambda f: f.states.get(entity_id) == state, seconds)
        except TimeoutError as err:
            found = self.states.get(entity_id)
            raise TimeoutError(f"{entity_id} is {found}, not {state}") from err

    async def wait_for_values(self, entity_ids: Iterable[str], seconds: float) -> None:
        """Return once all the entities know a value; raises TimeoutError naming the rest."""
        wanted = list(entity_ids)
        try:
            await self.wait_until(lambda f: not f.without_value(wanted), seconds)
        except TimeoutError as err:
            missing = self.without_value(wanted)
            raise TimeoutError(f"{len(missing)} without value: {missing[:10]}") from err

    def without_value(self, entity_ids: Iterable[str]) -> list[str]:
        """Return those of the entities whose value is not known."""
        return [e for e in entity_ids if self.states.get(e, "unknown") in NO_VALUE]

    def _take(self, event: dict[str, Any]) -> None:
        at = time.monotonic()
        self.started = True
        for entity_id, added in event.get("a", {}).items():
            self.attributes[entity_id] = dict(added["a"])
            self._note(entity_id, added["s"], at)
        for entity_id, difference in event.get("c", {}).items():
            self._take_difference(entity_id, difference, at)
        for entity_id in event.get("r", []):
            self.states.pop(entity_id, None)
            self.attributes.pop(entity_id, None)
        for changed in self._waiting:
            changed.set()

    def _take_difference(
        self, entity_id: str, difference: dict[str, Any], at: float
    ) -> None:
        added = difference.get("+", {})
        attributes = self.attributes.setdefault(entity_id, {})
        for name in difference.get("-", {}).get("a", []):
            attributes.pop(name, None)
        attributes.update(added.get("a", {}))
        if "s" in added:
            self._note(entity_id, added["s"], at)

    def _note(self, entity_id: str, state: str, at: float) -> None:
        self.states[entity_id] = state
        self.arrived_at[entity_id] = at
        self.changes.append(StateChange(entity_id=entity_id, state=state, at=at))
