"""Every command's request and result as JSON, by the types it is declared with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, Final

from mashumaro.codecs.basic import BasicDecoder, BasicEncoder
from mashumaro.exceptions import InvalidFieldValue, MissingField

from ..commands import Command, commands_of
from ..engine import Engine
from ..errors import MalformedRequestError, PlantroomError, UnknownCommandError
from ..events import NumberedEvent
from .event_codec import event_from_json, event_to_json
from .json_values import WireDialect


class _CommandDialect(WireDialect):
    """Events among results have the form that they have on their own."""

    serialization_strategy = {  # noqa: RUF012
        **WireDialect.serialization_strategy,
        NumberedEvent: {"serialize": event_to_json, "deserialize": event_from_json},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandCodec:
    """How one command travels; decoders raise ValueError, LookupError or TypeError."""

    encode_request: Callable[[Any], Any]
    decode_request: Callable[[Any], Any]
    encode_result: Callable[[Any], Any]
    decode_result: Callable[[Any], Any]


def codec_of(command: str) -> CommandCodec:
    """Return how a command travels; raises UnknownCommandError."""
    codec = COMMAND_CODECS.get(command)
    if codec is None:
        raise UnknownCommandError(f"There is no command {command}", command=command)
    return codec


def request_from_json(command: str, data: Any) -> Any:
    """Return a command's request.

    Raises UnknownCommandError, what the request itself refuses to be made with
    (ConfigurationError), or MalformedRequestError.
    """
    try:
        return codec_of(command).decode_request(data)
    except (LookupError, TypeError, ValueError, RecursionError) as err:
        raise _refusal(command, err) from err


def _made(command: Command) -> CommandCodec:
    request = NoneType if command.request is None else command.request
    return CommandCodec(
        encode_request=_encoder(request),
        decode_request=_decoder(request),
        encode_result=_encoder(command.result),
        decode_result=_decoder(command.result),
    )


def _encoder(shape: Any) -> Callable[[Any], Any]:
    return BasicEncoder(shape, default_dialect=_CommandDialect).encode


def _decoder(shape: Any) -> Callable[[Any], Any]:
    return BasicDecoder(shape, default_dialect=_CommandDialect).decode


def _refusal(command: str, err: BaseException) -> PlantroomError:
    """Return the reason closest to what is wrong, behind the fields that lead there."""
    path: list[str] = []
    while err.__context__ is not None and not isinstance(err, MissingField):
        if isinstance(err, InvalidFieldValue):
            path.append(err.field_name)
        err = err.__context__
        if isinstance(err, PlantroomError):
            return type(err)(str(err), **err.facts)
    wrong = f"{err.field_name} is missing" if isinstance(err, MissingField) else err
    reason = ": ".join([*filter(None, [".".join(path)]), str(wrong)])
    return MalformedRequestError(
        f"Cannot read the request of {command}: {reason}",
        command=command,
        reason=reason,
    )


COMMAND_CODECS: Final[Mapping[str, CommandCodec]] = {
    name: _made(each) for name, each in commands_of(Engine).items()
}
