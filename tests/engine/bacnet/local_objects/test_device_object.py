"""The Device object tells truly what we are and execute."""

import json
from pathlib import Path

from custom_components.plantroom.engine.bacnet.local_objects import device_object
from custom_components.plantroom.engine.bacnet.local_objects.device_object import (
    EXECUTED_SERVICES,
    VERSION,
)
from custom_components.plantroom.engine.bacnet.local_objects.encoding import (
    OBJECT_TYPE_NUMBERS,
)
from custom_components.plantroom.engine.bacnet.local_objects.services import WRITES
from custom_components.plantroom.engine.bacnet.names.service_names import SERVICES
from custom_components.plantroom.engine.bacnet.wire import application

from .serving import INSTANCE

REQUIRED = {
    "object-identifier",
    "object-name",
    "object-type",
    "system-status",
    "vendor-name",
    "vendor-identifier",
    "model-name",
    "firmware-revision",
    "application-software-version",
    "protocol-version",
    "protocol-revision",
    "protocol-services-supported",
    "protocol-object-types-supported",
    "object-list",
    "max-apdu-length-accepted",
    "segmentation-supported",
    "max-segments-accepted",
    "apdu-segment-timeout",
    "apdu-timeout",
    "number-of-apdu-retries",
    "device-address-binding",
    "database-revision",
    "active-cov-subscriptions",
}


async def test_the_device_has_all_that_is_required_of_it(client, served):
    name = f"device,{INSTANCE}"
    found = await client.read_multiple(served.address, {name: ["required"]})
    assert {*found[name]} == REQUIRED


async def test_services_and_types_supported_are_those_we_execute(client, served):
    name = f"device,{INSTANCE}"
    services = await client.read(served.address, name, "protocol-services-supported")
    types = await client.read(served.address, name, "protocol-object-types-supported")
    executed = {n for n in range(41) if services[n]}
    assert {SERVICES.name(n) for n in executed} == {*EXECUTED_SERVICES}
    assert executed >= WRITES
    assert {n for n in range(55) if types[n]} == {8, *OBJECT_TYPE_NUMBERS.values()}


async def test_object_list_is_an_array_of_all_objects(client, served):
    name = f"device,{INSTANCE}"
    count = await client.read(served.address, name, "object-list", 0)
    assert count == 10
    first = await client.read(served.address, name, "object-list", 1)
    assert first.instance_number == INSTANCE


def test_our_version_is_that_of_the_integration():
    manifest = Path("custom_components/plantroom/manifest.json").read_text()
    assert json.loads(manifest)["version"] == VERSION


def test_the_stack_segments_as_long_as_we_say():
    assert application.MAX_APDU == device_object.MAX_APDU
    assert application.MAX_SEGMENTS == device_object.MAX_SEGMENTS
    assert application.VENDOR_ID == device_object.VENDOR_ID
