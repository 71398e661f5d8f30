"""What a hub does with a message of a node (AB.5.3)."""

import logging
from collections.abc import Callable
from typing import Final

from .frames import (
    DESTINATION,
    HEADER_OCTETS,
    ORIGINATING,
    RESPONSES,
    VMAC_OCTETS,
    ErrorCode,
    Frame,
    Function,
    MalformedFrameError,
    decode,
    encode,
    not_understood,
)
from .hub_member import Member
from .hub_members import Members
from .hub_packets import packet, to_all, to_one, without_sender
from .payloads import BROADCAST, Refusal, payload_fault, refusal

_LOGGER = logging.getLogger(__name__)

_ADDRESSED: Final = HEADER_OCTETS + VMAC_OCTETS
# These are of one connection: passed on, a node could send another away
_OF_CONNECTION: Final = frozenset(
    {
        Function.CONNECT_REQUEST,
        Function.CONNECT_ACCEPT,
        Function.DISCONNECT_REQUEST,
        Function.DISCONNECT_ACK,
        Function.HEARTBEAT_REQUEST,
        Function.HEARTBEAT_ACK,
    }
)
_QUESTIONS: Final = frozenset(
    {
        Function.ADDRESS_RESOLUTION,
        Function.ADVERTISEMENT_SOLICITATION,
        Function.PROPRIETARY,
    }
)


class Relay:
    """Passes messages on between the nodes of a hub; answers those for the hub."""

    def __init__(
        self, members: Members, own_vmac: bytes, dropped: Callable[[], None]
    ) -> None:
        """Take the nodes, and whom to tell of a broadcast that is one too many."""
        self._members = members
        self._own_vmac = own_vmac
        self._dropped = dropped

    def take(self, sender: Member, message: bytes) -> None:
        """Pass a message on, answer it or drop it."""
        if len(message) > HEADER_OCTETS and message[1] & ORIGINATING:
            # Some nodes name themselves; in another's name nobody speaks
            if message[HEADER_OCTETS:_ADDRESSED] != sender.vmac:
                return
            message = without_sender(message)
        if len(message) < _ADDRESSED or not message[1] & DESTINATION:
            self._answer(sender, message)
            return
        if message[0] in _OF_CONNECTION:
            return
        destination = message[HEADER_OCTETS:_ADDRESSED]
        receiver = self._members.by_vmac.get(destination)
        if receiver is not None:
            if len(message) <= receiver.max_bvlc:
                receiver.put(to_one(message, sender.vmac))
        elif destination == BROADCAST:
            self._send_to_all(sender, message)
        elif destination == self._own_vmac:
            self._refuse_as_node(sender, message)

    def _send_to_all(self, sender: Member, message: bytes) -> None:
        if not sender.may_broadcast():
            self._dropped()
            return
        octets = len(message) + VMAC_OCTETS
        data = to_all(message, sender.vmac)
        for each in self._members.by_vmac.values():
            if each is not sender and octets <= each.max_bvlc:
                each.put(data)

    def _answer(self, sender: Member, message: bytes) -> None:
        """Answer what is for the hub itself, of this connection alone (AB.6)."""
        try:
            frame = decode(message)
        except MalformedFrameError as err:
            if len(message) >= HEADER_OCTETS and message[0] not in RESPONSES:
                sender.put(packet(refusal(_named(message), err.code)))
            return
        if frame.function in RESPONSES:
            return
        marker = not_understood(frame)
        if marker is not None:
            code = ErrorCode.HEADER_NOT_UNDERSTOOD
            sender.put(packet(refusal(_unnamed(frame), code, marker=marker)))
        elif fault := payload_fault(frame.function, frame.payload):
            sender.put(packet(refusal(_unnamed(frame), fault)))
        else:
            self._obey(sender, frame)

    def _obey(self, sender: Member, frame: Frame) -> None:
        if frame.function == Function.HEARTBEAT_REQUEST:
            sender.put(packet(_acknowledged(frame, Function.HEARTBEAT_ACK)))
        elif frame.function == Function.DISCONNECT_REQUEST:
            sender.put(packet(_acknowledged(frame, Function.DISCONNECT_ACK)))
            sender.leaving = True
        elif frame.function == Function.CONNECT_REQUEST:
            _LOGGER.debug("%s connects again over its connection", sender.node.vmac)
        else:
            # What is for a node has to name it
            code = ErrorCode.HEADER_ENCODING_ERROR
            sender.put(packet(refusal(_unnamed(frame), code)))

    def _refuse_as_node(self, sender: Member, message: bytes) -> None:
        """Say that behind the hub's own VMAC is no node, to who asks it something."""
        if message[0] not in _QUESTIONS:
            return
        said = Refusal(
            function=message[0], code=ErrorCode.OPTIONAL_FUNCTIONALITY_NOT_SUPPORTED
        )
        frame = Frame(
            function=Function.RESULT,
            message_id=int.from_bytes(message[2:4]),
            originating=self._own_vmac,
            payload=said.encode(),
        )
        sender.put(packet(encode(frame)))


def _named(message: bytes) -> Frame:
    """Return what a refusal needs of a message that cannot be decoded."""
    return Frame(function=message[0], message_id=int.from_bytes(message[2:4]))


def _unnamed(frame: Frame) -> Frame:
    """Return a message as one without addresses: so is what answers it."""
    return Frame(function=frame.function, message_id=frame.message_id)


def _acknowledged(frame: Frame, function: Function) -> bytes:
    return encode(Frame(function=function, message_id=frame.message_id))
