"""Who is connected to a hub, and who may join."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .frames import ErrorCode
from .hub_member import Member
from .payloads import COMMUNICATION, Peer

_LOGGER = logging.getLogger(__name__)

RESOURCES: Final = 3  # BACnetErrorClass
OTHER: Final = 0  # BACnetErrorCode
_NIL_UUID: Final = bytes(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why a node may not join; words: a sentence about it, for the log."""

    code: int
    words: str
    error_class: int = COMMUNICATION


class Members:
    """The nodes of a hub, by VMAC and by device UUID; each device is there once."""

    def __init__(self, own_vmac: bytes, most: int) -> None:
        """Take the hub's own VMAC, and how many nodes there may be."""
        self._own_vmac = own_vmac
        self._most = most
        self.by_vmac: dict[bytes, Member] = {}
        self._by_uuid: dict[str, Member] = {}
        self._doubled: set[str] = set()

    def __len__(self) -> int:
        """Return how many are connected."""
        return len(self.by_vmac)

    def __iter__(self) -> Iterator[Member]:
        """Go through those that are connected now."""
        return iter(list(self.by_vmac.values()))

    def objection(self, peer: Peer) -> Objection | None:
        """Return why a node may not join, or None (AB.6.2.3)."""
        if peer.device_uuid == _NIL_UUID:
            return Objection(
                code=ErrorCode.PARAMETER_OUT_OF_RANGE, words="it has no device UUID"
            )
        holder = self.by_vmac.get(peer.vmac)
        is_taken = holder is not None and holder.device_uuid != peer.device_uuid.hex()
        if is_taken or peer.vmac == self._own_vmac:
            return Objection(
                code=ErrorCode.DUPLICATE_VMAC,
                words=f"its VMAC {peer.vmac.hex(':')} is another's",
            )
        is_back = peer.device_uuid.hex() in self._by_uuid
        if len(self) >= self._most and not is_back:
            return Objection(
                code=OTHER,
                words=f"there are {self._most} nodes already",
                error_class=RESOURCES,
            )
        return None

    def join(self, member: Member) -> None:
        """Take a node in; what was connected as the same device is cut (AB.6.2.3)."""
        former = self._by_uuid.get(member.device_uuid)
        if former is not None:
            self.leave(former)
            former.end()
            self._tell_double(former, member)
        self.by_vmac[member.vmac] = member
        self._by_uuid[member.device_uuid] = member

    def leave(self, member: Member) -> bool:
        """Let a node go; return whether it was still there."""
        if self.by_vmac.get(member.vmac) is not member:
            return False
        del self.by_vmac[member.vmac]
        del self._by_uuid[member.device_uuid]
        return True

    def _tell_double(self, former: Member, member: Member) -> None:
        """Say once that two certificates stand for one device: one of them is wrong."""
        uuid = member.device_uuid
        if former.node.subject == member.node.subject or uuid in self._doubled:
            return
        if len(self._doubled) < self._most:
            self._doubled.add(uuid)
        _LOGGER.warning(
            "%s at %s and %s at %s have the same device UUID %s",
            former.node.subject,
            former.node.address,
            member.node.subject,
            member.node.address,
            uuid,
        )
