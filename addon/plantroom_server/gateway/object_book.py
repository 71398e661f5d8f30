"""The objects of one subscription: what messages make of them, and what to keep."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalDefinition,
    LocalDeviceFacts,
    LocalType,
    LocalValue,
    ObjectKey,
)
from custom_components.plantroom.engine.bacnet.local_objects.port import ServedObjects
from custom_components.plantroom.engine.errors import ConfigurationError

from ..event_messages.decoding import LARGEST_INSTANCE, fitting_value
from ..event_messages.models import (
    Define,
    Delete,
    Describe,
    MalformedEventError,
    Measured,
    Message,
    Show,
    Shown,
)
from ..recovery_cache.port import CachedState, CacheFlush
from .fault_flag import with_fault
from .kept_objects import (
    DEVICE_KEY,
    CommandMark,
    KeptDefinition,
    KeptValue,
    key_of,
    key_text,
    read_definition,
    read_device,
    read_value,
    written,
)
from .object_entry import ObjectEntry

PLAIN_VALUE: Final = ""
OBJECTS_A_TURN: Final = 200


@dataclass(slots=True)
class _Unkept:
    """What the recovery cache does not know yet."""

    definitions: set[ObjectKey] = field(default_factory=set)
    values: set[ObjectKey] = field(default_factory=set)
    device: bool = False


_NOTHING: Final = Shown()

type StandingCommands = Mapping[ObjectKey, Mapping[int, LocalValue]]


class ObjectBook:
    """Applies messages to the objects served, late and double ones to no effect."""

    def __init__(self, objects: ServedObjects, offset: int) -> None:
        """Take the device's objects, and where instances of sensors begin."""
        self._objects = objects
        self._offset = offset
        self._entries: dict[ObjectKey, ObjectEntry] = {}
        self._sensors: dict[str, ObjectKey] = {}
        self._next_instance = offset
        self._device: LocalDeviceFacts | None = None
        self._unkept = _Unkept()
        self._standing: StandingCommands = {}
        self._unlisten: Callable[[], None] | None = None

    def __len__(self) -> int:
        """Return how many objects there are."""
        return len(self._entries)

    def __contains__(self, key: ObjectKey) -> bool:
        """Return whether an object is of this subscription."""
        return key in self._entries

    def open(self) -> None:
        """Notice what anybody changes from now on."""
        self._unlisten = self._objects.listen_changes(self._changed)

    def close(self) -> None:
        """Take the objects away; nothing of it is for the cache."""
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        for key in tuple(self._entries):
            self._objects.delete(key)
        self._entries.clear()
        self._sensors.clear()
        self._device = None
        self._standing = {}
        self._next_instance = self._offset
        self._unkept = _Unkept()

    async def restore(self, cached: CachedState) -> None:
        """Make the objects what they were, some at a time; raises RecoveryCacheError.

        What clients command meanwhile is for the cache.
        """
        self._unkept = _Unkept()
        for number, (text, data) in enumerate(cached.definitions.items(), 1):
            if number % OBJECTS_A_TURN == 0:
                await asyncio.sleep(0)
            if text == DEVICE_KEY:
                self._device = read_device(data)
                self._objects.describe_device(self._device)
                continue
            kept = read_definition(data)
            value = cached.values.get(text)
            self._restore_one(kept, None if value is None else read_value(value))

    def note_command(self, key: ObjectKey, command: CommandMark) -> None:
        """Know which command an object is given in this turn of the loop."""
        entry = self._entries.get(key)
        if entry is not None:
            entry.command = command
            self._unkept.values.add(key)

    def command_again(
        self,
        key: ObjectKey,
        value: LocalValue | None,
        priority: int | None,
        at: int,
        command: CommandMark,
    ) -> None:
        """Command what a client commanded before the cache knew of it.

        at: position of the last event used before.
        """
        entry = self._entries.get(key)
        if entry is None or entry.has(command, at):
            return
        entry.command = command
        entry.commanded[_slot(priority)] = at
        self._objects.show(key, value=value, priority=priority)
        self._unkept.values.add(key)

    def command_when_defined(self, commands: StandingCommands) -> None:
        """Fill slots of priority arrays, of objects to come as soon as they are there."""
        self._standing = commands
        for key in tuple(self._entries):
            self._command_standing(key)

    def apply(self, message: Message, position: int) -> None:
        """Do what a message says; raises MalformedEventError for what cannot be."""
        try:
            match message:
                case Show():
                    self._show(message, position)
                case Measured():
                    self._measure(message, position)
                case Define():
                    self._define(message, position)
                case Delete():
                    self._delete(message, position)
                case Describe():
                    self._describe(message)
        except ConfigurationError as err:
            reason = err.facts.get("field", "")
            raise MalformedEventError(f"{reason}-does-not-fit", str(err)) from err

    def take_changes(self) -> CacheFlush:
        """Return what the cache does not know, as knowing it from now on."""
        unkept, self._unkept = self._unkept, _Unkept()
        definitions = {
            key_text(key): self._written_definition(key) for key in unkept.definitions
        }
        if unkept.device and self._device is not None:
            definitions[DEVICE_KEY] = written(self._device)
        values = {key_text(key): self._written_value(key) for key in unkept.values}
        return CacheFlush(definitions=definitions, values=values)

    def give_back(self, changes: CacheFlush) -> None:
        """Take changes that the cache did not keep after all."""
        self._unkept.device |= DEVICE_KEY in changes.definitions
        self._unkept.definitions.update(
            key_of(text) for text in changes.definitions if text != DEVICE_KEY
        )
        self._unkept.values.update(map(key_of, changes.values))

    def forget_cache(self) -> None:
        """Take the cache as empty: everything is to be kept anew."""
        keys = set(self._entries)
        self._unkept = _Unkept(
            definitions=keys | self._unkept.definitions,
            values=keys | self._unkept.values,
            device=self._device is not None,
        )

    @property
    def has_changes(self) -> bool:
        """Return whether there is something that the cache does not know."""
        unkept = self._unkept
        return bool(unkept.definitions or unkept.values or unkept.device)

    def _define(self, message: Define, position: int) -> None:
        key = message.definition.key
        entry = self._entries.get(key)
        if entry is None and self._objects.definition(key) is not None:
            raise MalformedEventError(
                "object-in-use", f"{key_text(key)} is another subscription's"
            )
        if entry is not None and position < entry.defined:
            return
        self._put(message.definition, position, "" if entry is None else entry.sensor)
        shown = message.shown
        if shown.flags or shown.reliability or shown.event_state:
            self._objects.show(
                key,
                value=None,
                flags=with_fault(
                    shown.flags, shown.reliability, self._objects.state(key)
                ),
                reliability=shown.reliability,
                event_state=shown.event_state,
            )

    def _put(self, definition: LocalDefinition, position: int, sensor: str) -> None:
        key = definition.key
        entry = self._entries.get(key)
        is_new = entry is None
        if entry is None:
            entry = self._entries[key] = ObjectEntry(defined=position, sensor=sensor)
        try:
            self._objects.define(definition, None)
        except ConfigurationError:
            if is_new:
                del self._entries[key]
            raise
        entry.defined = position
        self._unkept.definitions.add(key)
        if is_new:
            self._command_standing(key)

    def _command_standing(self, key: ObjectKey) -> None:
        definition = self._objects.definition(key)
        if definition is not None and definition.has_priorities:
            for priority, value in self._standing.get(key, {}).items():
                self._objects.show(key, value=value, priority=priority)
            self._unkept.values.add(key)

    def _show(self, message: Show, position: int) -> None:
        key = message.key
        entry, definition = self._entries.get(key), self._objects.definition(key)
        if entry is None or definition is None:
            raise MalformedEventError("unknown-object", f"no {key_text(key)}", key)
        if self._is_late(entry, message, position):
            return
        if message.priority is not None and not definition.has_priorities:
            raise MalformedEventError(
                "no-priority-array", f"{key_text(key)} has no priority array"
            )
        value = message.value
        states = 0
        if not key.type.is_analog and not key.type.is_binary:
            states = definition.state_count
        shown = message.shown
        self._objects.show(
            key,
            value=None if value is None else fitting_value(key, value, states),
            priority=message.priority,
            flags=with_fault(shown.flags, shown.reliability, self._objects.state(key)),
            reliability=shown.reliability,
            event_state=shown.event_state,
        )
        self._showed(key, entry, message, position)

    def _showed(
        self, key: ObjectKey, entry: ObjectEntry, message: Show, position: int
    ) -> None:
        entry.shown = max(entry.shown, position)
        if message.source_at is not None:
            entry.told_at[_slot(message.priority)] = message.source_at
        self._unkept.values.add(key)

    @staticmethod
    def _is_late(entry: ObjectEntry, message: Show, position: int) -> bool:
        """Return whether what is shown is newer: by its source, else by its place."""
        slot = _slot(message.priority)
        if position <= entry.commanded.get(slot, -1):
            return True
        told_at = entry.told_at.get(slot)
        source_at = message.source_at
        if source_at and told_at and source_at != told_at:
            return source_at < told_at
        return position < entry.shown

    def _measure(self, message: Measured, position: int) -> None:
        key = self._sensors.get(message.sensor)
        if key is None:
            key = self._make_sensor(message, position)
        self._show(
            Show(
                at=message.at,
                source_at=message.at,
                key=key,
                value=message.value,
                priority=None,
                shown=_NOTHING,
            ),
            position,
        )

    def _make_sensor(self, message: Measured, position: int) -> ObjectKey:
        key = self._free_input()
        definition = LocalDefinition(key=key, name=message.sensor, units=message.units)
        self._put(definition, position, message.sensor)
        self._sensors[message.sensor] = key
        return key

    def _free_input(self) -> ObjectKey:
        while self._next_instance <= LARGEST_INSTANCE:
            key = ObjectKey(LocalType.ANALOG_INPUT, self._next_instance)
            self._next_instance += 1
            if self._objects.definition(key) is None:
                return key
        raise MalformedEventError("no-instance-left", "all instances are in use")

    def _delete(self, message: Delete, position: int) -> None:
        entry = self._entries.get(message.key)
        if entry is None or position < entry.defined:
            return
        del self._entries[message.key]
        if self._sensors.get(entry.sensor) == message.key:
            del self._sensors[entry.sensor]
        self._objects.delete(message.key)
        self._unkept.definitions.add(message.key)
        self._unkept.values.add(message.key)

    def _describe(self, message: Describe) -> None:
        before = self._device or LocalDeviceFacts()
        named = {
            name: getattr(message.facts, name) or getattr(before, name)
            for name in (
                "name",
                "description",
                "location",
                "model",
                "vendor",
                "software",
            )
        }
        self._device = replace(before, **named)
        self._objects.describe_device(self._device)
        self._unkept.device = True

    def _restore_one(self, kept: KeptDefinition, value: KeptValue | None) -> None:
        key = kept.definition.key
        entry = ObjectEntry(defined=kept.position, sensor=kept.sensor)
        if value is not None:
            entry.shown, entry.told_at = value.position, dict(value.told_at)
            entry.command = value.command
        self._objects.define(kept.definition, None if value is None else value.state)
        self._entries[key] = entry
        if kept.sensor:
            self._sensors[kept.sensor] = key
            self._next_instance = max(self._next_instance, key.instance + 1)

    def _changed(self, key: ObjectKey) -> None:
        if key in self._entries:
            self._unkept.values.add(key)

    def _written_definition(self, key: ObjectKey) -> str | None:
        entry, definition = self._entries.get(key), self._objects.definition(key)
        if entry is None or definition is None:
            return None
        return written(
            KeptDefinition(
                definition=definition, position=entry.defined, sensor=entry.sensor
            )
        )

    def _written_value(self, key: ObjectKey) -> str | None:
        entry, state = self._entries.get(key), self._objects.state(key)
        if entry is None or state is None:
            return None
        return written(
            KeptValue(
                state=state,
                position=entry.shown,
                told_at=entry.told_at,
                command=entry.command,
            )
        )


def _slot(priority: int | None) -> str:
    return PLAIN_VALUE if priority is None else str(priority)
