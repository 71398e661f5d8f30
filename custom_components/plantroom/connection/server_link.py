"""One open WebSocket to a server: from its Hello to its end."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final

from aiohttp import (
    ClientConnectorSSLError,
    ClientError,
    ClientSession,
    ClientSSLError,
    ClientWebSocketResponse,
    ClientWSTimeout,
    Fingerprint,
    ServerFingerprintMismatch,
    WSMsgType,
    WSServerHandshakeError,
)
from yarl import URL

from ..engine.errors import (
    CertificateError,
    ConnectionLostError,
    PlantroomError,
    ServerBusyError,
)
from ..engine.events import NumberedEvent
from ..engine.wire.command_codec import codec_of
from ..engine.wire.event_codec import event_from_json
from ..engine.wire.frames import (
    CALLS_AT_ONCE,
    HEARTBEAT_SECONDS,
    LONG_TEXT,
    LONGEST_ANSWER,
    PATH,
    Answer,
    Call,
    Cancel,
    Hello,
    Welcome,
    answer_from_json,
    call_text,
    cancel_text,
    hello_text,
    read_welcome,
)
from ..engine.wire.json_values import read_json

_LOGGER = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 10.0
# A server that starts answers when it serves what it kept
WELCOME_SECONDS: Final = 60.0
CLOSE_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 120.0
# What reads whole devices or lines takes as long as those do
LONG_PATIENCE: Final[Mapping[str, float]] = {
    "configure": 600.0,
    "preview": 600.0,
    "scan": 7200.0,
    "survey": 1800.0,
}
_ANY_DEFLATE_WINDOW: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAddress:
    """Where a server listens.

    ssl: how its certificate is verified, None for no TLS.
    """

    host: str
    port: int
    ssl: ssl.SSLContext | Fingerprint | None = None

    @property
    def url(self) -> URL:
        """Return the WebSocket's address."""
        scheme = "ws" if self.ssl is None else "wss"
        return URL.build(scheme=scheme, host=self.host, port=self.port, path=PATH)

    @property
    def on_this_machine(self) -> bool:
        """Return whether what is sent stays on this machine."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def lost(self, err: object) -> ConnectionLostError:
        """Return the error for a server that cannot be reached."""
        return ConnectionLostError(
            f"Cannot reach {self.host} port {self.port}: {err}",
            host=self.host,
            port=self.port,
            reason=str(err),
        )


@dataclass(slots=True)
class _Waiting:
    """A call without an answer yet; long: whether its answer is a thread's work."""

    done: asyncio.Future[Answer] = field(default_factory=asyncio.Future)
    long: bool = False


class ServerLink:
    """Calls and events over one WebSocket that has been welcomed."""

    def __init__(self, socket: ClientWebSocketResponse, welcome: Welcome) -> None:
        """Take a socket after its first frames."""
        self.welcome = welcome
        self._socket = socket
        self._calls: dict[int, _Waiting] = {}
        self._places = asyncio.Semaphore(CALLS_AT_ONCE)
        self._numbers = 0
        self._cancels: set[asyncio.Task[None]] = set()

    async def call(self, command: str, request: Any) -> Any:
        """Run a command; raises ConnectionLostError or the command's own errors."""
        codec = codec_of(command)
        data = codec.encode_request(request)
        try:
            async with (
                asyncio.timeout(LONG_PATIENCE.get(command, PATIENCE_SECONDS)),
                self._places,
            ):
                waiting = await self._answered(command, data)
        except TimeoutError as err:
            raise _no_answer(command, "timeout") from err
        except (ClientError, OSError) as err:
            raise _no_answer(command, str(err)) from err
        answer = waiting.done.result()
        if answer.error is not None:
            raise answer.error
        try:
            if waiting.long:
                return await asyncio.to_thread(codec.decode_result, answer.result)
            return codec.decode_result(answer.result)
        except (LookupError, TypeError, ValueError) as err:
            raise _no_answer(command, f"cannot read it: {err}") from err

    async def receive(self, deliver: Callable[[NumberedEvent], None]) -> str:
        """Hand on answers and events until the socket ends; return why it did."""
        while True:
            message = await self._socket.receive()
            if message.type is not WSMsgType.TEXT:
                return f"{message.type.name.lower()} {self._socket.close_code}"
            text: str = message.data
            long = len(text) > LONG_TEXT
            data = await asyncio.to_thread(read_json, text) if long else read_json(text)
            if isinstance(data, dict) and "event" in data:
                deliver(event_from_json(data))
            else:
                self._answer(answer_from_json(data), long)

    async def close(self) -> None:
        """Leave the server; who still waits for an answer is told."""
        for waiting in self._calls.values():
            if not waiting.done.done():
                waiting.done.set_exception(_no_answer("", "the connection ended"))
        for task in self._cancels:
            task.cancel()
        await asyncio.gather(*self._cancels, return_exceptions=True)
        await _close(self._socket)

    async def _answered(self, command: str, data: Any) -> _Waiting:
        self._numbers += 1
        number = self._numbers
        waiting = self._calls[number] = _Waiting()
        try:
            await self._socket.send_str(
                call_text(Call(number=number, command=command, request=data))
            )
            await waiting.done
        except asyncio.CancelledError:
            self._cancel(number)
            raise
        finally:
            del self._calls[number]
        return waiting

    def _answer(self, answer: Answer, long: bool) -> None:
        waiting = self._calls.get(answer.number)
        if waiting is not None and not waiting.done.done():
            waiting.long = long
            waiting.done.set_result(answer)

    def _cancel(self, number: int) -> None:
        """Tell the server that nobody waits any more."""
        task = asyncio.get_running_loop().create_task(self._send_cancel(number))
        self._cancels.add(task)
        task.add_done_callback(self._cancels.discard)

    async def _send_cancel(self, number: int) -> None:
        try:
            await self._socket.send_str(cancel_text(Cancel(number=number)))
        except (ClientError, OSError) as err:
            _LOGGER.debug("Could not cancel call %d: %s", number, err)


async def open_link(
    session: ClientSession, address: ServerAddress, hello: Hello
) -> ServerLink:
    """Return a link that the server has welcomed.

    Raises ConnectionLostError (CertificateError, ServerBusyError among them),
    AuthenticationError, SchemaError, or what keeps the server's engine from starting.
    """
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            socket = await session.ws_connect(
                address.url,
                ssl=True if address.ssl is None else address.ssl,
                heartbeat=HEARTBEAT_SECONDS,
                max_msg_size=LONGEST_ANSWER,
                compress=0 if address.on_this_machine else _ANY_DEFLATE_WINDOW,
                timeout=ClientWSTimeout(ws_close=CLOSE_SECONDS),
            )
    except TimeoutError as err:
        raise address.lost("timeout") from err
    except (ClientError, OSError) as err:
        raise _unreachable(address, err) from err
    try:
        return ServerLink(socket, await _welcomed(socket, address, hello))
    except BaseException:
        await _close(socket)
        raise


async def _close(socket: ClientWebSocketResponse) -> None:
    """Say goodbye, and leave no clock running.

    aiohttp begins its heartbeat anew when the other side's goodbye comes in.
    """
    await socket.close()
    await asyncio.sleep(0)
    begun_anew: asyncio.TimerHandle | None = getattr(socket, "_heartbeat_cb", None)
    if begun_anew is not None:
        begun_anew.cancel()


async def _welcomed(
    socket: ClientWebSocketResponse, address: ServerAddress, hello: Hello
) -> Welcome:
    try:
        async with asyncio.timeout(WELCOME_SECONDS):
            await socket.send_str(hello_text(hello))
            message = await socket.receive()
    except TimeoutError as err:
        raise address.lost("no welcome in time") from err
    except (ClientError, OSError) as err:
        raise address.lost(err) from err
    if message.type is not WSMsgType.TEXT:
        raise address.lost(f"closed with {socket.close_code}")
    try:
        return read_welcome(message.data)
    except ValueError as err:
        raise address.lost(f"not a Plantroom server: {err}") from err


def _unreachable(address: ServerAddress, err: Exception) -> PlantroomError:
    facts = {"host": address.host, "port": str(address.port), "reason": str(err)}
    where = f"{address.host} port {address.port}"
    match err:
        case WSServerHandshakeError(status=503):
            return ServerBusyError(f"{where} takes no more clients", **facts)
        case ClientConnectorSSLError() | ClientSSLError() | ServerFingerprintMismatch():
            return CertificateError(f"Cannot trust {where}: {err}", **facts)
    return address.lost(err)


def _no_answer(command: str, reason: str) -> ConnectionLostError:
    return ConnectionLostError(
        f"No answer to {command or 'a command'}: {reason}",
        command=command,
        reason=reason,
    )
