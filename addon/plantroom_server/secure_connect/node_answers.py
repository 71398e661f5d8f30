"""What a node answers to messages that are not for the network layer (AB.3)."""

from dataclasses import dataclass

from .frames import (
    RESPONSES,
    ErrorCode,
    Frame,
    Function,
    MalformedFrameError,
    addresses,
    decode,
    encode,
    not_understood,
)
from .payloads import BROADCAST, Advertisement, decode_result, payload_fault, refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a node tells of itself; hub: 0 none, 1 primary, 2 failover.

    direct_uri: where peers reach it, "" if it does not say.
    """

    hub: int
    accepts_direct: bool = False
    direct_uri: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a message: an answer, or a frame for whom it is meant, or neither."""

    answer: bytes | None = None
    frame: Frame | None = None


_NOTHING = Taken()


def take_message(data: bytes, standing: Standing, message_id: int) -> Taken:
    """Return what to answer or to pass on; never raises, whatever the octets are.

    Passed on are NPDUs, answers to address resolution, and refusals of it.
    message_id: for what we send of our own accord.
    """
    try:
        frame = decode(data)
    except MalformedFrameError as err:
        return _refused_undecoded(data, err.code)
    marker = not_understood(frame)
    if marker is not None:
        return _refused(frame, ErrorCode.HEADER_NOT_UNDERSTOOD, marker=marker)
    fault = payload_fault(frame.function, frame.payload)
    if fault is not None:
        return _refused(frame, fault)
    return _answered(frame, standing, message_id)


def _answered(frame: Frame, standing: Standing, message_id: int) -> Taken:
    match frame.function:
        case Function.NPDU | Function.ADDRESS_RESOLUTION_ACK:
            return Taken(frame=frame)
        case Function.RESULT:
            return Taken(frame=frame) if _is_refusal(frame) else _NOTHING
        case Function.ADVERTISEMENT_SOLICITATION:
            return Taken(answer=_advertisement(frame, standing, message_id))
        case Function.ADDRESS_RESOLUTION:
            return _resolved(frame, standing)
        case Function.PROPRIETARY:
            return _refused(frame, ErrorCode.PROPRIETARY_FUNCTION_UNKNOWN)
        case _:
            return _NOTHING


def _advertisement(frame: Frame, standing: Standing, message_id: int) -> bytes:
    told = Advertisement(hub=standing.hub, accepts_direct=standing.accepts_direct)
    return encode(
        Frame(
            function=Function.ADVERTISEMENT,
            message_id=message_id,
            destination=frame.originating,
            payload=told.encode(),
        )
    )


def _resolved(frame: Frame, standing: Standing) -> Taken:
    if frame.destination == BROADCAST:
        return _NOTHING
    if not standing.direct_uri:
        return _refused(frame, ErrorCode.OPTIONAL_FUNCTIONALITY_NOT_SUPPORTED)
    answer = Frame(
        function=Function.ADDRESS_RESOLUTION_ACK,
        message_id=frame.message_id,
        destination=frame.originating,
        payload=standing.direct_uri.encode(),
    )
    return Taken(answer=encode(answer))


def _is_refusal(frame: Frame) -> bool:
    try:
        return decode_result(frame.payload)[1] is not None
    except MalformedFrameError:
        return False


def _refused(frame: Frame, code: ErrorCode, *, marker: int = 0) -> Taken:
    """Refuse, but neither a broadcast nor an answer (AB.3.1)."""
    if frame.destination == BROADCAST or frame.function in RESPONSES:
        return _NOTHING
    return Taken(answer=refusal(frame, code, marker=marker))


def _refused_undecoded(data: bytes, code: ErrorCode) -> Taken:
    if len(data) < 4:
        return _NOTHING  # has no id under which it could be refused
    originating, destination = addresses(data)
    frame = Frame(
        function=data[0],
        message_id=int.from_bytes(data[2:4]),
        originating=originating,
        destination=destination,
    )
    return _refused(frame, code)
