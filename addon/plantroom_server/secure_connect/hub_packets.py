"""Messages that a hub passes on, as WebSocket packets ready to write.

A server's packets are not masked (RFC 6455, 5.1), so one serves every receiver.
"""

from typing import Final

from .frames import DESTINATION, HEADER_OCTETS, ORIGINATING, VMAC_OCTETS

# What a hub takes of a node: more than MAX_BVLC, for header options of times to come.
# Who receives it has a limit of its own.
MOST_OCTETS: Final = 8192
PING: Final = b"\x89\x00"

_ADDRESSED: Final = HEADER_OCTETS + VMAC_OCTETS
_KNOWN_FLAGS: Final = 0x0F
_SHORT: Final = 126


def _head(octets: int) -> bytes:
    """Return what stands before a binary message of that length (RFC 6455, 5.2)."""
    if octets < _SHORT:
        return bytes((0x82, octets))
    return b"\x82\x7e" + octets.to_bytes(2)


_HEADS: Final = tuple(_head(each) for each in range(MOST_OCTETS + VMAC_OCTETS + 1))
_TO_ONE: Final = tuple(
    bytes(((flags & _KNOWN_FLAGS | ORIGINATING) & ~DESTINATION,))
    for flags in range(256)
)
_TO_ALL: Final = tuple(
    bytes((flags & _KNOWN_FLAGS | ORIGINATING,)) for flags in range(256)
)


def packet(message: bytes) -> bytes:
    """Return a message of our own."""
    return _HEADS[len(message)] + message


def pong(data: bytes) -> bytes:
    """Return the answer to a ping (RFC 6455, 5.5.3); data: up to 125 octets."""
    return bytes((0x8A, len(data))) + data


def to_one(message: bytes, sender: bytes) -> bytes:
    """Return a message to one node: sender's VMAC in, destination out (AB.5.3.2)."""
    return b"".join(
        (
            _HEADS[len(message)],
            message[:1],
            _TO_ONE[message[1]],
            message[2:4],
            sender,
            message[_ADDRESSED:],
        )
    )


def to_all(message: bytes, sender: bytes) -> bytes:
    """Return a broadcast: sender's VMAC in, destination kept (AB.5.3.3)."""
    return b"".join(
        (
            _HEADS[len(message) + VMAC_OCTETS],
            message[:1],
            _TO_ALL[message[1]],
            message[2:4],
            sender,
            message[HEADER_OCTETS:],
        )
    )


def without_sender(message: bytes) -> bytes:
    """Return a message without the originating VMAC that some nodes put in."""
    flags = bytes((message[1] & ~ORIGINATING,))
    return message[:1] + flags + message[2:4] + message[_ADDRESSED:]
