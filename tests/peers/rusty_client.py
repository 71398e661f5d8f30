"""A second opinion on a point: present value and priority array, read by rusty-bacnet."""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from rusty_bacnet import BACnetClient, ObjectIdentifier, ObjectType, PropertyIdentifier

READ_SECONDS = 60
SLOTS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What the peer reads of a point; priority_array is None when there is none."""

    present_value: Any
    priority_array: tuple[Any, ...] | None

    @property
    def winning_priority(self) -> int | None:
        """Return the priority in force, or None."""
        for number, value in enumerate(self.priority_array or (), 1):
            if value is not None:
                return number
        return None


class RustyClient:
    """Reads any device at "host:port"."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.2",
        port: int,
        broadcast: str = "127.255.255.255",
    ) -> None:
        self._client: Any = BACnetClient(
            interface=host,
            port=port,
            broadcast_address=broadcast,
            share_port_by_address=True,
        )

    @classmethod
    def of(cls, client: Any) -> Self:
        """Return a reader with a client that is on another kind of network."""
        made = cls.__new__(cls)
        made._client = client
        return made

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.stop()

    @property
    def raw(self) -> Any:
        """Return rusty-bacnet's own client, for what is not wrapped here."""
        return self._client

    async def read(self, address: str, object_id: str, property_name: str) -> Any:
        """Return one property as plain Python; object_id is "analog-value,1"."""
        return (await self._read(address, object_id, property_name)).value

    async def read_opinion(self, address: str, object_id: str) -> Opinion:
        """Return the present value, and the priority array when the object has one."""
        present = await self.read(address, object_id, "present-value")
        kind = object_id.partition(",")[0]
        if not kind.endswith(("-output", "-value")):
            return Opinion(present_value=present, priority_array=None)
        slots = [await self._slot(address, object_id, n) for n in range(1, SLOTS + 1)]
        return Opinion(present_value=present, priority_array=tuple(slots))

    async def _slot(self, address: str, object_id: str, index: int) -> Any:
        answer = await self._read(address, object_id, "priority-array", index)
        return None if answer.tag == "null" else answer.value

    async def _read(
        self, address: str, object_id: str, name: str, index: int | None = None
    ) -> Any:
        kind, _, instance = object_id.partition(",")
        identifier = ObjectIdentifier(_member(ObjectType, kind), int(instance))
        async with asyncio.timeout(READ_SECONDS):
            return await self._client.read_property(
                address, identifier, _member(PropertyIdentifier, name), index
            )


def _member(kind: Any, name: str) -> Any:
    """Return the library's constant for "analog-value" or "present-value"."""
    return getattr(kind, name.upper().replace("-", "_"))
