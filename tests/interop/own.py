"""Our node, with bacpypes3 above the engine's carrier."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any, override

from bacpypes3.apdu import ErrorRejectAbortNack
from bacpypes3.app import Application
from bacpypes3.basetypes import EngineeringUnits, Segmentation
from bacpypes3.local.analog import AnalogInputObject, AnalogValueObject
from bacpypes3.local.cmd import Commandable
from bacpypes3.local.device import DeviceObject
from bacpypes3.pdu import Address, LocalStation
from bacpypes3.primitivedata import Null, ObjectIdentifier, Real
from plantroom_server.secure_connect.connection import KeepAlive
from plantroom_server.secure_connect.node import NodePace, SecureNode
from plantroom_server.secure_connect.node_connector import Pace
from plantroom_server.secure_connect.node_dialer import NodeCredentials
from plantroom_server.secure_connect.tls import Identity

from custom_components.plantroom.engine.bacnet.wire.answer_segments import (
    mend_segments,
)
from custom_components.plantroom.engine.bacnet.wire.secure_carrier import SecureCarrier
from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.secure_connect.models import (
    HubConnection,
    SecureNetworkStatus,
)
from custom_components.plantroom.engine.secure_connect.port import SecureLinkUser
from tests.server.secure_connect.certificates import IdentityFiles

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
    Node,
    Place,
)

_INPUT = ObjectIdentifier(("analog-input", 1))
_SETPOINT = ObjectIdentifier(("analog-value", SETPOINT))


class _Value(Commandable, AnalogValueObject):
    _required = ("presentValue", "priorityArray", "relinquishDefault")


class _Application(Application):
    """bacpypes3's, which answers in segments as the engine does."""

    @override
    async def response(self, apdu: Any) -> None:
        mend_segments(self.asap, apdu)
        await super().response(apdu)


class OwnNode(SecureLinkUser, Node):
    """A SecureNode and an application on it."""

    maker = "Plantroom"

    def __init__(self, pace: NodePace | None = None) -> None:
        self.app: Any = None
        self.node: SecureNode | None = None
        self._pace = pace
        self._carrier: SecureCarrier | None = None
        self._moved = asyncio.Event()

    @override
    async def open(self, place: Place) -> None:
        config = SecureNetworkConfig(
            network_id="n",
            name="N",
            primary=place.primary,
            failover=place.failover,
            credentials="c",
        )
        identity = read_identity(place.files)
        credentials = NodeCredentials(
            identity=lambda: identity, listen=lambda _: lambda: None
        )
        self.node = SecureNode(config, None, credentials, self._pace)
        await self.node.open(self)
        async with asyncio.timeout(CONNECT_SECONDS):
            while not await self.hub():
                await self._moved.wait()
                self._moved.clear()
        self._carrier = SecureCarrier(self.node)
        await self._carrier.open()
        self.app = _Application.from_object_list(self.objects(place.instance))
        self.app.asap.proposedWindowSize = 1
        station = LocalStation(self.node.vmac)
        self.app.nsap.bind(self._carrier, address=station)

    def objects(self, instance: int) -> list[Any]:
        """Return what the device has."""
        return [
            DeviceObject(
                objectIdentifier=("device", instance),
                objectName=f"own {instance}",
                vendorIdentifier=999,
                maxApduLengthAccepted=1476,
                maxSegmentsAccepted=64,
                # Nothing is lost on the way, what is late was sent
                apduTimeout=20_000,
                apduSegmentTimeout=20_000,
                segmentationSupported=Segmentation.segmentedBoth,
            )
        ]

    @override
    async def close(self) -> None:
        if self.app is not None:
            self.app.close()
            self.app = None
        if self._carrier is not None:
            await self._carrier.close()
        if self.node is not None:
            await self.node.close()
            self.node = None

    @override
    async def hub(self) -> str:
        if self.node is None or self.node.status.connection is HubConnection.NONE:
            return ""
        return self.node.status.connection.value

    @override
    def received(self, npdu: bytes, source: bytes, *, broadcast: bool) -> None:
        if self._carrier is not None:
            self._carrier.take(npdu, source, broadcast=broadcast)

    @override
    def stands(self, status: SecureNetworkStatus) -> None:
        self._moved.set()


class RefusedError(Exception):
    """What bacpypes3 says by something that is no Exception."""


async def _asked(request: Any) -> Any:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await request
    except ErrorRejectAbortNack as err:
        raise RefusedError(str(err)) from err


class OwnClient(OwnNode, Client):
    """Asks by our node."""

    @override
    async def find(self, instance: int) -> str:
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                for found in await self.app.who_is(instance, instance, timeout=1.0):
                    vmac: bytes = found.pduSource.addrAddr
                    return vmac.hex(":")

    @override
    async def read(self, address: str, kind: str, number: int) -> float:
        wanted = ObjectIdentifier((kind, number))
        return float(
            await _asked(
                self.app.read_property(_station(address), wanted, "present-value")
            )
        )

    @override
    async def read_many(self, address: str) -> int:
        wanted: list[Any] = []
        for number in range(MANY_FROM, MANY_FROM + MANY):
            wanted += [ObjectIdentifier(("analog-value", number)), [*MANY_PROPERTIES]]
        found = await _asked(self.app.read_property_multiple(_station(address), wanted))
        return sum(not isinstance(value, Exception) for *_, value in found)

    @override
    async def write(self, address: str, value: float | None, priority: int) -> None:
        given = Null(()) if value is None else Real(value)
        await _asked(
            self.app.write_property(
                _station(address), _SETPOINT, "present-value", given, None, priority
            )
        )

    @override
    async def watch(self, address: str, *, confirmed: bool) -> Changes:
        manager = self.app.change_of_value(
            _station(address), _INPUT, None, confirmed, 300
        )
        # bacpypes3 knows of it only after the answer, and misses what comes before
        key = (manager.address, manager.subscriber_process_identifier)
        self.app._cov_contexts[key] = manager
        await _asked(manager.refresh_subscription())
        return _OwnChanges(manager)


class _OwnChanges(Changes):
    def __init__(self, subscription: Any) -> None:
        self._subscription = subscription

    @override
    async def next(self) -> float:
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                name, value = await self._subscription.get_value()
                if str(name) == "present-value":
                    return float(value)

    @override
    async def end(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._subscription.__aexit__(None, None, None)


class OwnDevice(OwnNode, Device):
    """Is asked, through our node."""

    @override
    def objects(self, instance: int) -> list[Any]:
        inputs = [
            AnalogInputObject(
                objectIdentifier=("analog-input", number),
                objectName=f"Temp{number}",
                presentValue=value,
                units=EngineeringUnits.degreesCelsius,
                covIncrement=0.1,
            )
            for number, value in enumerate(INPUT_VALUES, 1)
        ]
        numbers = (SETPOINT, *range(MANY_FROM, MANY_FROM + MANY))
        values = [
            _Value(
                objectIdentifier=("analog-value", number),
                objectName=f"Value{number}",
                presentValue=float(number),
                relinquishDefault=float(number),
                units=EngineeringUnits.degreesCelsius,
                covIncrement=0.1,
            )
            for number in numbers
        ]
        return [*super().objects(instance), *inputs, *values]

    @override
    async def set_input(self, value: float) -> None:
        self.app.get_object_id(_INPUT).presentValue = Real(value)


def fast_pace(heartbeat_seconds: float = 300.0) -> NodePace:
    """Return a pace for who does not want to wait."""
    return NodePace(
        keep_alive=KeepAlive(seconds=heartbeat_seconds, answer_seconds=1.0),
        shortest_seconds=0.2,
        longest_seconds=1.0,
        hubs=Pace(return_seconds=0.5),
    )


def read_identity(files: IdentityFiles) -> Identity:
    """Return what files hold."""
    return Identity(
        certificate=Path(files.certificate).read_text(),
        key=Path(files.key).read_text(),
        authorities=Path(files.authorities).read_text(),
    )


def _station(address: str) -> Address:
    return LocalStation(bytes.fromhex(address.replace(":", "")))
