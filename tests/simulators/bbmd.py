"""A broadcast management device: takes foreign devices and passes broadcasts on to them (Annex J.5)."""

import asyncio
from typing import override

from .link import (
    BROADCAST,
    DISTRIBUTE,
    FORWARDED,
    REGISTER,
    RESULT,
    Link,
    SocketAddress,
    bvlc,
    pack_address,
)

READ_FOREIGN_TABLE, FOREIGN_TABLE, DELETE_ENTRY = 0x06, 0x07, 0x08
SUCCESS, DISTRIBUTE_REFUSED = 0x0000, 0x0060
GRACE_SECONDS = 30
"""How long an entry outlives its time to live (J.5.2.3)."""


class BroadcastManagementLink(Link):
    """The wire of a BBMD: foreign devices register, expire and hear broadcasts."""

    grace_seconds = GRACE_SECONDS

    def __init__(
        self, address: SocketAddress, broadcast: SocketAddress | None, seed: int = 1
    ) -> None:
        super().__init__(address, broadcast, seed)
        self.foreign_devices: dict[SocketAddress, tuple[int, float]] = {}

    @override
    def received(self, data: bytes, source: SocketAddress, *, broadcast: bool) -> None:
        """Pass local broadcasts on to foreign devices, then take the datagram."""
        if broadcast and self.plugged and data[:2] == bytes((0x81, BROADCAST)):
            self._forward(data[4:], source, skip=source)
        super().received(data, source, broadcast=broadcast)

    @override
    def control(self, function: int, body: bytes, source: SocketAddress) -> None:
        """Serve what a BBMD serves; refuse the rest."""
        if function == REGISTER and len(body) == 2:
            ttl = int.from_bytes(body, "big")
            self.foreign_devices[source] = (ttl, self._now() + ttl + self.grace_seconds)
            self._result(SUCCESS, source)
        elif function == DISTRIBUTE:
            self._distribute(body, source)
        elif function == READ_FOREIGN_TABLE:
            self.send(bvlc(FOREIGN_TABLE, self._table()), source)
        else:
            super().control(function, body, source)

    def registered(self) -> list[SocketAddress]:
        """Return the foreign devices whose registration still holds."""
        now = self._now()
        self.foreign_devices = {
            address: entry
            for address, entry in self.foreign_devices.items()
            if entry[1] > now
        }
        return list(self.foreign_devices)

    def _distribute(self, npdu: bytes, source: SocketAddress) -> None:
        if source not in self.registered():
            self._result(DISTRIBUTE_REFUSED, source)
            return
        if self.broadcast:
            self.send(bvlc(FORWARDED, pack_address(source) + npdu), self.broadcast)
        self._forward(npdu, source, skip=source)
        self.spawn(self.up(npdu, source, broadcast=True))

    def _forward(
        self, npdu: bytes, source: SocketAddress, *, skip: SocketAddress
    ) -> None:
        frame = bvlc(FORWARDED, pack_address(source) + npdu)
        for address in self.registered():
            if address != skip:
                self.send(frame, address)

    def _table(self) -> bytes:
        now = self._now()
        return b"".join(
            pack_address(address)
            + ttl.to_bytes(2, "big")
            + int(expires - now).to_bytes(2, "big")
            for address, (ttl, expires) in self.foreign_devices.items()
            if expires > now
        )

    def _result(self, code: int, destination: SocketAddress) -> None:
        self.send(bvlc(RESULT, code.to_bytes(2, "big")), destination)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
