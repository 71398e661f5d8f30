"""Home Assistant's REST and WebSocket API, as a client that is logged in."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import aiohttp

from .websocket import WebSocket

ANSWER_SECONDS = 120.0
RUNNING_SECONDS = 120.0
POLL_SECONDS = 0.2


class RequestError(Exception):
    """Home Assistant answered a request with an error."""

    def __init__(self, path: str, status: int, text: str) -> None:
        super().__init__(f"{path}: {status} {text}")
        self.status = status
        self.text = text


class HomeAssistantApi:
    """Everything a person or a program may ask of Home Assistant."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client_id = f"{url}/"
        self.tokens: dict[str, Any] = {}
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        )
        self._socket: WebSocket | None = None

    async def close(self) -> None:
        """Close every connection; idempotent."""
        await self.disconnect()
        await self._session.close()

    async def disconnect(self) -> None:
        """Close the WebSocket; the next command opens another one."""
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()

    async def rest(self, method: str, path: str, payload: Any = None) -> Any:
        """Return the answer, parsed when it is JSON; raises RequestError."""
        headers = {}
        if self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens['access_token']}"
        async with self._session.request(
            method, f"{self.url}{path}", json=payload, headers=headers
        ) as answer:
            text = await answer.text()
            if answer.status >= 400:
                raise RequestError(path, answer.status, text)
            return json.loads(text) if answer.content_type.endswith("json") else text

    async def exchange_code(self, code: str) -> None:
        """Take the tokens for an authorization code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self.client_id,
        }
        async with self._session.post(f"{self.url}/auth/token", data=form) as answer:
            if answer.status >= 400:
                raise RequestError("/auth/token", answer.status, await answer.text())
            self.tokens = await answer.json()

    async def command(self, kind: str, **arguments: Any) -> Any:
        """Return the result of a WebSocket command; raises CommandError."""
        return await (await self._connected()).command(kind, **arguments)

    async def subscribe(
        self, listener: Callable[[Any], None], kind: str, **arguments: Any
    ) -> int:
        """Follow events until the connection is closed; return the subscription."""
        socket = await self._connected()
        return await socket.subscribe(listener, kind, **arguments)

    async def unsubscribe(self, subscription: int) -> None:
        """End a subscription; one of a connection that was closed has ended."""
        socket = await self._connected()
        if subscription in socket.subscriptions:
            await socket.unsubscribe(subscription)

    async def action(
        self, name: str, data: dict[str, Any], *, response: bool = False
    ) -> Any:
        """Perform an action, "number.set_value"; return its response or None."""
        domain, _, service = name.partition(".")
        result = await self.command(
            "call_service",
            domain=domain,
            service=service,
            service_data=data,
            return_response=response,
        )
        return result.get("response")

    async def state(self, entity_id: str) -> dict[str, Any]:
        """Return an entity's state and attributes."""
        result: dict[str, Any] = await self.rest("GET", f"/api/states/{entity_id}")
        return result

    async def states(self) -> dict[str, dict[str, Any]]:
        """Return every state by entity id."""
        return {item["entity_id"]: item for item in await self.command("get_states")}

    async def wait_until_running(self) -> float:
        """Return the seconds until every integration was set up."""
        began = time.monotonic()
        state = ""
        async with asyncio.timeout(RUNNING_SECONDS):
            while state != "RUNNING":
                await asyncio.sleep(POLL_SECONDS)
                state = (await self.rest("GET", "/api/config"))["state"]
        return time.monotonic() - began

    async def _connected(self) -> WebSocket:
        if self._socket is None or not self._socket.open:
            await self.disconnect()
            self._socket = await WebSocket.connect(
                self._session, self.url, self.tokens["access_token"]
            )
        return self._socket
