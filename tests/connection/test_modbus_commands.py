"""What a client may expect of a Modbus line, over every wire there is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.connection.base import Connection
from custom_components.plantroom.engine.errors import (
    ConfigurationError,
    DeviceOfflineError,
    DeviceRefusedError,
    PlantroomError,
    UnknownTargetError,
    WriteRefusedError,
)
from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
    Space,
)
from custom_components.plantroom.engine.models import (
    Access,
    PointsDifference,
    Protocol,
    Reading,
    Verdict,
    WriteRequest,
)
from custom_components.plantroom.engine.requests import (
    AuditQuery,
    PreviewRequest,
    ReadPropertyRequest,
    ReadRegistersRequest,
    ScanRequest,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from custom_components.plantroom.mirror import Mirror
from tests.simulators.modbus.office import GATEWAY
from tests.simulators.modbus.side import ModbusSide
from tests.site import until

from .conftest import OpenWire
from .office import state_of

METER, RELAYS, NOBODY = 1, 5, 77
LINE = GATEWAY
DEVICE = f"{LINE}:{RELAYS}"
OUTPUT, RELAY = f"{DEVICE}:output_1", f"{DEVICE}:relay_1"
VOLTAGE = RegisterPoint(key="output", name="Output", address=0, scale=0.01)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A part of the simulated building's Modbus side, served over a wire."""

    side: ModbusSide
    client: EngineClient
    connection: Connection
    site: SiteConfig


@pytest.fixture
async def served(wire: OpenWire, tmp_path: Path) -> AsyncIterator[Served]:
    """Return a meter with a profile and an I/O module with a map, both online."""
    async with (
        ModbusSide(speed=0, only=(GATEWAY,)) as side,
        wire(tmp_path) as connection,
    ):
        site = SiteConfig(
            modbus_lines=(side.line_config(GATEWAY, timeout_seconds=10.0),),
            modbus_devices=(
                side.device_config("main meter"),
                side.device_config("relay module", poll_seconds=0.1),
            ),
        )
        client = EngineClient(connection)
        try:
            await client.start(site)
            await until(
                lambda: (
                    [s.online for s in client.mirror.statuses.values()] == [True] * 2
                )
            )
            yield Served(side=side, client=client, connection=connection, site=site)
        finally:
            await client.stop()


async def test_lines_devices_and_points_are_mirrored(served: Served):
    mirror = served.client.mirror
    await until(lambda: mirror.networks[LINE].devices_online == 2)
    assert mirror.devices[DEVICE].protocol is Protocol.MODBUS
    assert mirror.devices[f"{LINE}:{METER}"].profile
    assert mirror.points[OUTPUT].access is Access.PLAIN
    fresh = Mirror()
    fresh.take(await served.connection.call("snapshot"))
    await until(lambda: mirror.cursor >= fresh.cursor)
    assert state_of(mirror) == state_of(fresh)


async def test_a_watched_point_is_read_and_followed(served: Served):
    readings: list[Reading] = []
    unwatch = served.client.watch(OUTPUT, readings.append)
    await until(lambda: readings)
    served.side.unit("relay module").set("output_1", 42.5)
    await until(lambda: readings[-1].value == 42.5)
    read = {p for p in served.client.mirror.readings if p.startswith(DEVICE)}
    assert read == {OUTPUT}
    unwatch()


async def test_a_write_is_verified_by_the_device_and_audited(served: Served):
    result = await served.client.write(
        WriteRequest(point_id=OUTPUT, value=33.333, actor="Ada")
    )
    assert (result.verdict, result.present_value) == (Verdict.VERIFIED, 33.33)
    assert result.requested == 33.33
    assert served.side.unit("relay module").get("output_1") == 33.33
    rows = await served.client.audit_log(AuditQuery(actions=("write",)))
    assert [(row.actor, row.verdict, row.new) for row in rows] == [
        ("Ada", "verified", 33.33),
        ("Ada", "requested", 33.33),
    ]


@pytest.mark.parametrize("value", [True, 1, "On"])
async def test_a_coil_is_switched(served: Served, value: Any):
    result = await served.client.write(WriteRequest(point_id=RELAY, value=value))
    assert (result.verdict, result.present_value) == (Verdict.VERIFIED, True)
    assert served.side.unit("relay module").get("relay_1") == 1


async def test_registers_are_read_as_they_are(served: Served):
    served.side.unit("relay module").set("output_2", 12.34)
    request = ReadRegistersRequest(
        network_id=LINE, unit_id=RELAYS, space=Space.HOLDING, address=1, count=1
    )
    assert (await served.client.read_registers(request)).words == (1234,)


async def test_a_preview_shows_a_unit_that_is_not_configured(served: Served):
    served.side.unit("relay module").set("output_1", 50.0)
    preview = await served.client.preview(
        PreviewRequest(network_id=LINE, unit_id=RELAYS, registers=(VOLTAGE,))
    )
    ((point, reading),) = preview.points
    assert (point.reference, reading.value) == ("output", 50.0)


async def test_profiles_can_be_chosen_from(served: Served):
    profiles = await served.client.modbus_profiles()
    used = {device.profile for device in served.site.modbus_devices} - {""}
    assert used <= {profile.id for profile in profiles}
    assert all(profile.points and profile.document for profile in profiles)


async def test_a_scan_finds_the_others(served: Served):
    found = await served.client.scan(
        ScanRequest(network_id=LINE, task_id="t", low=1, high=6)
    )
    assert {device.instance for device in found} == {2, 3, 4}
    assert {device.protocol for device in found} == {Protocol.MODBUS}


async def test_a_survey_of_an_unchanged_map_finds_no_difference(served: Served):
    found = await served.client.survey(DEVICE)
    assert found == PointsDifference(device_id=DEVICE)


async def test_a_present_value_is_read_as_a_property(served: Served):
    served.side.unit("relay module").set("output_3", 7.5)
    answer = await served.client.read_property(
        ReadPropertyRequest(
            device_id=DEVICE, reference="output_3", property_name="present-value"
        )
    )
    assert answer.value == 7.5


def preview(network: str = LINE, unit: int = NOBODY, **facts: Any) -> PreviewRequest:
    wanted = {"registers": (VOLTAGE,)} | facts
    return PreviewRequest(network_id=network, unit_id=unit, **wanted)


def registers(unit: int, address: int, count: int = 1) -> ReadRegistersRequest:
    return ReadRegistersRequest(
        network_id=LINE,
        unit_id=unit,
        space=Space.HOLDING,
        address=address,
        count=count,
    )


@pytest.mark.parametrize(
    ("command", "request_", "error", "facts"),
    [
        ("preview", preview("m"), UnknownTargetError, {"target": "m"}),
        ("preview", preview(), DeviceOfflineError, {}),
        ("preview", preview(registers=(), profile="nobodys"), ConfigurationError,
         {"field": "profile"}),
        ("read_registers", registers(RELAYS, 0, 126), ConfigurationError,
         {"field": "count"}),
        ("read_registers", registers(RELAYS, 60000), DeviceRefusedError,
         {"reason": "illegal-data-address"}),
        ("read_registers", registers(NOBODY, 0), DeviceOfflineError, {}),
        ("survey", f"{LINE}:99", UnknownTargetError, {"target": f"{LINE}:99"}),
        ("write", WriteRequest(point_id=OUTPUT, value=101.0), WriteRefusedError,
         {"reason": "above_maximum"}),
        ("write", WriteRequest(point_id=OUTPUT, value=None), WriteRefusedError,
         {"reason": "not_commandable"}),
        ("write", WriteRequest(point_id=f"{DEVICE}:contact_1", value=True),
         WriteRefusedError, {"reason": "not_writable"}),
    ],
)  # fmt: skip
async def test_errors_keep_their_type_and_facts(
    served: Served,
    command: str,
    request_: Any,
    error: type[PlantroomError],
    facts: dict[str, str],
):
    with pytest.raises(PlantroomError) as caught:
        await served.connection.call(command, request_)
    assert isinstance(caught.value, error)
    assert caught.value.code == error.code
    assert facts.items() <= dict(caught.value.facts).items()


async def test_configuration_that_takes_the_line_away_takes_everything(served: Served):
    await served.client.configure(SiteConfig())
    mirror = served.client.mirror
    await until(lambda: not mirror.networks)
    assert (mirror.devices, mirror.points, mirror.statuses) == ({}, {}, {})
