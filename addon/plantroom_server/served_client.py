"""One welcomed client: its calls run at once, its answers and events wait in one queue."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from aiohttp import WSCloseCode, WSMsgType, web

from custom_components.plantroom.engine.errors import (
    MalformedRequestError,
    PlantroomError,
)
from custom_components.plantroom.engine.requests import WatchRequest
from custom_components.plantroom.engine.wire.command_codec import (
    codec_of,
    request_from_json,
)
from custom_components.plantroom.engine.wire.frames import (
    CALLS_AT_ONCE,
    LONG_TEXT,
    Answer,
    Call,
    Cancel,
    answer_text,
    read_client_frame,
)

from .served_engine import ServedEngine

_LOGGER = logging.getLogger(__name__)

MOST_FRAMES: Final = 4096
# A snapshot of any size fits when nothing else waits
MOST_OCTETS: Final = 32 * 1024 * 1024
SEND_SECONDS: Final = 30.0
# A client that cancels has its place back before the cancelled call has ended
MOST_CALLS: Final = 2 * CALLS_AT_ONCE
# Their results are long: a thread writes them
LONG_RESULTS: Final = frozenset(
    {"events_since", "modbus_profiles", "preview", "register_map", "site", "snapshot"}
)


class ServedClient:
    """A client between its Welcome and its end; one that reads too slowly is dropped."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        abort: Callable[[], None],
        engine: ServedEngine,
        client: str,
    ) -> None:
        """Take a socket on which the client has said who it is, and what ends it."""
        self.client = client
        self._socket = socket
        self._abort = abort
        self._engine = engine
        self._queue: deque[str] = deque()
        self._octets = 0
        self._filled = asyncio.Event()
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._watchers: set[str] = set()
        self._fault = ""

    @property
    def waiting(self) -> int:
        """Return how many frames wait to be sent."""
        return len(self._queue)

    def tell(self, text: str) -> None:
        """Send a frame after those before it; too many drop the client."""
        if self._fault:
            return
        full = self._queue and self._octets + len(text) > MOST_OCTETS
        if full or len(self._queue) >= MOST_FRAMES:
            self.drop(f"it reads too slowly: {len(self._queue)} frames wait")
            return
        self._queue.append(text)
        self._octets += len(text)
        self._filled.set()

    def drop(self, fault: str) -> None:
        """End at once: a close frame would wait behind all that was not read."""
        self._fault = fault
        self._queue.clear()
        self._abort()

    async def serve(self) -> str:
        """Answer until the client goes or must go; return why it did."""
        sending = asyncio.get_running_loop().create_task(self._send())
        self._engine.client_came(self.client)
        try:
            ended = await self._receive()
        finally:
            running = [sending, *self._calls.values()]
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            self._queue.clear()
            await self._engine.client_went(self.client)
            await self._engine.forget_passing_watches(self.client, self._watchers)
        return self._fault or ended

    async def _receive(self) -> str:
        while True:
            message = await self._socket.receive()
            if message.type is not WSMsgType.TEXT:
                return f"{message.type.name.lower()} {self._socket.close_code}"
            text: str = message.data
            try:
                if len(text) > LONG_TEXT:
                    frame = await asyncio.to_thread(read_client_frame, text)
                else:
                    frame = read_client_frame(text)
            except MalformedRequestError as err:
                await self._socket.close(code=WSCloseCode.PROTOCOL_ERROR)
                return str(err)
            if isinstance(frame, Cancel):
                self._cancel(frame.number)
            elif frame.number in self._calls or len(self._calls) >= MOST_CALLS:
                await self._socket.close(code=WSCloseCode.POLICY_VIOLATION)
                return "too many calls at once"
            else:
                self._start(frame)

    def _start(self, call: Call) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(call))
        self._calls[call.number] = task
        task.add_done_callback(lambda _: self._calls.pop(call.number, None))

    def _cancel(self, number: int) -> None:
        task = self._calls.get(number)
        if task is not None:
            task.cancel()

    async def _answer(self, call: Call) -> None:
        try:
            text = await self._answered(call)
        except PlantroomError as err:
            text = answer_text(Answer(number=call.number, error=err))
        except Exception as err:
            _LOGGER.exception(
                "Command %s of client %s broke", call.command, self.client
            )
            broken = PlantroomError(f"{call.command} broke: {type(err).__name__}")
            text = answer_text(Answer(number=call.number, error=broken))
        self.tell(text)

    async def _answered(self, call: Call) -> str:
        request = request_from_json(call.command, call.request)
        if isinstance(request, WatchRequest):
            self._watchers.add(request.client_id)
        result = await self._engine.call(self.client, call.command, request)
        if call.command in LONG_RESULTS:
            return await asyncio.to_thread(_result_text, call, result)
        return _result_text(call, result)

    async def _send(self) -> None:
        """Send what waits; ends when the client takes no more."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._queue:
                text = self._queue.popleft()
                self._octets -= len(text)
                try:
                    async with asyncio.timeout(SEND_SECONDS):
                        await self._socket.send_str(text)
                except TimeoutError:
                    self.drop("it takes nothing any more")
                    return
                except OSError:
                    # The reader hears of it too
                    return


def _result_text(call: Call, result: Any) -> str:
    data = codec_of(call.command).encode_result(result)
    return answer_text(Answer(number=call.number, result=data))
