"""Our own device, asked for what LocalObjects show."""

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
from tests.bench.asked import measure_asked

INSTANCE = 4194000


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what reads and notifications cost."""
    objects = LocalObjects()
    keys = [ObjectKey(LocalType.ANALOG_INPUT, n) for n in range(settings["objects"])]
    for key in keys:
        name = f"Measurement {key.instance}"
        objects.define(LocalDefinition(key=key, name=name, units=62), None)
    host, port = settings["own"].split(":")
    config = BacnetNetworkConfig(
        network_id="bench",
        name="Bench",
        address=f"{host}/8",
        port=int(port),
        instance=INSTANCE,
    )
    device = OwnDevice(DeviceIdentity(instance=INSTANCE, name="Bench"), objects)
    link = Link(
        IpCarrier(config, lambda outcome: None),
        config,
        on_i_am=lambda i_am: None,
        on_change=lambda change: False,
        own_device=device,
    )

    async def change(number: int, value: float) -> None:
        objects.show(keys[number], value=value)

    device.start()
    await link.open()
    try:
        return await measure_asked(settings, change)
    finally:
        await link.close()
        await device.stop()
