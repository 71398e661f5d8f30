"""What a wire does: carry calls to an engine and events back."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from ..engine.events import NumberedEvent

_LOGGER = logging.getLogger(__name__)

type EventListener = Callable[[NumberedEvent], None]
type StateListener = Callable[[bool], None]


class Connection(ABC):
    """Owns the listeners; how calls travel is left to its wires."""

    def __init__(self) -> None:
        """Start with no listeners, not connected."""
        self._event_listeners: dict[object, EventListener] = {}
        self._state_listeners: dict[object, StateListener] = {}
        self._connected = False

    @property
    def connected(self) -> bool:
        """Return whether the engine can be asked now."""
        return self._connected

    @abstractmethod
    async def connect(self) -> None:
        """Reach the engine, or raise a PlantroomError."""

    @abstractmethod
    async def disconnect(self) -> None:
        """Leave the engine; calling it twice does no harm."""

    @abstractmethod
    async def call(self, command: str, request: Any = None) -> Any:
        """Run a command and return its result, or raise its PlantroomError."""

    def listen(self, listener: EventListener) -> Callable[[], None]:
        """Call listener with every event; return the unsubscribe."""
        return _add(self._event_listeners, listener)

    def listen_state(self, listener: StateListener) -> Callable[[], None]:
        """Call listener when the connection comes or goes; return the unsubscribe."""
        return _add(self._state_listeners, listener)

    def _deliver(self, event: NumberedEvent) -> None:
        for listener in tuple(self._event_listeners.values()):
            listener(event)

    def _set_connected(self, connected: bool) -> None:
        if connected == self._connected:
            return
        self._connected = connected
        for listener in tuple(self._state_listeners.values()):
            listener(connected)


def _add[T](listeners: dict[object, T], listener: T) -> Callable[[], None]:
    key = object()
    listeners[key] = listener

    def unsubscribe() -> None:
        listeners.pop(key, None)

    return unsubscribe
