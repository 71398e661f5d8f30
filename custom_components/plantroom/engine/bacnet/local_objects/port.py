"""The objects of our own device, as whoever fills them sees them."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable
from math import inf
from typing import Protocol

from ...models import StatusFlags
from .models import (
    LocalCommand,
    LocalDefinition,
    LocalDeviceFacts,
    LocalState,
    LocalValue,
    ObjectKey,
)

type ChangeListener = Callable[[ObjectKey], None]
type CommandListener = Callable[[LocalCommand], Awaitable[None]]


class ServedObjects(Protocol):
    """Defines, shows and deletes objects while clients read and command them."""

    @abstractmethod
    def define(self, definition: LocalDefinition, state: LocalState | None) -> None:
        """Add an object, or change what it is and keep what it shows.

        state: what a new one shows, None for its initial value. Raises
        ConfigurationError for a name that another has, or a type that does not fit.
        """

    @abstractmethod
    def delete(self, key: ObjectKey) -> None:
        """Remove an object and its subscriptions; one that is not there does no harm."""

    @abstractmethod
    def show(
        self,
        key: ObjectKey,
        *,
        value: LocalValue | None,
        priority: int | None = None,
        flags: StatusFlags | None = None,
        reliability: str | None = None,
        event_state: str | None = None,
    ) -> LocalState:
        """Change what an object shows and return that; subscribers hear of it.

        priority: the slot that value goes into, None value releasing it; without it a
        commandable object's relinquish default. None for what stays as it is.
        Raises UnknownTargetError, ConfigurationError for a value that does not fit.
        """

    @abstractmethod
    def definition(self, key: ObjectKey) -> LocalDefinition | None:
        """Return what an object is, None for one that is not there."""

    @abstractmethod
    def state(self, key: ObjectKey) -> LocalState | None:
        """Return what an object shows, None for one that is not there."""

    @abstractmethod
    def keys(self) -> Iterable[ObjectKey]:
        """Return all objects."""

    @abstractmethod
    def describe_device(self, facts: LocalDeviceFacts) -> None:
        """Change what the device says of itself."""

    @abstractmethod
    def listen_commands(self, listener: CommandListener) -> Callable[[], None]:
        """Call listener with every command accepted; return the unsubscribe.

        The client has its answer only when listener is done; one that raises
        PlantroomError makes the write fail, and the object stays as it was.
        """

    @abstractmethod
    def listen_changes(self, listener: ChangeListener) -> Callable[[], None]:
        """Call listener after every change, by whomever; return the unsubscribe."""

    @abstractmethod
    def set_live(self, live: bool, until: float = inf) -> None:
        """Answer and announce ourselves, or be silent: another one is this device.

        until: the moment of lease_clock from which on we are silent all the same, unless
        told again. Objects may be filled while we are silent.
        """
