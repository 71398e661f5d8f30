"""bac-py's node."""

import asyncio
from typing import Any, override

from bac_py.app.application import BACnetApplication, DeviceConfig
from bac_py.app.server import DefaultServerHandlers
from bac_py.client import Client as BacPy
from bac_py.objects.analog import AnalogInputObject, AnalogValueObject
from bac_py.objects.device import DeviceObject
from bac_py.transport.sc import SCTransportConfig
from bac_py.transport.sc.connection import SCConnectionConfig
from bac_py.transport.sc.tls import SCTLSConfig
from bac_py.types.enums import PropertyIdentifier

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
)

_INPUT = "analog-input,1"
_HUBS = {1: "primary", 2: "failover"}


def _config(place: Place) -> DeviceConfig:
    tls = SCTLSConfig(
        private_key_path=place.files.key,
        certificate_path=place.files.certificate,
        ca_certificates_path=place.files.authorities,
    )
    secure = SCTransportConfig(
        primary_hub_uri=place.primary,
        failover_hub_uri=place.failover or None,
        tls_config=tls,
        connection_config=SCConnectionConfig(heartbeat_timeout=3.0),
        min_reconnect_time=0.2,
        max_reconnect_time=1.0,
    )
    return DeviceConfig(
        instance_number=place.instance,
        name=f"bac-py {place.instance}",
        sc_config=secure,
    )


class BacPyClient(Client):
    """Asks by bac-py's node."""

    maker = "bac-py"

    def __init__(self) -> None:
        self._client: Any = None

    @override
    async def open(self, place: Place) -> None:
        client = BacPy(_config(place))
        async with asyncio.timeout(CONNECT_SECONDS):
            await client.__aenter__()
        self._client = client

    @override
    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.__aexit__(None, None, None)

    @override
    async def hub(self) -> str:
        transport = self._client.app._network._transport
        return _HUBS.get(int(transport.hub_connector.connection_status), "")

    @override
    async def find(self, instance: int) -> str:
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                for each in await self._client.discover(
                    instance, instance, timeout=1.0, expected_count=1
                ):
                    mac: bytes = each.address.mac_address
                    return mac.hex(":")

    @override
    async def read(self, address: str, kind: str, number: int) -> float:
        async with asyncio.timeout(ANSWER_SECONDS):
            found = await self._client.read(
                address.upper(), f"{kind},{number}", "present-value"
            )
        return float(found)

    @override
    async def read_many(self, address: str) -> int:
        wanted = {
            f"analog-value,{number}": [*MANY_PROPERTIES]
            for number in range(MANY_FROM, MANY_FROM + MANY)
        }
        async with asyncio.timeout(ANSWER_SECONDS):
            found = await self._client.read_multiple(address.upper(), wanted)
        return sum(len(each) for each in found.values())

    @override
    async def write(self, address: str, value: float | None, priority: int) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._client.write(
                address.upper(),
                f"analog-value,{SETPOINT}",
                "present-value",
                value,
                priority,
            )

    @override
    async def watch(self, address: str, *, confirmed: bool) -> Changes:
        told: asyncio.Queue[float] = asyncio.Queue(100)
        changes = _BacPyChanges(self._client, told, address, 11 + confirmed)
        await changes.begin(confirmed=confirmed)
        return changes


class _BacPyChanges(Changes):
    def __init__(
        self, client: Any, told: asyncio.Queue[float], address: str, process: int
    ) -> None:
        self._client = client
        self._told = told
        self._address = address.upper()
        self._process = process

    async def begin(self, *, confirmed: bool) -> None:
        """Subscribe."""
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._client.subscribe_cov_ex(
                self._address,
                _INPUT,
                self._process,
                confirmed,
                300,
                callback=self._take,
            )

    @override
    async def next(self) -> float:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await self._told.get()

    @override
    async def end(self) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._client.unsubscribe_cov_ex(self._address, _INPUT, self._process)

    def _take(self, notification: Any, _source: Any) -> None:
        from bac_py.encoding.primitives import decode_real

        for each in notification.list_of_values:
            if each.property_identifier == PropertyIdentifier.PRESENT_VALUE:
                self._told.put_nowait(decode_real(each.value[-4:]))


class BacPyDevice(Device):
    """Is asked, through bac-py's node."""

    maker = "bac-py"

    def __init__(self) -> None:
        self._app: Any = None
        self._input: Any = None

    @override
    async def open(self, place: Place) -> None:
        app = BACnetApplication(_config(place))
        async with asyncio.timeout(CONNECT_SECONDS):
            await app.start()
        self._app = app
        device = DeviceObject(place.instance, object_name=f"bac-py {place.instance}")
        inputs = [
            AnalogInputObject(
                number,
                object_name=f"Temp{number}",
                present_value=value,
                cov_increment=0.1,
            )
            for number, value in enumerate(INPUT_VALUES, 1)
        ]
        values = [
            AnalogValueObject(
                number,
                object_name=f"Value{number}",
                present_value=float(number),
                relinquish_default=float(number),
                commandable=True,
            )
            for number in (SETPOINT, *range(MANY_FROM, MANY_FROM + MANY))
        ]
        for each in (device, *inputs, *values):
            app.object_db.add(each)
        self._input = inputs[0]
        DefaultServerHandlers(app, app.object_db, device).register()

    @override
    async def close(self) -> None:
        app, self._app = self._app, None
        if app is not None:
            await app.stop()

    @override
    async def hub(self) -> str:
        return "primary" if self._app is not None else ""

    @override
    async def set_input(self, value: float) -> None:
        self._input._properties[PropertyIdentifier.PRESENT_VALUE] = value
        self._app.cov_manager.check_and_notify(
            self._input, PropertyIdentifier.PRESENT_VALUE
        )
