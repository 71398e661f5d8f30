"""How a BACnet network is reached, and what is told of it: IP and SC each their way."""

from abc import abstractmethod
from typing import Protocol

from ..errors import NetworkError
from .wire.carrier import Carrier


class NetworkAccess(Protocol):
    """Lends a network carriers, one after another, and tells how it is doing."""

    @property
    @abstractmethod
    def own_address(self) -> str:
        """Return our address as people know it, "" while we have none."""

    @abstractmethod
    def starting(self) -> None:
        """State that the network is about to be opened."""

    @abstractmethod
    async def carrier(self) -> Carrier:
        """Return what may carry a link, not opened yet; raises NetworkError."""

    @abstractmethod
    def opened(self) -> None:
        """State that a link is open."""

    @abstractmethod
    def failed(self, err: NetworkError) -> None:
        """State why the network cannot be used."""

    @abstractmethod
    async def until_worth_trying(self, failures: int) -> None:
        """Wait before a link is opened, or opened again after failures in a row."""

    @abstractmethod
    async def until_lost(self) -> NetworkError | None:
        """Wait until the open link can be used no more, and return why.

        None: it was lost for a moment, is back, and may have missed something.
        """

    @abstractmethod
    async def stop(self) -> None:
        """Let go of what outlives links; calling it twice does no harm."""

    @abstractmethod
    def down_error(self) -> NetworkError:
        """Return why the network cannot be used now."""
