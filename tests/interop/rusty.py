"""rusty-bacnet's node."""

import asyncio
import os
from typing import Any, override

from rusty_bacnet import (
    BACnetClient,
    BACnetServer,
    ObjectIdentifier,
    ObjectType,
    PropertyIdentifier,
    PropertyValue,
    ScReconnect,
    Segmentation,
)

from .peer import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    INPUT_VALUES,
    MANY,
    MANY_FROM,
    MANY_PROPERTIES,
    SETPOINT,
    Changes,
    Client,
    Device,
    Place,
    enum_name,
)

_CELSIUS = 62
_PRESENT_VALUE = PropertyIdentifier.PRESENT_VALUE
_INPUT = ObjectIdentifier(ObjectType.ANALOG_INPUT, 1)


def _joined(place: Place) -> dict[str, Any]:
    return {
        "transport": "sc",
        "sc_hub": place.primary,
        "sc_vmac": b"\x02" + os.urandom(5),
        "sc_ca_cert": place.files.authorities,
        "sc_client_cert": place.files.certificate,
        "sc_client_key": place.files.key,
        "sc_device_uuid": os.urandom(16),
    }


class RustyClient(Client):
    """Asks by rusty-bacnet's node."""

    maker = "rusty-bacnet"

    def __init__(self) -> None:
        self._client: Any = None

    @override
    async def open(self, place: Place) -> None:
        given = _joined(place)
        given["sc_heartbeat_interval_ms"] = 3000
        given["sc_heartbeat_timeout_ms"] = 20000
        if place.failover:
            given["sc_failover_hub"] = place.failover
        pace = ScReconnect(initial_delay_ms=200, max_delay_ms=1000, max_retries=2)
        client = BACnetClient(**given, reconnect=pace, sc_connect_timeout_ms=20000)
        async with asyncio.timeout(CONNECT_SECONDS):
            await client.__aenter__()
        self._client = client

    @override
    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.stop()

    @override
    async def hub(self) -> str:
        status = await self._client.connection_status()
        if status is None or status.state != "connected":
            return ""
        found: str = status.active_hub or ""
        return found

    @override
    async def find(self, instance: int) -> str:
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                for each in await self._client.discover(500, instance, instance):
                    mac: bytes = each.mac_address
                    return mac.hex(":")

    @override
    async def read(self, address: str, kind: str, number: int) -> float:
        wanted = ObjectIdentifier(getattr(ObjectType, enum_name(kind)), number)
        async with asyncio.timeout(ANSWER_SECONDS):
            found = await self._client.read_property(address, wanted, _PRESENT_VALUE)
        return float(found.value)

    @override
    async def read_many(self, address: str) -> int:
        names = [getattr(PropertyIdentifier, enum_name(e)) for e in MANY_PROPERTIES]
        wanted = [
            (
                ObjectIdentifier(ObjectType.ANALOG_VALUE, number),
                [(name, None) for name in names],
            )
            for number in range(MANY_FROM, MANY_FROM + MANY)
        ]
        async with asyncio.timeout(ANSWER_SECONDS):
            found = await self._client.read_property_multiple(address, wanted)
        return sum(
            each.get("error") is None for part in found for each in part["results"]
        )

    @override
    async def write(self, address: str, value: float | None, priority: int) -> None:
        given = PropertyValue.null() if value is None else PropertyValue.real(value)
        wanted = ObjectIdentifier(ObjectType.ANALOG_VALUE, SETPOINT)
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._client.write_property(
                address, wanted, _PRESENT_VALUE, given, priority
            )

    @override
    async def watch(self, address: str, *, confirmed: bool) -> Changes:
        told = await self._client.cov_notifications()
        process = 1 + confirmed
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._client.subscribe_cov(address, process, _INPUT, confirmed, 300)
        return _RustyChanges(self._client, told, address, process)


class _RustyChanges(Changes):
    def __init__(self, client: Any, told: Any, address: str, process: int) -> None:
        self._client = client
        self._told = told
        self._address = address
        self._process = process

    @override
    async def next(self) -> float:
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                found = await self._told.__anext__()
                if found.subscriber_process_identifier == self._process:
                    return _present_value(found)

    @override
    async def end(self) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._client.unsubscribe_cov(self._address, self._process, _INPUT)


class RustyDevice(Device):
    """Is asked, through rusty-bacnet's node."""

    maker = "rusty-bacnet"

    def __init__(self) -> None:
        self._server: Any = None

    @override
    async def open(self, place: Place) -> None:
        server = BACnetServer(
            device_instance=place.instance,
            device_name=f"rusty {place.instance}",
            segmentation_supported=Segmentation.BOTH,
            rpm_max_result_elements=2000,
            rpm_max_service_ack_bytes=65000,
            **_joined(place),
        )
        for number, value in enumerate(INPUT_VALUES, 1):
            server.add_analog_input(number, f"Temp{number}", _CELSIUS, value)
        for number in (SETPOINT, *range(MANY_FROM, MANY_FROM + MANY)):
            server.add_analog_value(number, f"Value{number}", _CELSIUS)
        async with asyncio.timeout(CONNECT_SECONDS):
            await server.start()
        self._server = server

    @override
    async def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await server.stop()

    @override
    async def hub(self) -> str:
        return "primary" if self._server is not None else ""

    @override
    async def set_input(self, value: float) -> None:
        await self._server.set_present_value_local(_INPUT, PropertyValue.real(value))


def _present_value(notification: Any) -> float:
    for each in notification.values:
        if each["property_id"] == _PRESENT_VALUE:
            return float(each["value"].value)
    raise ValueError("A notification without a present value")
