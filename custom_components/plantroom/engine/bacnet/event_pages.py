"""Asking a device for all its alarms, page by page (clause 13.12)."""

from dataclasses import dataclass
from typing import Final, Protocol

from ..errors import MalformedReplyError
from .octets.encoding import ObjectId
from .octets.event_information import (
    GET_EVENT_INFORMATION,
    EventSummary,
    decode_event_page,
    encode_get_event_information,
)
from .octets.tags import MalformedFrameError

MOST_SUMMARIES: Final = 10_000


class Asks(Protocol):
    """Sends confirmed requests to one device."""

    async def request(
        self, service: int, data: bytes, *, urgent: bool = False
    ) -> bytes:
        """Return the service data of the acknowledgement, or raise a DeviceError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSummaries:
    """What a device said; complete: False when it went round in circles."""

    summaries: dict[ObjectId, EventSummary]
    complete: bool


async def read_event_summaries(device: Asks, name: str) -> EventSummaries:
    """Return all that a device has to say of its objects; raises DeviceError."""
    found: dict[ObjectId, EventSummary] = {}
    last: ObjectId | None = None
    while len(found) < MOST_SUMMARIES:
        octets = await device.request(
            GET_EVENT_INFORMATION, encode_get_event_information(last)
        )
        try:
            page = decode_event_page(octets)
        except MalformedFrameError as err:
            raise MalformedReplyError(
                f"{name} says of its alarms what cannot be decoded: {err}", device=name
            ) from err
        before = len(found)
        found.update((each.event_object, each) for each in page.summaries)
        if not page.more:
            return EventSummaries(summaries=found, complete=True)
        if len(found) == before:
            break
        last = page.summaries[-1].event_object
    return EventSummaries(summaries=found, complete=False)
