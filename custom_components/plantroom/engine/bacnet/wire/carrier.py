"""What carries the frames of a link: UDP sockets, or a node on a BACnet/SC network."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Protocol

from bacpypes3.comm import Server
from bacpypes3.pdu import PDU

from ..octets.network_layer import Endpoint
from .addresses import BacnetAddress

type FrameListener = Callable[[bytes, Endpoint], bool]


class Carrier(Protocol):
    """Frames from and to endpoints, each an NPDU behind a BVLC header (J.2).

    Every carrier has frames look like those of BACnet/IP, whatever is on its wire, so
    that one stack runs over all of them.
    """

    @property
    @abstractmethod
    def own(self) -> BacnetAddress:
        """Return our own address."""

    @property
    @abstractmethod
    def stack(self) -> Server[PDU]:
        """Return what bacpypes3's application is bound to: NPDUs down and up."""

    @property
    @abstractmethod
    def registered(self) -> bool:
        """Return whether broadcasts go out."""

    @abstractmethod
    def add_listener(self, listener: FrameListener) -> None:
        """Offer every frame to listener first; True means that it took it."""

    @abstractmethod
    async def open(self) -> None:
        """Begin to carry; raises NetworkError."""

    @abstractmethod
    def send(self, data: bytes, addr: Endpoint) -> None:
        """Send a frame, or lose it, as on any network."""

    @abstractmethod
    def forward(self, npdu: bytes, mac: bytes) -> None:
        """Send an NPDU to a MAC of 6 octets, or to everybody with b""."""

    @abstractmethod
    async def registration_settled(self) -> None:
        """Wait until it is known whether broadcasts go out."""

    @abstractmethod
    async def close(self) -> None:
        """Carry no more; calling it twice does no harm."""
