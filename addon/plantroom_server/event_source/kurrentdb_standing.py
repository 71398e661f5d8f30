"""How far a group is in KurrentDB, as far as the account may know."""

from dataclasses import dataclass

from kurrentdbclient import AsyncKurrentDBClient
from kurrentdbclient.exceptions import AccessDeniedError, NotFoundError

from custom_components.plantroom.engine.gateway.configuration import (
    StreamKind,
    SubscriptionConfig,
)

from .kurrentdb_places import filter_of, position_in, stream_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a stream ends and where a group is; of all, nobody counts what is between.

    checkpoint: None before the first and where the account may not know it.
    """

    kind: StreamKind
    last: int | None
    checkpoint: int | None = None
    parked: int = 0
    in_flight: int = 0

    def waiting(self, done: int | None) -> int | None:
        """Return how many events are after a position, None when nobody can say."""
        if self.last is None:
            return 0
        if self.kind is StreamKind.ALL:
            return 0 if done is not None and done >= self.last else None
        return max(0, self.last - (-1 if done is None else done))


async def standing(
    client: AsyncKurrentDBClient, config: SubscriptionConfig
) -> Standing:
    """Return where a group is; raises errors of the client."""
    stream, kind = stream_of(config), config.stream_kind
    last = await _last_position(client, config)
    try:
        info = await client.get_subscription_info(config.group, stream)
    except AccessDeniedError, NotFoundError:
        return Standing(kind=kind, last=last)
    return Standing(
        kind=kind,
        last=last,
        checkpoint=position_in(info.last_checkpointed_event_position),
        parked=info.parked_message_count,
        in_flight=info.total_in_flight_messages,
    )


async def _last_position(
    client: AsyncKurrentDBClient, config: SubscriptionConfig
) -> int | None:
    stream = stream_of(config)
    if stream is not None:
        version = await client.get_current_version(stream)
        return version if isinstance(version, int) else None
    async with await client.read_all(
        backwards=True, filter_include=filter_of(config), limit=1
    ) as found:
        async for event in found:
            return event.commit_position
    return None
