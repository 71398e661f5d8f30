"""Home Assistant's WebSocket: commands, and subscriptions on the same socket."""

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from typing import Any

import aiohttp

ANSWER_SECONDS = 60.0


class CommandError(Exception):
    """Home Assistant refused a command."""


class WebSocket:
    """One authenticated connection."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._listeners: dict[int, Callable[[Any], None]] = {}
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def connect(
        cls, session: aiohttp.ClientSession, url: str, token: str
    ) -> WebSocket:
        """Open a connection; raises CommandError when the token is refused."""
        async with asyncio.timeout(ANSWER_SECONDS):
            socket = await session.ws_connect(f"{url}/api/websocket", max_msg_size=0)
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": token})
            answer = await socket.receive_json()
        if answer["type"] != "auth_ok":
            await socket.close()
            raise CommandError(answer["message"])
        return cls(socket)

    @property
    def open(self) -> bool:
        """Return whether commands can be sent."""
        return not self._socket.closed and not self._reader.done()

    @property
    def subscriptions(self) -> frozenset[int]:
        """Return the subscriptions that are open."""
        return frozenset(self._listeners)

    async def command(self, kind: str, **arguments: Any) -> Any:
        """Return a command's result; raises CommandError."""
        return await self._send(next(self._ids), kind, arguments)

    async def subscribe(
        self, listener: Callable[[Any], None], kind: str, **arguments: Any
    ) -> int:
        """Call the listener with every event from now on; return the subscription."""
        number = next(self._ids)
        self._listeners[number] = listener
        await self._send(number, kind, arguments)
        return number

    async def unsubscribe(self, subscription: int) -> None:
        """End a subscription."""
        del self._listeners[subscription]
        await self.command("unsubscribe_events", subscription=subscription)

    async def close(self) -> None:
        """Close the connection; idempotent."""
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader
        await self._socket.close()

    async def _send(self, number: int, kind: str, arguments: dict[str, Any]) -> Any:
        answer = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            await self._socket.send_json({"id": number, "type": kind} | arguments)
            async with asyncio.timeout(ANSWER_SECONDS):
                return await answer
        finally:
            self._answers.pop(number, None)

    async def _read(self) -> None:
        async for frame in self._socket:
            message = frame.json()
            if message["type"] == "result":
                self._take_result(message)
            elif message["type"] == "event" and message["id"] in self._listeners:
                self._listeners[message["id"]](message["event"])
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(CommandError("Home Assistant went away"))

    def _take_result(self, message: dict[str, Any]) -> None:
        answer = self._answers.get(message["id"])
        if answer is None or answer.done():
            return
        if message["success"]:
            answer.set_result(message["result"])
        else:
            answer.set_exception(CommandError(message["error"]["message"]))
