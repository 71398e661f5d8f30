"""What BVLC-SC messages bear behind their header (AB.2.4 to AB.2.16)."""

from dataclasses import dataclass
from typing import Final

from .frames import (
    MAX_BVLC,
    MAX_NPDU,
    UNKNOWN_VMAC,
    UUID_OCTETS,
    VMAC_OCTETS,
    ErrorCode,
    Frame,
    Function,
    MalformedFrameError,
    encode,
)

COMMUNICATION: Final = 7  # BACnetErrorClass
MOST_URIS: Final = 16
BROADCAST: Final = b"\xff" * VMAC_OCTETS

_CONNECT_OCTETS: Final = VMAC_OCTETS + UUID_OCTETS + 4
_ADVERTISEMENT_OCTETS: Final = 6
_ACK: Final = 0
_NAK: Final = 1
# Lengths that a payload may have, from and to; None: as much as there is
_LENGTHS: Final[dict[int, tuple[int, int | None]]] = {
    Function.RESULT: (2, None),
    Function.NPDU: (2, None),
    Function.ADDRESS_RESOLUTION: (0, 0),
    Function.ADDRESS_RESOLUTION_ACK: (0, None),
    Function.ADVERTISEMENT: (_ADVERTISEMENT_OCTETS, _ADVERTISEMENT_OCTETS),
    Function.ADVERTISEMENT_SOLICITATION: (0, 0),
    Function.CONNECT_REQUEST: (_CONNECT_OCTETS, _CONNECT_OCTETS),
    Function.CONNECT_ACCEPT: (_CONNECT_OCTETS, _CONNECT_OCTETS),
    Function.DISCONNECT_REQUEST: (0, 0),
    Function.DISCONNECT_ACK: (0, 0),
    Function.HEARTBEAT_REQUEST: (0, 0),
    Function.HEARTBEAT_ACK: (0, 0),
    Function.PROPRIETARY: (3, None),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Who connects or accepts, and the longest that it takes (AB.2.10, AB.2.11)."""

    vmac: bytes
    device_uuid: bytes
    max_bvlc: int = MAX_BVLC
    max_npdu: int = MAX_NPDU

    def encode(self) -> bytes:
        """Return the payload of a Connect-Request or a Connect-Accept."""
        lengths = self.max_bvlc.to_bytes(2) + self.max_npdu.to_bytes(2)
        return self.vmac + self.device_uuid + lengths


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A BVLC-Result that says no (AB.2.4); marker: of the option it is about, or 0."""

    function: int
    code: int
    error_class: int = COMMUNICATION
    marker: int = 0
    details: str = ""

    def encode(self) -> bytes:
        """Return the payload of a BVLC-Result."""
        head = bytes((self.function, _NAK, self.marker))
        numbers = self.error_class.to_bytes(2) + self.code.to_bytes(2)
        return head + numbers + self.details.encode()

    @property
    def reason(self) -> str:
        """Return the error as people look it up, e.g. "NODE_DUPLICATE_VMAC"."""
        known = {each.value: each.name for each in ErrorCode}
        name = known.get(self.code, str(self.code))
        return (
            name if self.error_class == COMMUNICATION else f"{self.error_class}.{name}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Advertisement:
    """What a node says of itself (AB.2.8); hub: 0 none, 1 primary, 2 failover."""

    hub: int
    accepts_direct: bool
    max_bvlc: int = MAX_BVLC
    max_npdu: int = MAX_NPDU

    def encode(self) -> bytes:
        """Return the payload of an Advertisement."""
        lengths = self.max_bvlc.to_bytes(2) + self.max_npdu.to_bytes(2)
        return bytes((self.hub, self.accepts_direct)) + lengths


def decode_peer(payload: bytes) -> Peer:
    """Return who connects; raises MalformedFrameError, also for reserved VMACs."""
    _require(Function.CONNECT_REQUEST, payload)
    vmac = payload[:VMAC_OCTETS]
    if vmac in {BROADCAST, UNKNOWN_VMAC}:
        raise MalformedFrameError(ErrorCode.PARAMETER_OUT_OF_RANGE)
    at = VMAC_OCTETS + UUID_OCTETS
    return Peer(
        vmac=vmac,
        device_uuid=payload[VMAC_OCTETS:at],
        max_bvlc=int.from_bytes(payload[at : at + 2]),
        max_npdu=int.from_bytes(payload[at + 2 :]),
    )


def decode_result(payload: bytes) -> tuple[int, Refusal | None]:
    """Return which function a BVLC-Result is for, and the refusal if it is one."""
    _require(Function.RESULT, payload)
    if payload[1] == _ACK:
        return payload[0], None
    if payload[1] != _NAK:
        raise MalformedFrameError(ErrorCode.PARAMETER_OUT_OF_RANGE)
    if len(payload) < 7:
        raise MalformedFrameError(ErrorCode.MESSAGE_INCOMPLETE)
    return payload[0], Refusal(
        function=payload[0],
        marker=payload[2],
        error_class=int.from_bytes(payload[3:5]),
        code=int.from_bytes(payload[5:7]),
        details=payload[7:].decode(errors="replace"),
    )


def decode_advertisement(payload: bytes) -> Advertisement:
    """Return what a node says of itself; raises MalformedFrameError."""
    _require(Function.ADVERTISEMENT, payload)
    if payload[0] > 2 or payload[1] > 1:
        raise MalformedFrameError(ErrorCode.PARAMETER_OUT_OF_RANGE)
    return Advertisement(
        hub=payload[0],
        accepts_direct=bool(payload[1]),
        max_bvlc=int.from_bytes(payload[2:4]),
        max_npdu=int.from_bytes(payload[4:6]),
    )


def decode_uris(payload: bytes) -> tuple[str, ...]:
    """Return the URIs of an Address-Resolution-ACK, the first ones of too many."""
    told = payload.decode(errors="replace").split()[:MOST_URIS]
    return tuple(uri for uri in told if uri.isprintable())


def payload_fault(function: int, payload: bytes) -> ErrorCode | None:
    """Return what is wrong with a payload's length, or with the function; or None."""
    lengths = _LENGTHS.get(function)
    if lengths is None:
        return ErrorCode.FUNCTION_UNKNOWN
    least, most = lengths
    if least and not payload:
        return ErrorCode.PAYLOAD_EXPECTED
    if len(payload) < least:
        return ErrorCode.MESSAGE_INCOMPLETE
    if most is not None and len(payload) > most:
        return ErrorCode.UNEXPECTED_DATA
    return None


def refusal(
    frame: Frame, code: ErrorCode, *, marker: int = 0, details: str = ""
) -> bytes:
    """Return the BVLC-Result that refuses a message, to who sent it (AB.2.4)."""
    said = Refusal(function=frame.function, code=code, marker=marker, details=details)
    return encode(
        Frame(
            function=Function.RESULT,
            message_id=frame.message_id,
            destination=frame.originating,
            payload=said.encode(),
        )
    )


def _require(function: Function, payload: bytes) -> None:
    fault = payload_fault(function, payload)
    if fault is not None:
        raise MalformedFrameError(fault)
