"""The JSON in which senders hand events over, or which of them is wrong and why."""

from typing import Annotated, Final
from uuid import UUID, uuid5

import msgspec
from msgspec import Meta, Raw, Struct

from ..event_messages.decoding import KNOWN_TYPES, LARGEST_EVENT_OCTETS, decode
from ..event_messages.models import MalformedEventError
from ..event_source.arrivals import Arrival
from ..event_source.port import NewEvent

MOST_EVENTS: Final = 1000
MOST_OCTETS: Final = 1024**2
_NAMESPACE: Final = UUID("5b0f5ad2-6a5e-4f0a-9b8e-0d6f3c1f7c55")

type Name = Annotated[
    str, Meta(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class SentEventsError(Exception):
    """What was sent cannot be taken; reason is a stable word, the text says more.

    item: which of the events, from 0; None where it is none of them in particular.
    """

    def __init__(self, reason: str, text: str, item: int | None = None) -> None:
        """Keep the reason and the item beside the text."""
        super().__init__(text)
        self.reason = reason
        self.item = item


class _SentEvent(Struct, frozen=True, forbid_unknown_fields=True):
    stream: Name
    data: Raw
    type: Name | None = None
    id: UUID | None = None


class _Named(Struct, frozen=True, rename="camel"):
    """All that is looked at of an event whose type we do not know."""

    message_type: str | None = None


def read_events(
    body: bytes, key: str, *, understood: bool = True
) -> tuple[Arrival, ...]:
    """Return the events of an object or an array; raises SentEventsError.

    key: what the sender repeats when it sends the same again: events without an id get
    one that follows from it and from their place. understood: whether what a message
    says is looked at, or left to the subscription, which puts aside what is wrong.
    """
    if len(body) > MOST_OCTETS:
        raise SentEventsError("too-large", f"{len(body)} octets are too many")
    items = _items(body)
    if not 0 < len(items) <= MOST_EVENTS:
        raise SentEventsError(
            "batch-size", f"send 1 to {MOST_EVENTS} events, not {len(items)}"
        )
    arrivals = tuple(_arrival(item, raw, key) for item, raw in enumerate(items))
    if understood:
        for item, each in enumerate(arrivals):
            _understand(item, each.event)
    return arrivals


def _items(body: bytes) -> list[Raw]:
    try:
        if body.lstrip(b" \t\r\n")[:1] == b"[":
            return _ARRAY.decode(body)
        msgspec.json.decode(body, type=dict[str, Raw])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as err:
        raise SentEventsError("invalid-json", str(err)) from err
    return [Raw(body)]


def _arrival(item: int, raw: Raw, key: str) -> Arrival:
    try:
        sent = _SENT.decode(raw)
        data = bytes(sent.data)
        # Also what is in no field that anybody looks at has to be JSON
        _ANYTHING.decode(data)
    except msgspec.ValidationError as err:
        raise SentEventsError("invalid-event", str(err), item) from err
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as err:
        raise SentEventsError("invalid-json", str(err), item) from err
    if len(data) > LARGEST_EVENT_OCTETS:
        raise SentEventsError("too-large", f"{len(data)} octets are too many", item)
    event_type = sent.type or _type_inside(data)
    if event_type is None:
        raise SentEventsError("no-type", "neither type nor messageType is there", item)
    event_id = str(sent.id or uuid5(_NAMESPACE, f"{key}/{item}"))
    event = NewEvent(event_id=event_id, event_type=event_type, data=data)
    return Arrival(stream=sent.stream, event=event)


def _understand(item: int, event: NewEvent) -> None:
    """Raise SentEventsError for a message that breaks the rules of messages.

    Types that we do not know are kept unread: other consumers have the log as well.
    """
    if {event.event_type, _type_inside(event.data)}.isdisjoint(KNOWN_TYPES):
        return
    try:
        decode(event.event_type, event.data)
    except MalformedEventError as err:
        raise SentEventsError(err.reason, str(err), item) from err


def _type_inside(data: bytes) -> str | None:
    try:
        return _NAMED.decode(data).message_type
    except msgspec.ValidationError:
        return None


_ARRAY: Final = msgspec.json.Decoder(list[Raw])
_SENT: Final = msgspec.json.Decoder(_SentEvent)
_NAMED: Final = msgspec.json.Decoder(_Named)
_ANYTHING: Final = msgspec.json.Decoder()
