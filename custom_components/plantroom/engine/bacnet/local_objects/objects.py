"""The objects of our own device and what they show, whoever serves them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import inf
from typing import override

from ...errors import ConfigurationError, UnknownTargetError
from ...listeners import Listeners
from ...models import StatusFlags
from .commanding import commanded, first_state, fitted, redefined, within_limits
from .lease_clock import lease_now
from .models import (
    LocalCommand,
    LocalDefinition,
    LocalDeviceFacts,
    LocalState,
    LocalValue,
    ObjectKey,
)
from .port import ChangeListener, CommandListener, ServedObjects


class LocalObjects(ServedObjects):
    """One writer of what our objects are and show; those who serve them listen."""

    def __init__(self) -> None:
        """Start with none, and answering until we are told to be silent."""
        self.facts = LocalDeviceFacts()
        self._is_live = True
        self._live_until = inf
        self._definitions: dict[ObjectKey, LocalDefinition] = {}
        self._states: dict[ObjectKey, LocalState] = {}
        self._names: dict[str, ObjectKey] = {}
        self._change_listeners: Listeners[ObjectKey] = Listeners()
        self._definition_listeners: Listeners[ObjectKey] = Listeners()
        self._device_listeners: Listeners[None] = Listeners()
        self._command_listeners: list[CommandListener] = []

    @property
    def live(self) -> bool:
        """Return whether we are this device now, looked at for every answer."""
        return self._is_live and lease_now() < self._live_until

    @override
    def define(self, definition: LocalDefinition, state: LocalState | None) -> None:
        key = definition.key
        owner = self._names.get(definition.name)
        if owner not in {None, key}:
            raise ConfigurationError(
                f"{definition.name} is the name of {owner} already", field="name"
            )
        before = self._definitions.get(key)
        shown = self._states.get(key) if state is None else state
        if shown is None:
            shown = first_state(definition)
        else:
            shown = redefined(definition, shown)
            fitted(definition, shown.value)
        if before is not None:
            del self._names[before.name]
        self._names[definition.name] = key
        self._definitions[key] = definition
        self._states[key] = shown
        self._definition_listeners.tell(key)
        self._change_listeners.tell(key)

    @override
    def delete(self, key: ObjectKey) -> None:
        definition = self._definitions.pop(key, None)
        if definition is None:
            return
        del self._names[definition.name]
        del self._states[key]
        self._definition_listeners.tell(key)

    @override
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
        definition, before = self._known(key)
        state = before
        if value is not None:
            value = fitted(definition, value)
        if value is not None or priority is not None:
            state = commanded(definition, state, value, priority)
        if flags is not None or reliability is not None or event_state is not None:
            state = replace(
                state,
                flags=before.flags if flags is None else flags,
                reliability=reliability or before.reliability,
                event_state=event_state or before.event_state,
            )
        if state != before:
            self._states[key] = state
            self._change_listeners.tell(key)
        return state

    @override
    def definition(self, key: ObjectKey) -> LocalDefinition | None:
        return self._definitions.get(key)

    @override
    def state(self, key: ObjectKey) -> LocalState | None:
        return self._states.get(key)

    @override
    def keys(self) -> Iterable[ObjectKey]:
        return self._definitions.keys()

    @override
    def describe_device(self, facts: LocalDeviceFacts) -> None:
        self.facts = facts
        self._device_listeners.tell(None)

    @override
    def listen_commands(self, listener: CommandListener) -> Callable[[], None]:
        self._command_listeners.append(listener)
        return lambda: self._command_listeners.remove(listener)

    @override
    def listen_changes(self, listener: ChangeListener) -> Callable[[], None]:
        return self._change_listeners.add(listener)

    @override
    def set_live(self, live: bool, until: float = inf) -> None:
        self._live_until = until
        if live != self._is_live:
            self._is_live = live
            self._device_listeners.tell(None)

    def listen_definitions(self, listener: ChangeListener) -> Callable[[], None]:
        """Call listener when an object comes, changes what it is, or goes."""
        return self._definition_listeners.add(listener)

    def listen_device(self, listener: Callable[[None], None]) -> Callable[[], None]:
        """Call listener when the device's facts change, or it goes live or silent."""
        return self._device_listeners.add(listener)

    def key_of(self, name: str) -> ObjectKey | None:
        """Return the object of a name, None when there is none."""
        return self._names.get(name)

    async def command(self, command: LocalCommand) -> LocalState:
        """Let a client command an object, and return what it shows then.

        Raises UnknownTargetError; ConfigurationError with field "value" for one that
        does not fit or lies beyond the limits; or what a listener raises, which must
        have kept the command before the client hears that it is done.
        """
        definition, _ = self._known(command.key)
        value = command.value
        if value is not None:
            value = fitted(definition, value)
            if not within_limits(definition, value):
                raise ConfigurationError(f"{value} is out of range", field="value")
        for listener in tuple(self._command_listeners):
            await listener(replace(command, value=value))
        definition, before = self._known(command.key)
        state = commanded(definition, before, value, command.priority)
        if state != before:
            self._states[command.key] = state
            self._change_listeners.tell(command.key)
        return state

    def _known(self, key: ObjectKey) -> tuple[LocalDefinition, LocalState]:
        definition, state = self._definitions.get(key), self._states.get(key)
        if definition is None or state is None:
            raise UnknownTargetError(
                f"There is no {key.type},{key.instance}",
                target=f"{key.type},{key.instance}",
            )
        return definition, state
