"""Records as the messages of KurrentDB's clients, and back."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from kurrentdbclient.protos.v1 import persistent_pb2, shared_pb2, streams_pb2

from .log import Log
from .records import Proposed, Record

type ReadEvent = streams_pb2.ReadResp.ReadEvent | persistent_pb2.ReadResp.ReadEvent
type Wanted = Callable[[Record], bool]

_HALF = 1 << 64


def uuid_text(sent: shared_pb2.UUID) -> str:
    """Return a UUID that came in either form."""
    if sent.WhichOneof("value") == "string":
        return str(UUID(sent.string))
    high = sent.structured.most_significant_bits % _HALF
    return str(UUID(int=high << 64 | sent.structured.least_significant_bits % _HALF))


def uuid_message(text: str, *, structured: bool) -> shared_pb2.UUID:
    """Return a UUID in the form that was asked for."""
    if not structured:
        return shared_pb2.UUID(string=text)
    whole = UUID(text).int
    return shared_pb2.UUID(
        structured=shared_pb2.UUID.Structured(
            most_significant_bits=_signed(whole >> 64),
            least_significant_bits=_signed(whole % _HALF),
        )
    )


def proposed(sent: Any) -> Proposed:
    """Return an event that a client wants to append."""
    return Proposed(
        event_id=uuid_text(sent.id),
        event_type=sent.metadata["type"],
        content_type=sent.metadata["content-type"],
        data=sent.data,
        metadata=sent.custom_metadata,
    )


def read_event[T: ReadEvent](
    kind: type[T], log: Log, record: Record, *, resolve: bool, structured: bool
) -> T:
    """Return a record as it is read; a link that leads nowhere comes without event."""
    target = log.resolve(record) if resolve else None
    sent = kind(commit_position=record.position)
    if resolve and record.target is not None:
        _fill(sent.link, record, structured=structured)
        if target is not None:
            _fill(sent.event, target, structured=structured)
    else:
        _fill(sent.event, record, structured=structured)
    return sent


def wanted(options: Any) -> Wanted:
    """Return the rule of a request's filter; options have filter or no_filter."""
    if options.WhichOneof("filter_option") != "filter":
        return lambda _: True
    by_stream = options.filter.WhichOneof("filter") == "stream_identifier"
    expression = (
        options.filter.stream_identifier if by_stream else options.filter.event_type
    )
    return rule(
        by_stream=by_stream, regex=expression.regex, prefixes=[*expression.prefix]
    )


def rule(*, by_stream: bool, regex: str, prefixes: list[str]) -> Wanted:
    """Return a filter's rule, by names of streams or by types."""
    pattern = re.compile(regex) if regex else None

    def is_wanted(record: Record) -> bool:
        name = record.stream if by_stream else record.event_type
        if pattern is not None:
            return pattern.search(name) is not None
        return not prefixes or name.startswith(tuple(prefixes))

    return is_wanted


def _fill(sent: Any, record: Record, *, structured: bool) -> None:
    sent.id.CopyFrom(uuid_message(record.event_id, structured=structured))
    sent.stream_identifier.stream_name = record.stream.encode()
    sent.stream_revision = record.revision
    sent.prepare_position = sent.commit_position = record.position
    sent.metadata["type"] = record.event_type
    sent.metadata["content-type"] = record.content_type
    sent.metadata["created"] = str(record.created)
    sent.custom_metadata = record.metadata
    sent.data = record.data


def _signed(half: int) -> int:
    return half - _HALF if half >= _HALF >> 1 else half
