"""What client and server say to each other over one WebSocket, a JSON text a frame.

The client begins with a Hello and gets a Welcome or a Farewell. Then it sends Calls and
Cancels; the server sends Answers, each to one call, and the engine's events in order.

A new command, event or field with a default: SCHEMA + 1. All else, a new value of an
enumeration among it, would not be understood by what is older: MINIMUM_SCHEMA + 1 too.
Both count from the first release: until then nobody has anything older, and both are 1.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from mashumaro.codecs.basic import BasicDecoder, BasicEncoder

from ..errors import MalformedRequestError, PlantroomError, SchemaError
from .error_codec import error_from_json, error_to_json
from .json_values import WireDialect, read_json, write_json

SCHEMA: Final = 1
MINIMUM_SCHEMA: Final = 1

PATH: Final = "/plantroom"
HEARTBEAT_SECONDS: Final = 20.0
# How long a client may take to say who it is, and a server to answer that
HELLO_SECONDS: Final = 10.0
CALLS_AT_ONCE: Final = 128
CLIENT_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
# Octets: 5,000 register points of one's own are about 2 MB, 5,000 points with
# readings another 2
LONGEST_REQUEST: Final = 16 * 1024 * 1024
LONGEST_HELLO: Final = 4 * 1024
LONGEST_ANSWER: Final = 256 * 1024 * 1024
# Octets from which reading and writing JSON is a thread's work
LONG_TEXT: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """Who wants to be served.

    client: 1 to 64 letters, digits, dots, hyphens and underscores; stays the same over
    restarts, and is the id of the watch that the server keeps while the client is away.
    take_over: be the one who configures from now on.
    """

    schema: int
    minimum: int
    token: str = field(repr=False)
    client: str
    take_over: bool = False

    def __post_init__(self) -> None:
        """Refuse an id that could be taken for something else, in a log or a key."""
        if not CLIENT_ID.fullmatch(self.client):
            raise ValueError("client is not an id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """Who serves.

    instance: of the engine; event numbers count within one. may_configure: whether
    this client's configuration is taken. version: of the server. server_id: stays the
    same over restarts. configured_by: "file" where a file says what is served, "client"
    where another client did last, "" for this client or nobody yet.
    """

    schema: int
    minimum: int
    instance: str
    may_configure: bool
    version: str = ""
    server_id: str = ""
    configured_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Run a command; number: of the client's choice, not in use by another call."""

    number: int
    command: str
    request: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Nobody waits for the answer of a call any more."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a call; error: None when there is a result."""

    number: int
    result: Any = None
    error: PlantroomError | None = None


_encode_hello = BasicEncoder(Hello, default_dialect=WireDialect).encode
_decode_hello = BasicDecoder(Hello, default_dialect=WireDialect).decode
_encode_welcome = BasicEncoder(Welcome, default_dialect=WireDialect).encode
_decode_welcome = BasicDecoder(Welcome, default_dialect=WireDialect).decode


def hello_text(hello: Hello) -> str:
    """Return a client's first frame."""
    return write_json(_encode_hello(hello))


def read_hello(text: str) -> Hello:
    """Return a client's first frame.

    Raises SchemaError when one side is too old, or MalformedRequestError.
    """
    try:
        data = read_json(text)
        _check_schema(data, sender="client", receiver="server")
        return _decode_hello(data)
    except (LookupError, TypeError, ValueError) as err:
        raise _malformed("hello", type(err).__name__) from err


def welcome_text(welcome: Welcome) -> str:
    """Return a server's first frame to a client that it serves."""
    return write_json(_encode_welcome(welcome))


def farewell_text(err: PlantroomError) -> str:
    """Return a server's only frame to a client that it does not serve."""
    return write_json({"error": error_to_json(err)})


def read_welcome(text: str) -> Welcome:
    """Return a server's first frame.

    Raises the error that a farewell holds, SchemaError, or ValueError.
    """
    data = read_json(text)
    match data:
        case {"error": error}:
            raise error_from_json(error)
    _check_schema(data, sender="server", receiver="client")
    try:
        return _decode_welcome(data)
    except (LookupError, TypeError) as err:
        raise ValueError(f"not a welcome: {err}") from err


def call_text(call: Call) -> str:
    """Return a call's frame; its request is JSON data already."""
    return write_json(
        {"call": call.number, "command": call.command, "request": call.request}
    )


def cancel_text(cancel: Cancel) -> str:
    """Return a cancel's frame."""
    return write_json({"cancel": cancel.number})


def answer_text(answer: Answer) -> str:
    """Return an answer's frame; its result is JSON data already."""
    if answer.error is not None:
        return write_json(
            {"answer": answer.number, "error": error_to_json(answer.error)}
        )
    return write_json({"answer": answer.number, "result": answer.result})


def read_client_frame(text: str) -> Call | Cancel:
    """Return what a client says after its Hello, or raise MalformedRequestError."""
    try:
        data = read_json(text)
    except ValueError as err:
        raise _malformed("", str(err)) from err
    match data:
        case {"call": int(number), "command": str(command), **rest}:
            return Call(number=number, command=command, request=rest.get("request"))
        case {"cancel": int(number)}:
            return Cancel(number=number)
    raise _malformed("", "neither a call nor a cancel")


def answer_from_json(data: dict[str, Any]) -> Answer:
    """Return the answer in a server's frame, or raise ValueError."""
    match data:
        case {"answer": int(number), "error": error}:
            return Answer(number=number, error=error_from_json(error))
        case {"answer": int(number), "result": result}:
            return Answer(number=number, result=result)
    raise ValueError("not an answer")


def _check_schema(data: Any, *, sender: str, receiver: str) -> None:
    """Raise SchemaError when one side is too old, whatever else a first frame holds."""
    match data:
        case {"schema": int(schema), "minimum": int(minimum)}:
            if schema < MINIMUM_SCHEMA:
                raise _too_old(sender, schema, MINIMUM_SCHEMA)
            if minimum > SCHEMA:
                raise _too_old(receiver, SCHEMA, minimum)


def _too_old(side: str, schema: int, minimum: int) -> SchemaError:
    return SchemaError(
        f"The {side} speaks schema {schema}, the other side asks for {minimum}",
        side=side,
        schema=schema,
        minimum=minimum,
    )


def _malformed(command: str, reason: str) -> MalformedRequestError:
    return MalformedRequestError(
        f"Cannot read a frame: {reason}", command=command, reason=reason
    )
