"""Appending and reading, as clients of KurrentDB ask for it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any, override

import grpc
from google.protobuf import any_pb2, empty_pb2
from kurrentdbclient.protos.google.rpc import code_pb2
from kurrentdbclient.protos.v1 import shared_pb2, status_pb2, streams_pb2
from kurrentdbclient.protos.v1.streams_pb2_grpc import StreamsServicer

from .access import Access, Context
from .log import ANY, EXISTS, NO_STREAM, Expected, Log, WrongRevisionError
from .log import position_number as number_of
from .messages import proposed, read_event, wanted
from .records import Proposed, Record

ReadResp = streams_pb2.ReadResp
ALL_STREAM = "$all"


class Streams(StreamsServicer):
    """The streams service."""

    def __init__(self, log: Log, access: Access) -> None:
        self._log = log
        self._access = access

    @override
    async def Append(
        self, request_iterator: AsyncIterator[streams_pb2.AppendReq], context: Context
    ) -> streams_pb2.AppendResp:
        first = await anext(request_iterator)
        stream = first.options.stream_identifier.stream_name.decode()
        await self._access.may_read(context, stream)
        events = [proposed(each.proposed_message) async for each in request_iterator]
        which = first.options.WhichOneof("expected_stream_revision")
        expected = first.options.revision if which == "revision" else which
        try:
            last = self._log.append(stream, _expected(expected), events)
        except WrongRevisionError as err:
            return _wrong_version(err)
        success = streams_pb2.AppendResp.Success(no_stream=shared_pb2.Empty())
        if last is not None:
            success.current_revision = last.revision
            success.position.commit_position = last.position
            success.position.prepare_position = last.position
        return streams_pb2.AppendResp(success=success)

    @override
    async def BatchAppend(
        self,
        request_iterator: AsyncIterator[streams_pb2.BatchAppendReq],
        context: Context,
    ) -> AsyncIterator[streams_pb2.BatchAppendResp]:
        batches: dict[str, tuple[Any, list[Proposed]]] = {}
        async for request in request_iterator:
            key = request.correlation_id.SerializeToString()
            options, events = batches.setdefault(key, (request.options, []))
            events.extend(proposed(each) for each in request.proposed_messages)
            if request.is_final:
                del batches[key]
                stream = options.stream_identifier.stream_name.decode()
                await self._access.may_read(context, stream)
                answer = self._append_batch(stream, options, events)
                answer.correlation_id.CopyFrom(request.correlation_id)
                yield answer

    @override
    async def Read(
        self, request: streams_pb2.ReadReq, context: Context
    ) -> AsyncIterator[ReadResp]:
        options = request.options
        of_all = options.WhichOneof("stream_option") == "all"
        stream = options.stream.stream_identifier.stream_name.decode()
        await self._access.may_read(context, ALL_STREAM if of_all else stream)
        is_live = options.WhichOneof("count_option") == "subscription"
        if is_live:
            name = f"{ALL_STREAM if of_all else stream}-{id(context)}"
            yield ReadResp(
                confirmation=ReadResp.SubscriptionConfirmation(subscription_id=name)
            )
        elif not of_all and not self._log.exists(stream):
            missing = ReadResp.StreamNotFound(
                stream_identifier=options.stream.stream_identifier
            )
            yield ReadResp(stream_not_found=missing)
            return
        async for record in (
            self._follow(options) if is_live else _each(self._found(options))
        ):
            yield self._event(record, options)

    @override
    async def Delete(
        self, request: streams_pb2.DeleteReq, context: Context
    ) -> streams_pb2.DeleteResp:
        stream = request.options.stream_identifier.stream_name.decode()
        await self._access.may_read(context, stream)
        if not self._log.exists(stream):
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "No such stream")
        self._log.delete(stream)
        return streams_pb2.DeleteResp(no_position=shared_pb2.Empty())

    def _append_batch(
        self, stream: str, options: Any, events: list[Proposed]
    ) -> streams_pb2.BatchAppendResp:
        which = options.WhichOneof("expected_stream_position")
        expected = options.stream_position if which == "stream_position" else which
        try:
            last = self._log.append(stream, _expected(expected), events)
        except WrongRevisionError as err:
            return streams_pb2.BatchAppendResp(
                error=_wrong_status(err), stream_identifier=options.stream_identifier
            )
        success = streams_pb2.BatchAppendResp.Success(no_stream=empty_pb2.Empty())
        if last is not None:
            success.current_revision = last.revision
            success.position.commit_position = last.position
            success.position.prepare_position = last.position
        return streams_pb2.BatchAppendResp(
            success=success, stream_identifier=options.stream_identifier
        )

    def _event(self, record: Record, options: Any) -> ReadResp:
        structured = options.uuid_option.WhichOneof("content") == "structured"
        kind = ReadResp.ReadEvent
        resolve = options.resolve_links
        sent = read_event(
            kind, self._log, record, resolve=resolve, structured=structured
        )
        return ReadResp(event=sent)

    def _found(self, options: Any) -> Iterator[Record]:
        """Yield what is there, as many as were asked for."""
        is_wanted = wanted(options)
        left = options.count
        for record in self._log.visible(self._range(options)):
            if not left:
                return
            if is_wanted(record):
                left -= 1
                yield record

    def _range(self, options: Any) -> list[Record]:
        records, start = self._start(options)
        if options.read_direction == streams_pb2.ReadReq.Options.Backwards:
            return records[start::-1] if start >= 0 else []
        return records[start:]

    def _start(self, options: Any) -> tuple[list[Record], int]:
        """Return where to look, and the index to begin with."""
        if options.WhichOneof("stream_option") == "all":
            records, which = self._log.records, options.all.WhichOneof("all_option")
            start = number_of(options.all.position.commit_position) - 1
        else:
            name = options.stream.stream_identifier.stream_name.decode()
            records = self._log.streams.get(name, [])
            which = options.stream.WhichOneof("revision_option")
            start = options.stream.revision
        if which == "start":
            start = 0
        elif which == "end":
            start = len(records) - 1
        return records, min(max(start, -1), len(records))

    async def _follow(self, options: Any) -> AsyncIterator[Record]:
        """Yield what comes after a place, for ever."""
        arrival = asyncio.Event()
        unlisten = self._log.listen(arrival.set)
        is_wanted = wanted(options)
        records, start = self._start(options)
        place = options.stream if options.HasField("stream") else options.all
        has_place = place.WhichOneof(place.DESCRIPTOR.oneofs[0].name) != "start"
        following = start + 1 if has_place else 0
        try:
            while True:
                records, _ = self._start(options)
                for record in records[following:]:
                    following += 1
                    if is_wanted(record):
                        yield record
                await arrival.wait()
                arrival.clear()
        finally:
            unlisten()


async def _each(records: Iterator[Record]) -> AsyncIterator[Record]:
    for record in records:
        yield record


def _expected(sent: int | str | None) -> Expected:
    match sent:
        case None:
            return 0
        case str():
            assert sent in {ANY, NO_STREAM, EXISTS}
    return sent


def _wrong_version(err: WrongRevisionError) -> streams_pb2.AppendResp:
    wrong = streams_pb2.AppendResp.WrongExpectedVersion(
        expected_any=shared_pb2.Empty(), current_no_stream=shared_pb2.Empty()
    )
    if err.revision is not None:
        wrong.current_revision = err.revision
    return streams_pb2.AppendResp(wrong_expected_version=wrong)


def _wrong_status(err: WrongRevisionError) -> status_pb2.Status:
    wrong = shared_pb2.WrongExpectedVersion(
        expected_any=empty_pb2.Empty(), current_no_stream=empty_pb2.Empty()
    )
    if err.revision is not None:
        wrong.current_stream_revision = err.revision
    details = any_pb2.Any()
    details.Pack(wrong)
    return status_pb2.Status(
        code=code_pb2.ALREADY_EXISTS, message="WrongExpectedVersion", details=details
    )
