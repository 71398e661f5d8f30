"""Groups of consumers, as clients of KurrentDB ask for them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, override

import grpc
from kurrentdbclient.protos.v1 import persistent_pb2
from kurrentdbclient.protos.v1.persistent_pb2 import ReadReq, ReadResp
from kurrentdbclient.protos.v1.persistent_pb2_grpc import (
    PersistentSubscriptionsServicer,
)

from .access import Access, Context
from .group import Consumer, FullError, Group, Pending
from .group_info import info_of
from .group_settings import (
    GroupSettings,
    RefusedSettingsError,
    key_of,
    settings_of,
    stream_of,
)
from .log import Log
from .messages import read_event, uuid_text

KEPT_AS = "group:"
TICK_SECONDS = 1.0


class Persistent(PersistentSubscriptionsServicer):
    """The service of persistent subscriptions."""

    def __init__(self, log: Log, access: Access) -> None:
        self._log = log
        self._access = access
        self._groups: dict[str, Group] = {}
        for name, kept in log.kept.items():
            if name.startswith(KEPT_AS):
                self._open(GroupSettings.from_json(kept))
        log.listen(self._pump)

    async def run(self) -> None:
        """Tick for ever."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            for group in [*self._groups.values()]:
                group.tick()

    @override
    async def Create(
        self, request: persistent_pb2.CreateReq, context: Context
    ) -> persistent_pb2.CreateResp:
        await self._access.may_manage(context)
        if key_of(request.options) in self._groups:
            await _refuse(
                context,
                grpc.StatusCode.ALREADY_EXISTS,
                "Group exists",
                "persistent-subscription-exists",
            )
        self._make(await _settings(request.options, context))
        return persistent_pb2.CreateResp()

    @override
    async def Update(
        self, request: persistent_pb2.UpdateReq, context: Context
    ) -> persistent_pb2.UpdateResp:
        await self._access.may_manage(context)
        before = await self._group(request.options, context)
        settings = await _settings(request.options, context)
        before.end()
        self._make(settings)
        return persistent_pb2.UpdateResp()

    @override
    async def Delete(
        self, request: persistent_pb2.DeleteReq, context: Context
    ) -> persistent_pb2.DeleteResp:
        await self._access.may_manage(context)
        group = await self._group(request.options, context)
        group.end()
        key = group.settings.key
        del self._groups[key]
        for what in (KEPT_AS, "checkpoint:", "unparked:"):
            self._log.keep(what + key, None)
        return persistent_pb2.DeleteResp()

    @override
    async def GetInfo(
        self, request: persistent_pb2.GetInfoReq, context: Context
    ) -> persistent_pb2.GetInfoResp:
        await self._access.may_manage(context)
        group = await self._group(request.options, context)
        return persistent_pb2.GetInfoResp(subscription_info=info_of(group))

    @override
    async def List(
        self, request: persistent_pb2.ListReq, context: Context
    ) -> persistent_pb2.ListResp:
        await self._access.may_manage(context)
        options = request.options
        found = [*self._groups.values()]
        if options.WhichOneof("list_option") == "list_for_stream":
            asked = options.list_for_stream
            by_name = asked.WhichOneof("stream_option") == "stream"
            name = asked.stream.stream_name.decode() if by_name else "$all"
            found = [each for each in found if each.settings.stream == name]
        if not found:
            await context.abort(grpc.StatusCode.NOT_FOUND, "No groups")
        return persistent_pb2.ListResp(subscriptions=[info_of(each) for each in found])

    @override
    async def ReplayParked(
        self, request: persistent_pb2.ReplayParkedReq, context: Context
    ) -> persistent_pb2.ReplayParkedResp:
        await self._access.may_manage(context)
        (await self._group(request.options, context)).replay_parked()
        return persistent_pb2.ReplayParkedResp()

    @override
    async def Read(
        self, request_iterator: AsyncIterator[ReadReq], context: Context
    ) -> AsyncIterator[ReadResp]:
        options = (await anext(request_iterator)).options
        await self._access.may_read(context, stream_of(options))
        group = await self._group(options, context)
        consumer = Consumer(name=context.peer(), slots=options.buffer_size)
        try:
            group.join(consumer)
        except FullError:
            await _refuse(
                context,
                grpc.StatusCode.FAILED_PRECONDITION,
                "Maximum subscriptions reached",
                "maximum-subscribers-reached",
            )
        # A client that is gone while it is being written to leaves this suspended
        context.add_done_callback(lambda _: group.leave(consumer))
        answers = asyncio.create_task(_take_answers(group, consumer, request_iterator))
        try:
            name = group.settings.key
            yield ReadResp(
                subscription_confirmation=ReadResp.SubscriptionConfirmation(
                    subscription_id=name
                )
            )
            while (pending := await consumer.queue.get()) is not None:
                yield self._event(group, pending, options)
            await _refuse(
                context,
                grpc.StatusCode.CANCELLED,
                "The group was changed",
                "persistent-subscription-dropped",
            )
        finally:
            answers.cancel()
            group.leave(consumer)

    def _event(self, group: Group, pending: Pending, options: Any) -> ReadResp:
        structured = options.uuid_option.WhichOneof("content") == "structured"
        resolve = group.settings.resolve_links or pending.parked
        event = read_event(
            ReadResp.ReadEvent,
            self._log,
            pending.record,
            resolve=resolve,
            structured=structured,
        )
        event.retry_count = pending.retries
        return ReadResp(event=event)

    def _make(self, settings: GroupSettings) -> None:
        self._log.keep(KEPT_AS + settings.key, settings.to_json())
        self._open(settings)

    def _open(self, settings: GroupSettings) -> None:
        self._groups[settings.key] = Group(self._log, settings)

    def _pump(self) -> None:
        for group in self._groups.values():
            group.pump()

    async def _group(self, options: Any, context: Context) -> Group:
        group = self._groups.get(key_of(options))
        if group is None:
            await _refuse(
                context,
                grpc.StatusCode.NOT_FOUND,
                "No such group",
                "persistent-subscription-does-not-exist",
            )
        assert group is not None
        return group


async def _refuse(
    context: Context, code: grpc.StatusCode, details: str, exception: str
) -> None:
    """Refuse as clients of either kind understand it: by code, and by exception."""
    await context.abort(code, details, (("exception", exception),))


async def _settings(options: Any, context: Context) -> GroupSettings:
    try:
        return settings_of(options)
    except RefusedSettingsError as err:
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(err))
        raise


async def _take_answers(
    group: Group, consumer: Consumer, requests: AsyncIterator[ReadReq]
) -> None:
    """Do what a consumer says of what it was given; its end is its leaving."""
    async for request in requests:
        if request.WhichOneof("content") == "ack":
            group.ack(consumer, map(uuid_text, request.ack.ids))
        elif request.WhichOneof("content") == "nack":
            action = ReadReq.Nack.Action.Name(request.nack.action)
            group.nack(consumer, map(uuid_text, request.nack.ids), action)
    consumer.queue.put_nowait(None)
