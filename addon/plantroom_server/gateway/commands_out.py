"""What BACnet clients command: done over any kill, told to the event store once each."""

import asyncio
import logging
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Final
from uuid import uuid4

import msgspec

from custom_components.plantroom.engine.backoff import backoff_seconds
from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalCommand,
    LocalType,
    LocalValue,
    ObjectKey,
)
from custom_components.plantroom.engine.errors import ConfigurationError, StorageError
from custom_components.plantroom.engine.gateway.configuration import (
    StreamKind,
    SubscriptionConfig,
)

from ..event_source.port import EventSource, NewEvent
from ..gateway_errors import EventSourceError, EventSourceRefusedError
from .keeping import Keeping
from .kept_objects import CommandMark
from .ledger import Ledger, WaitingCommand
from .object_book import ObjectBook

_LOGGER = logging.getLogger(__name__)

EVENT_TYPE: Final = "PresentValueWritten"
AT_ONCE: Final = 100
AGAIN_SECONDS: Final = 5.0


class PresentValueWritten(msgspec.Struct, frozen=True, rename="camel"):
    """What a client wrote; the instance is the producer's, without our offset."""

    message_type: str
    timestamp: datetime
    source_id: str
    source_address: str
    correlation_id: str
    object_type: str
    object_instance: int
    present_value: LocalValue | None
    priority: int | None


class CommandsOut:
    """Keeps each command before its client hears that it is done, then sends it.

    It stays in the ledger until the event store has it, and the recovery cache what it
    made of its object: a server that is killed commands it again at its next start.
    """

    def __init__(
        self,
        config: SubscriptionConfig,
        source: EventSource,
        ledger: Ledger,
        book: ObjectBook,
        keeping: Keeping,
    ) -> None:
        """Take where commands go, and the objects that are commanded."""
        self._config = config
        self._source = source
        self._ledger = ledger
        self._book = book
        self._keeping = keeping
        self._arrival = asyncio.Event()
        self._sent = asyncio.Event()
        # Kept, and not yet seen at their objects
        self._on_the_way: set[str] = set()
        self.waiting = 0

    async def take(self, command: LocalCommand) -> None:
        """Keep a command; raises StorageError."""
        if command.key not in self._book:
            return
        event_id = str(uuid4())
        sent = PresentValueWritten(
            message_type=EVENT_TYPE,
            timestamp=datetime.now(UTC),
            source_id=self._config.subscription_id,
            source_address=command.source,
            correlation_id=event_id,
            object_type=command.key.type,
            object_instance=command.key.instance - self._config.offset,
            present_value=command.value,
            priority=command.priority,
        )
        event = NewEvent(
            event_id=event_id, event_type=EVENT_TYPE, data=msgspec.json.encode(sent)
        )
        position = self._keeping.position
        self._on_the_way.add(event_id)
        try:
            number = await self._ledger.add_command(
                self._config.subscription_id,
                self._config.commands_to,
                event,
                -1 if position is None else position,
            )
            # Whatever was used and kept meanwhile, the cache has not seen this one
            self._book.note_command(command.key, self._mark(number))
        finally:
            # The object is commanded in this turn of the loop
            asyncio.get_running_loop().call_soon(self._arrive, event_id)
        self.waiting += 1

    async def restore(self) -> None:
        """Command again what the cache may not know; raises StorageError."""
        for each in await self._ledger.kept_commands(self._config.subscription_id):
            said = _COMMAND.decode(each.event.data)
            instance = said.object_instance + self._config.offset
            key = ObjectKey(LocalType(said.object_type), instance)
            try:
                self._book.command_again(
                    key,
                    said.present_value,
                    said.priority,
                    each.position,
                    self._mark(each.number),
                )
            except ConfigurationError as err:
                # The object was defined anew since
                _LOGGER.warning("A command is not repeated: %s", err)
        await self._count()
        self._sent.set()

    async def recall(self) -> None:
        """Command again what the store knows of, where the cache knows nothing.

        Raises EventSourceError, StorageError.
        """
        standing: dict[ObjectKey, dict[int, LocalValue]] = {}
        config = replace(
            self._config,
            stream_kind=StreamKind.STREAM,
            stream=self._config.commands_to,
        )
        try:
            async with aclosing(self._source.read(config)) as events:
                async for event in events:
                    if event.event_type == EVENT_TYPE:
                        self._recall_one(event.data, standing)
        except EventSourceRefusedError as err:
            _LOGGER.warning("What was commanded before is not known: %s", err)
        for each in await self._ledger.kept_commands(self._config.subscription_id):
            self._recall_one(each.event.data, standing)
        self._book.command_when_defined(standing)

    async def forget_kept(self) -> None:
        """Drop commands for ever, once the store and the cache have them."""
        while True:
            await self._sent.wait()
            self._sent.clear()
            try:
                await self._drop_kept()
            except StorageError as err:
                _LOGGER.warning("Commands stay in the ledger: %s", err)
                self._sent.set()
                await asyncio.sleep(AGAIN_SECONDS)

    async def run(self) -> None:
        """Send what waits, for ever, again and again while the store is away."""
        failures = 0
        while True:
            self._arrival.clear()
            try:
                while await self._send_some():
                    failures = 0
            except (EventSourceError, StorageError) as err:
                failures += 1
                if failures == 1:
                    _LOGGER.warning("Commands wait for the event store: %s", err)
                await asyncio.sleep(backoff_seconds(failures))
            else:
                await self._arrival.wait()

    async def _send_some(self) -> bool:
        waiting = await self._ledger.commands(self._config.subscription_id, AT_ONCE)
        for stream, commands in groupby(waiting, lambda each: each.stream):
            group = list(commands)
            await self._source.append(stream, [each.event for each in group])
            await self._ledger.note_sent([each.number for each in group])
            self._sent.set()
        await self._count()
        return bool(waiting)

    async def _count(self) -> None:
        self.waiting = await self._ledger.count_commands(self._config.subscription_id)

    async def _drop_kept(self) -> None:
        sent = await self._ledger.sent_commands(self._config.subscription_id)
        done: list[WaitingCommand] = []
        for each in sent:
            if each.event.event_id in self._on_the_way:
                # Those after it stay too: the last one of an object has to be the last
                self._sent.set()
                break
            done.append(each)
        await self._keeping.until_saved()
        if done:
            await self._ledger.drop_commands([each.number for each in done])

    def _mark(self, number: int) -> CommandMark:
        return CommandMark(self._ledger.ledger_id, number)

    def _recall_one(
        self, data: bytes, standing: dict[ObjectKey, dict[int, LocalValue]]
    ) -> None:
        try:
            said = _COMMAND.decode(data)
            key = ObjectKey(
                LocalType(said.object_type), said.object_instance + self._config.offset
            )
        except msgspec.DecodeError, ValueError:
            # Of somebody else
            return
        if said.source_id != self._config.subscription_id or said.priority is None:
            return
        slots = standing.setdefault(key, {})
        slots.pop(said.priority, None)
        if said.present_value is not None:
            slots[said.priority] = said.present_value

    def _arrive(self, event_id: str) -> None:
        self._on_the_way.discard(event_id)
        self._keeping.wake()
        self._arrival.set()


_COMMAND: Final = msgspec.json.Decoder(PresentValueWritten)
