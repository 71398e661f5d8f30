"""What a group of consumers was made with, kept over restarts."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Self

from .messages import Wanted, rule

TICKS_A_SECOND = 10_000_000
FROM_START, FROM_END = -1, -2


class RefusedSettingsError(Exception):
    """A group cannot be made with these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSettings:
    """How a group is served.

    stream: "$all" for everything. start: the first revision or position, FROM_START or
    FROM_END. regex, prefixes: of "$all" only.
    """

    stream: str
    group: str
    start: int = FROM_START
    resolve_links: bool = False
    extra_statistics: bool = False
    max_retry_count: int = 10
    min_checkpoint_count: int = 10
    max_checkpoint_count: int = 1000
    max_subscriber_count: int = 0
    live_buffer_size: int = 500
    read_batch_size: int = 20
    history_buffer_size: int = 500
    message_timeout_seconds: float = 30.0
    checkpoint_after_seconds: float = 2.0
    strategy: str = "DispatchToSingle"
    by_stream: bool = False
    regex: str = ""
    prefixes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return what names the group in the whole store."""
        return f"{self.stream}::{self.group}"

    @property
    def is_wanted(self) -> Wanted:
        """Return the rule of the filter."""
        return rule(
            by_stream=self.by_stream, regex=self.regex, prefixes=[*self.prefixes]
        )

    def to_json(self) -> str:
        """Return what is kept."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what was kept."""
        kept = json.loads(text)
        return cls(**{**kept, "prefixes": tuple(kept["prefixes"])})


def key_of(options: Any) -> str:
    """Return the key of the group that a request means."""
    return f"{stream_of(options)}::{options.group_name}"


def stream_of(options: Any) -> str:
    """Return the stream that a request means, "$all" for everything."""
    match options.WhichOneof("stream_option"):
        case "all":
            return "$all"
        case "stream":
            name: bytes = options.stream.stream_identifier.stream_name
        case _:
            name = options.stream_identifier.stream_name
    return name.decode()


def settings_of(options: Any) -> GroupSettings:
    """Return what a request to create or update wants; raises RefusedSettingsError."""
    sent = options.settings
    if sent.read_batch_size >= sent.history_buffer_size:
        raise RefusedSettingsError("read batch size must be below the buffer size")
    by_stream, regex, prefixes = _filter(options)
    strategy = getattr(sent, "consumer_strategy", "") or _named_strategy(sent)
    return GroupSettings(
        stream=stream_of(options),
        group=options.group_name,
        start=_start(options),
        resolve_links=sent.resolve_links,
        extra_statistics=sent.extra_statistics,
        max_retry_count=sent.max_retry_count,
        min_checkpoint_count=sent.min_checkpoint_count,
        max_checkpoint_count=sent.max_checkpoint_count,
        max_subscriber_count=sent.max_subscriber_count,
        live_buffer_size=sent.live_buffer_size,
        read_batch_size=sent.read_batch_size,
        history_buffer_size=sent.history_buffer_size,
        message_timeout_seconds=_seconds(sent, "message_timeout"),
        checkpoint_after_seconds=_seconds(sent, "checkpoint_after"),
        strategy=strategy,
        by_stream=by_stream,
        regex=regex,
        prefixes=prefixes,
    )


def _named_strategy(sent: Any) -> str:
    names = sent.DESCRIPTOR.fields_by_name["named_consumer_strategy"].enum_type
    name: str = names.values_by_number[sent.named_consumer_strategy].name
    return name


def _seconds(sent: Any, name: str) -> float:
    if sent.WhichOneof(name) == f"{name}_ticks":
        return float(getattr(sent, f"{name}_ticks")) / TICKS_A_SECOND
    return float(getattr(sent, f"{name}_ms")) / 1000


def _start(options: Any) -> int:
    if options.WhichOneof("stream_option") == "all":
        which = options.all.WhichOneof("all_option")
        place = options.all.position.commit_position
    else:
        which = options.stream.WhichOneof("revision_option")
        place = options.stream.revision
    if which == "end":
        return FROM_END
    return FROM_START if which == "start" else int(place)


def _filter(options: Any) -> tuple[bool, str, tuple[str, ...]]:
    """Return whether streams are filtered or types, the pattern, and the prefixes."""
    given = options.all if options.WhichOneof("stream_option") == "all" else None
    has_filter = given is not None and "filter" in given.DESCRIPTOR.fields_by_name
    if given is None or not has_filter or not given.HasField("filter"):
        return False, "", ()
    by_stream = given.filter.WhichOneof("filter") == "stream_identifier"
    sent = given.filter.stream_identifier if by_stream else given.filter.event_type
    return by_stream, sent.regex, tuple(sent.prefix)
