"""What the test server keeps, and how it is kept in a file."""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any, Self

HOST = "127.0.0.1"
JOURNAL = "journal.jsonl"
LINK = "$>"
# Positions are octets of a log and so have gaps
POSITION_STEP = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """An event as a client sends it; event_id is a UUID in text."""

    event_id: str
    event_type: str
    content_type: str = "application/json"
    data: bytes = b""
    metadata: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Proposed):
    """An event where it is in the log.

    number: in the whole log. revision: in its stream. created: ticks of 100 ns since
    1970.
    """

    number: int
    stream: str
    revision: int
    created: int

    @property
    def position(self) -> int:
        """Return the commit position."""
        return self.number * POSITION_STEP

    @property
    def target(self) -> tuple[str, int] | None:
        """Return the stream and revision a link leads to, None if this is no link."""
        if self.event_type != LINK:
            return None
        revision, _, stream = self.data.decode().partition("@")
        return stream, int(revision)

    def to_json(self) -> str:
        """Return a line of the journal."""
        return json.dumps(
            {
                "event_id": self.event_id,
                "event_type": self.event_type,
                "content_type": self.content_type,
                "data": b64encode(self.data).decode(),
                "metadata": b64encode(self.metadata).decode(),
                "number": self.number,
                "stream": self.stream,
                "revision": self.revision,
                "created": self.created,
            }
        )

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """Return what a line of the journal holds."""
        data, metadata = b64decode(kept["data"]), b64decode(kept["metadata"])
        return cls(**{**kept, "data": data, "metadata": metadata})
