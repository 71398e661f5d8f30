"""What a wire does: carry calls to an engine and events back."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from ..engine.errors import PlantroomError
from ..engine.events import NumberedEvent
from ..engine.listeners import Listeners

type EventListener = Callable[[NumberedEvent], None]
type StateListener = Callable[[bool], None]
type FailureListener = Callable[[PlantroomError], None]


class Connection(ABC):
    """Owns the listeners; how calls travel is left to its wires."""

    def __init__(self) -> None:
        """Start with no listeners, not connected."""
        self._event_listeners: Listeners[NumberedEvent] = Listeners()
        self._state_listeners: Listeners[bool] = Listeners()
        self._failure_listeners: Listeners[PlantroomError] = Listeners()
        self._connected = False
        self._instance = ""
        self._may_configure = True
        self._server_version = ""

    @property
    def connected(self) -> bool:
        """Return whether the engine can be asked now."""
        return self._connected

    @property
    def instance(self) -> str:
        """Return which run of which engine answers; event numbers count within it."""
        return self._instance

    @property
    def server_version(self) -> str:
        """Return the version of the server, "" for an engine in this process."""
        return self._server_version

    @property
    def may_configure(self) -> bool:
        """Return whether the engine takes this client's configuration."""
        return self._may_configure

    def note_read_only(self) -> None:
        """Know from now on that the engine does not take this client's configuration."""
        self._may_configure = False

    @abstractmethod
    async def connect(self) -> None:
        """Reach the engine, or raise a PlantroomError."""

    @abstractmethod
    async def disconnect(self) -> None:
        """Leave the engine; calling it twice does no harm."""

    @abstractmethod
    async def call(self, command: str, request: Any = None) -> Any:
        """Run a command and return its result, or raise its PlantroomError.

        Raises ConnectionLostError when not connected.
        """

    def listen(self, listener: EventListener) -> Callable[[], None]:
        """Call listener with every event; return the unsubscribe."""
        return self._event_listeners.add(listener)

    def listen_state(self, listener: StateListener) -> Callable[[], None]:
        """Call listener when the connection comes or goes; return the unsubscribe."""
        return self._state_listeners.add(listener)

    def listen_failure(self, listener: FailureListener) -> Callable[[], None]:
        """Call listener with what a person has to mend; return the unsubscribe.

        After an AuthenticationError or a SchemaError nothing is tried any more; after a
        CertificateError the wire comes back once the right server is there again.
        """
        return self._failure_listeners.add(listener)

    def _deliver(self, event: NumberedEvent) -> None:
        self._event_listeners.tell(event)

    def _set_connected(self, connected: bool) -> None:
        if connected == self._connected:
            return
        self._connected = connected
        self._state_listeners.tell(connected)

    def _give_up(self, err: PlantroomError) -> None:
        self._failure_listeners.tell(err)
