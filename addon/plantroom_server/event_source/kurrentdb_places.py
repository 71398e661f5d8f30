"""What a subscription's events are called in KurrentDB, and where they are."""

import re
from datetime import UTC, datetime
from typing import Final

from kurrentdbclient import RecordedEvent

from custom_components.plantroom.engine.gateway.configuration import (
    StreamKind,
    SubscriptionConfig,
)

from ..event_messages.decoding import KNOWN_TYPES
from .port import StoredEvent

LINK_TYPE: Final = "$>"


def stream_of(config: SubscriptionConfig) -> str | None:
    """Return the stream that is subscribed to, None for all."""
    match config.stream_kind:
        case StreamKind.STREAM:
            return config.stream
        case StreamKind.CATEGORY:
            # Links to all events of streams that are called so before their first hyphen
            return f"$ce-{config.stream}"
        case StreamKind.ALL:
            return None


def types_of(config: SubscriptionConfig) -> frozenset[str]:
    """Return the types of events that a subscription to all wants."""
    return frozenset(config.event_types or KNOWN_TYPES)


def filter_of(config: SubscriptionConfig) -> tuple[str, ...]:
    """Return the filter of a subscription to all.

    One pattern: of several, the client would anchor the first and the last only.
    """
    types = "|".join(re.escape(each) for each in sorted(types_of(config)))
    return (f"(?:{types})",)


def place_in(stream: str | None, event: RecordedEvent) -> int | None:
    """Return an event's position along a subscription, None when it does not say."""
    if stream is None:
        return event.commit_position
    if event.link is not None and event.link.stream_name == stream:
        return event.link.stream_position
    return event.stream_position if event.stream_name == stream else None


def link_target(event: RecordedEvent) -> tuple[str, int]:
    """Return the stream and position a link leads to; raises ValueError."""
    position, _, stream = event.data.decode().partition("@")
    return stream, int(position)


def position_in(text: str) -> int | None:
    """Return a position of "12" or "C:1024/P:1024", None for no position."""
    number = text.partition("/")[0].removeprefix("C:")
    return int(number) if number.isdecimal() else None


def stored(event: RecordedEvent, position: int, retries: int = 0) -> StoredEvent:
    """Return an event as the gateway takes it."""
    return StoredEvent(
        position=position,
        event_id=str(event.id),
        stream=event.stream_name,
        event_type=event.type,
        data=event.data,
        recorded_at=event.recorded_at or datetime.now(UTC),
        redelivered=retries,
    )
