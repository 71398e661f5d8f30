"""The confirmed services that our device executes, whoever carries their octets."""

from collections.abc import Callable
from typing import Final

from ..wire.addresses import BacnetAddress
from .cov_requests import decode_subscribe_cov, decode_subscribe_cov_property
from .cov_server import CovServer
from .read_requests import Reading
from .refusals import REJECT_UNRECOGNIZED_SERVICE, RejectedError
from .writing import Done, Writing

SUBSCRIBE_COV: Final = 5
READ_PROPERTY: Final = 12
READ_PROPERTY_MULTIPLE: Final = 14
WRITE_PROPERTY: Final = 15
WRITE_PROPERTY_MULTIPLE: Final = 16
SUBSCRIBE_COV_PROPERTY: Final = 38
WRITES: Final = frozenset((WRITE_PROPERTY, WRITE_PROPERTY_MULTIPLE))


class Services:
    """Service data in, service data out; raises Refusal and MalformedFrameError."""

    def __init__(self, reading: Reading, writing: Writing, cov: CovServer) -> None:
        """Take what executes them."""
        self.reads: dict[int, Callable[[bytes], bytes]] = {
            READ_PROPERTY: reading.read_property,
            READ_PROPERTY_MULTIPLE: reading.read_property_multiple,
        }
        self._writing = writing
        self._cov = cov

    def subscribe(self, service: int, body: bytes, source: BacnetAddress) -> None:
        """Subscribe or cancel; a service that is none of ours is rejected."""
        if service == SUBSCRIBE_COV:
            self._cov.subscribe(decode_subscribe_cov(body), source)
        elif service == SUBSCRIBE_COV_PROPERTY:
            self._cov.subscribe(decode_subscribe_cov_property(body), source)
        else:
            raise RejectedError(REJECT_UNRECOGNIZED_SERVICE)

    async def write(self, service: int, body: bytes, source: str, done: Done) -> None:
        """Do what a write asks; done gets what the objects show then."""
        if service == WRITE_PROPERTY:
            await self._writing.write_property(body, source, done)
        else:
            await self._writing.write_property_multiple(body, source, done)

    async def execute(
        self, service: int, body: bytes, source: str, done: Done
    ) -> bytes:
        """Read or write what came or goes in segments; b"" is a simple acknowledgement."""
        read = self.reads.get(service)
        if read is not None:
            return read(body)
        if service not in WRITES:
            raise RejectedError(REJECT_UNRECOGNIZED_SERVICE)
        await self.write(service, body, source, done)
        return b""
