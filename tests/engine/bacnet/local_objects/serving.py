"""Our own device on a loopback network, and objects of every type for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from custom_components.plantroom.engine.bacnet.local_objects.device_object import (
    DeviceIdentity,
)
from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalDefinition,
    LocalType,
    ObjectKey,
)
from custom_components.plantroom.engine.bacnet.local_objects.objects import LocalObjects
from custom_components.plantroom.engine.bacnet.local_objects.own_device import OwnDevice
from custom_components.plantroom.engine.bacnet.wire.ip_carrier import IpCarrier
from custom_components.plantroom.engine.bacnet.wire.link import Link
from custom_components.plantroom.engine.site_config import BacnetNetworkConfig

HOST = "127.0.12.1"
INSTANCE = 4194000
NAME = "Plantroom Gateway"

TEMPERATURE = ObjectKey(LocalType.ANALOG_INPUT, 1)
VALVE = ObjectKey(LocalType.ANALOG_OUTPUT, 2)
SETPOINT = ObjectKey(LocalType.ANALOG_VALUE, 3)
CONTACT = ObjectKey(LocalType.BINARY_INPUT, 4)
PUMP = ObjectKey(LocalType.BINARY_OUTPUT, 5)
RELEASE = ObjectKey(LocalType.BINARY_VALUE, 6)
STAGE = ObjectKey(LocalType.MULTI_STATE_INPUT, 7)
MODE = ObjectKey(LocalType.MULTI_STATE_OUTPUT, 8)
SEASON = ObjectKey(LocalType.MULTI_STATE_VALUE, 9)

DEFINITIONS = {
    each.key: each
    for each in (
        LocalDefinition(
            key=TEMPERATURE,
            name="Außenluft °C",
            description="Nordseite",
            units=62,
            cov_increment=0.5,
            minimum=-40.0,
            maximum=60.0,
            resolution=0.1,
            initial=21.5,
        ),
        LocalDefinition(
            key=VALVE, name="Valve", units=98, minimum=0.0, maximum=100.0, initial=10.0
        ),
        LocalDefinition(
            key=SETPOINT, name="Setpoint", units=62, commandable=True, initial=20.0
        ),
        LocalDefinition(key=CONTACT, name="Contact", states=("closed", "open")),
        LocalDefinition(key=PUMP, name="Pump", states=("off", "on")),
        LocalDefinition(key=RELEASE, name="Release"),
        LocalDefinition(key=STAGE, name="Stage", states=("one", "two", "three")),
        LocalDefinition(key=MODE, name="Mode", states=("auto", "hand"), initial=1),
        LocalDefinition(key=SEASON, name="Season", maximum=4),
    )
}


def all_objects() -> LocalObjects:
    """Return one object of each type."""
    objects = LocalObjects()
    for definition in DEFINITIONS.values():
        objects.define(definition, None)
    return objects


class Serving:
    """A device that answers on a link of its own."""

    def __init__(self, objects: LocalObjects, port: int, host: str = HOST) -> None:
        self.objects = objects
        self.port = port
        self.address = f"{host}:{port}"
        self.device = OwnDevice(
            DeviceIdentity(instance=INSTANCE, name=NAME), self.objects
        )
        self.link = self.new_link(host)

    def new_link(self, host: str) -> Link:
        """Return a link, as one that breaks is replaced by."""
        config = BacnetNetworkConfig(
            network_id="net",
            name="Gateway",
            address=f"{host}/8",
            port=self.port,
            instance=INSTANCE,
        )
        heard: list[Any] = []
        return Link(
            IpCarrier(config, heard.append),
            config,
            on_i_am=heard.append,
            on_change=lambda change: False,
            own_device=self.device,
        )


@asynccontextmanager
async def serving(
    port: int, objects: LocalObjects | None = None
) -> AsyncIterator[Serving]:
    """Serve objects, one of each type by default."""
    bench = Serving(all_objects() if objects is None else objects, port)
    bench.device.start()
    await bench.link.open()
    try:
        yield bench
    finally:
        await bench.link.close()
        await bench.device.stop()
        await bench.device.stop()
