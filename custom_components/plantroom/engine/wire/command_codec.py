"""Every command's request and result as JSON, by the types it is declared with."""

from collections.abc import Callable, Mapping
from functools import cached_property
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


class CommandCodec:
    """How one command travels; decoders raise ValueError, LookupError or TypeError.

    Each is made when it is first needed: all of them would be a fourth of a start.
    """

    def __init__(self, command: Command) -> None:
        """Take what is declared."""
        self._request = NoneType if command.request is None else command.request
        self._result = command.result

    @cached_property
    def encode_request(self) -> Callable[[Any], Any]:
        """Return what makes JSON of a request."""
        return _encoder(self._request)

    @cached_property
    def decode_request(self) -> Callable[[Any], Any]:
        """Return what makes a request of JSON."""
        return _decoder(self._request)

    @cached_property
    def encode_result(self) -> Callable[[Any], Any]:
        """Return what makes JSON of a result."""
        return _encoder(self._result)

    @cached_property
    def decode_result(self) -> Callable[[Any], Any]:
        """Return what makes a result of JSON."""
        return _decoder(self._result)


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
    name: CommandCodec(each) for name, each in commands_of(Engine).items()
}
