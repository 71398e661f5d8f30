"""The test server's log: streams, links of categories, and what outlives a kill."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from uuid import uuid4

from .records import LINK, POSITION_STEP, Proposed, Record

ANY, NO_STREAM, EXISTS = "any", "no_stream", "stream_exists"
type Expected = int | str


class WrongRevisionError(Exception):
    """A stream is not where the client expected it; revision None: it is empty."""

    def __init__(self, revision: int | None) -> None:
        super().__init__(revision)
        self.revision = revision


class Log:
    """Keeps events in order; every line of its journal is written before it is told."""

    def __init__(self, journal: Path | None) -> None:
        self.records: list[Record] = []
        self.streams: dict[str, list[Record]] = {}
        self.kept: dict[str, str] = {}
        self._truncated: dict[str, int] = {}
        self._ids: dict[str, Record] = {}
        self._listeners: list[Callable[[], None]] = []
        self._journal = journal
        if journal is not None and journal.exists():
            self._replay(journal)
        self._file = None if journal is None else journal.open("ab")

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call whenever something is appended; return the unsubscribe."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def append(
        self, stream: str, expected: Expected, events: Sequence[Proposed]
    ) -> Record | None:
        """Keep events and return the last; the same ones again change nothing."""
        known = [self._ids.get(stream + each.event_id) for each in events]
        if events and all(known):
            return known[-1]
        last = len(self.streams.get(stream, ())) - 1
        if any(known) or not _agrees(expected, last):
            raise WrongRevisionError(None if last < 0 else last)
        for each in events:
            self._add(stream, each)
        self._flush()
        return self.streams[stream][-1] if events else None

    def delete(self, stream: str) -> None:
        """Forget what a stream has so far; links to it lead nowhere."""
        self._write({"truncate": [stream, len(self.streams.get(stream, ()))]})
        self._truncated[stream] = len(self.streams.get(stream, ()))
        self._flush()

    def link(self, stream: str, to: Record) -> None:
        """Add a link to a stream."""
        self._add(stream, _link_to(to))
        self._flush()

    def keep(self, name: str, value: str | None) -> None:
        """Keep a text under a name, None to forget it."""
        self._write({"keep": [name, value]})
        self._keep(name, value)
        self._flush(tell=False)

    def exists(self, stream: str) -> bool:
        """Return whether a stream has events."""
        return len(self.streams.get(stream, ())) > self._truncated.get(stream, 0)

    def first(self, stream: str) -> int:
        """Return the first revision that is still there."""
        return self._truncated.get(stream, 0)

    def resolve(self, record: Record) -> Record | None:
        """Return what a link leads to, None when it is gone."""
        if record.target is None:
            return None
        stream, revision = record.target
        found = self.streams.get(stream, [])
        if not self._truncated.get(stream, 0) <= revision < len(found):
            return None
        return found[revision]

    def visible(self, records: Iterable[Record]) -> Iterable[Record]:
        """Yield those that are not deleted."""
        return (each for each in records if each.revision >= self.first(each.stream))

    def _add(self, stream: str, proposed: Proposed) -> None:
        record = Record(
            event_id=proposed.event_id,
            event_type=proposed.event_type,
            content_type=proposed.content_type,
            data=proposed.data,
            metadata=proposed.metadata,
            number=len(self.records) + 1,
            stream=stream,
            revision=len(self.streams.get(stream, ())),
            created=time.time_ns() // 100,
        )
        self._write_line(record.to_json())
        self._take(record)
        category, hyphen, _ = stream.partition("-")
        if hyphen and not stream.startswith("$"):
            self._add(f"$ce-{category}", _link_to(record))

    def _take(self, record: Record) -> None:
        self.records.append(record)
        self.streams.setdefault(record.stream, []).append(record)
        self._ids[record.stream + record.event_id] = record

    def _keep(self, name: str, value: str | None) -> None:
        if value is None:
            self.kept.pop(name, None)
        else:
            self.kept[name] = value

    def _replay(self, journal: Path) -> None:
        for line in journal.read_bytes().splitlines():
            entry = json.loads(line)
            if "keep" in entry:
                self._keep(*entry["keep"])
            elif "truncate" in entry:
                stream, first = entry["truncate"]
                self._truncated[stream] = first
            else:
                self._take(Record.from_json(entry))

    def _write(self, entry: dict[str, list[str | int | None]]) -> None:
        self._write_line(json.dumps(entry))

    def _write_line(self, line: str) -> None:
        if self._file is not None:
            self._file.write(line.encode() + b"\n")

    def _flush(self, *, tell: bool = True) -> None:
        if self._file is not None:
            self._file.flush()
        if tell:
            for listener in [*self._listeners]:
                listener()


def position_number(position: int) -> int:
    """Return the number of the first record at a commit position or after it."""
    return -(-position // POSITION_STEP)


def _agrees(expected: Expected, last: int) -> bool:
    match expected:
        case str():
            return expected == ANY or (expected == EXISTS) == (last >= 0)
        case _:
            return expected == last


def _link_to(record: Record) -> Proposed:
    data = f"{record.revision}@{record.stream}".encode()
    return Proposed(event_id=str(uuid4()), event_type=LINK, data=data)
