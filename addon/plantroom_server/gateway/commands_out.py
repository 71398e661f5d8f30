"""What BACnet clients command, told to the event store once each and in order."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import groupby
from typing import Final
from uuid import uuid4

import msgspec

from custom_components.plantroom.engine.backoff import backoff_seconds
from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalCommand,
    LocalValue,
    ObjectKey,
)
from custom_components.plantroom.engine.gateway.configuration import SubscriptionConfig

from ..event_source.port import EventSource, NewEvent
from ..gateway_errors import EventSourceError
from .ledger import Ledger

_LOGGER = logging.getLogger(__name__)

EVENT_TYPE: Final = "PresentValueWritten"
AT_ONCE: Final = 100


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
    """Keeps each command before its client hears that it is done, then sends it."""

    def __init__(
        self,
        config: SubscriptionConfig,
        source: EventSource,
        ledger: Ledger,
        is_ours: Callable[[ObjectKey], bool],
    ) -> None:
        """Take where commands go; is_ours: whether an object is of the subscription."""
        self._config = config
        self._source = source
        self._ledger = ledger
        self._is_ours = is_ours
        self._arrival = asyncio.Event()
        self.waiting = 0

    async def take(self, command: LocalCommand) -> None:
        """Keep a command; raises StorageError."""
        if not self._is_ours(command.key):
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
        await self._ledger.add_command(
            self._config.subscription_id, self._config.commands_to, event
        )
        self.waiting += 1
        self._arrival.set()

    async def run(self) -> None:
        """Send what waits, for ever, again and again while the store is away."""
        failures = 0
        while True:
            self._arrival.clear()
            try:
                while await self._send_some():
                    failures = 0
            except EventSourceError as err:
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
            await self._ledger.drop_commands([each.number for each in group])
        self.waiting = await self._ledger.count_commands(self._config.subscription_id)
        return bool(waiting)
