"""BVLC-SC messages as octets: the header, its options and what each bears (AB.2)."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, override

HUB_PROTOCOL: Final = "hub.bsc.bacnet.org"
DIRECT_PROTOCOL: Final = "dc.bsc.bacnet.org"

VMAC_OCTETS: Final = 6
UUID_OCTETS: Final = 16
HEADER_OCTETS: Final = 4
UNKNOWN_VMAC: Final = bytes(VMAC_OCTETS)  # AB.1.5.2: never a node's
# What we take; 1497 is the NPDU of BACnet/IP, which routers to it may need.
MAX_NPDU: Final = 1497
MAX_BVLC: Final = 1600
# A header of two VMACs, for lengths that a peer names of its NPDU
NPDU_OVERHEAD: Final = HEADER_OCTETS + 2 * VMAC_OCTETS
MOST_OPTIONS: Final = 32

ORIGINATING: Final = 0x08
DESTINATION: Final = 0x04
DESTINATION_OPTIONS: Final = 0x02
DATA_OPTIONS: Final = 0x01

_MORE: Final = 0x80
_MUST_UNDERSTAND: Final = 0x40
_HAS_DATA: Final = 0x20
_TYPE: Final = 0x1F


class Function(IntEnum):
    """What a message is for (AB.2.1)."""

    RESULT = 0x00
    NPDU = 0x01
    ADDRESS_RESOLUTION = 0x02
    ADDRESS_RESOLUTION_ACK = 0x03
    ADVERTISEMENT = 0x04
    ADVERTISEMENT_SOLICITATION = 0x05
    CONNECT_REQUEST = 0x06
    CONNECT_ACCEPT = 0x07
    DISCONNECT_REQUEST = 0x08
    DISCONNECT_ACK = 0x09
    HEARTBEAT_REQUEST = 0x0A
    HEARTBEAT_ACK = 0x0B
    PROPRIETARY = 0x0C


RESPONSES: Final = frozenset(
    {
        Function.RESULT,
        Function.ADDRESS_RESOLUTION_ACK,
        Function.CONNECT_ACCEPT,
        Function.DISCONNECT_ACK,
        Function.HEARTBEAT_ACK,
    }
)


class OptionType(IntEnum):
    """Header options that the standard names (AB.2.3)."""

    SECURE_PATH = 1
    PROPRIETARY = 31


class ErrorCode(IntEnum):
    """Why a message is refused (Clause 18, all of the class COMMUNICATION)."""

    INCONSISTENT_PARAMETERS = 7
    OPTIONAL_FUNCTIONALITY_NOT_SUPPORTED = 45
    PARAMETER_OUT_OF_RANGE = 80
    FUNCTION_UNKNOWN = 143
    PROPRIETARY_FUNCTION_UNKNOWN = 144
    HEADER_ENCODING_ERROR = 145
    HEADER_NOT_UNDERSTOOD = 146
    MESSAGE_INCOMPLETE = 147
    NOT_A_HUB = 148
    PAYLOAD_EXPECTED = 149
    UNEXPECTED_DATA = 150
    DUPLICATE_VMAC = 151


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A header option (AB.2.3); type: 0 to 31."""

    type: int
    must_understand: bool = False
    data: bytes | None = None

    @property
    def marker(self) -> int:
        """Return its marker octet, as the last option of a list."""
        must = _MUST_UNDERSTAND if self.must_understand else 0
        return self.type | must | (0 if self.data is None else _HAS_DATA)


SECURE_PATH: Final = Option(type=OptionType.SECURE_PATH, must_understand=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A message; function: an octet, known or not; VMACs None where it names none."""

    function: int
    message_id: int
    originating: bytes | None = None
    destination: bytes | None = None
    destination_options: tuple[Option, ...] = ()
    data_options: tuple[Option, ...] = ()
    payload: bytes = b""


class MalformedFrameError(ValueError):
    """A message that cannot be decoded; code: what to tell its sender."""

    def __init__(self, code: ErrorCode) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code

    @override
    def __str__(self) -> str:
        return self.code.name


def encode(frame: Frame) -> bytes:
    """Return a message's octets."""
    flags = (
        (ORIGINATING if frame.originating is not None else 0)
        | (DESTINATION if frame.destination is not None else 0)
        | (DESTINATION_OPTIONS if frame.destination_options else 0)
        | (DATA_OPTIONS if frame.data_options else 0)
    )
    return b"".join(
        (
            bytes((frame.function, flags)),
            frame.message_id.to_bytes(2),
            frame.originating or b"",
            frame.destination or b"",
            _encoded_options(frame.destination_options),
            _encoded_options(frame.data_options),
            frame.payload,
        )
    )


def decode(data: bytes) -> Frame:
    """Return a message; raises MalformedFrameError. Payloads are not looked into."""
    if len(data) < HEADER_OCTETS:
        raise MalformedFrameError(ErrorCode.MESSAGE_INCOMPLETE)
    flags = data[1]
    at = HEADER_OCTETS
    originating = destination = None
    if flags & ORIGINATING:
        originating, at = _taken(data, at, VMAC_OCTETS)
    if flags & DESTINATION:
        destination, at = _taken(data, at, VMAC_OCTETS)
    destination_options: tuple[Option, ...] = ()
    data_options: tuple[Option, ...] = ()
    if flags & DESTINATION_OPTIONS:
        destination_options, at = _decoded_options(data, at)
    if flags & DATA_OPTIONS:
        data_options, at = _decoded_options(data, at)
    return Frame(
        function=data[0],
        message_id=int.from_bytes(data[2:4]),
        originating=originating,
        destination=destination,
        destination_options=destination_options,
        data_options=data_options,
        payload=data[at:],
    )


def addresses(data: bytes) -> tuple[bytes | None, bytes | None]:
    """Return the VMACs in a header, originating and destination, as far as there are.

    For messages whose rest cannot be decoded.
    """
    at = HEADER_OCTETS
    found: list[bytes | None] = []
    for flag in (ORIGINATING, DESTINATION):
        named = len(data) >= HEADER_OCTETS and data[1] & flag
        vmac = data[at : at + VMAC_OCTETS] if named else b""
        found.append(vmac if len(vmac) == VMAC_OCTETS else None)
        at += len(vmac)
    return found[0], found[1]


def not_understood(frame: Frame) -> int | None:
    """Return the marker of an option that must be understood and is not (AB.2.3)."""
    for option in frame.destination_options:
        if option.must_understand:
            return option.marker
    for option in frame.data_options:
        if option.must_understand and option.type != OptionType.SECURE_PATH:
            return option.marker
    return None


def _encoded_options(options: tuple[Option, ...]) -> bytes:
    encoded = bytearray()
    for left, option in zip(range(len(options) - 1, -1, -1), options, strict=True):
        encoded.append(option.marker | (_MORE if left else 0))
        if option.data is not None:
            encoded += len(option.data).to_bytes(2) + option.data
    return bytes(encoded)


def _decoded_options(data: bytes, at: int) -> tuple[tuple[Option, ...], int]:
    options: list[Option] = []
    more = True
    while more:
        if len(options) == MOST_OPTIONS:
            raise MalformedFrameError(ErrorCode.HEADER_ENCODING_ERROR)
        marker, at = _taken(data, at, 1)
        value: bytes | None = None
        if marker[0] & _HAS_DATA:
            length, at = _taken(data, at, 2)
            value, at = _taken(data, at, int.from_bytes(length))
        must = bool(marker[0] & _MUST_UNDERSTAND)
        options.append(Option(type=marker[0] & _TYPE, must_understand=must, data=value))
        more = bool(marker[0] & _MORE)
    return tuple(options), at


def _taken(data: bytes, at: int, octets: int) -> tuple[bytes, int]:
    end = at + octets
    if end > len(data):
        raise MalformedFrameError(ErrorCode.MESSAGE_INCOMPLETE)
    return data[at:end], end
