"""Devices on BACnet/SC, from the wire of their maker's stack to a client of the server."""

import asyncio
from pathlib import Path

import pytest
from rusty_bacnet import (
    BACnetClient,
    ObjectIdentifier,
    ObjectType,
    PropertyIdentifier,
    PropertyValue,
)

from custom_components.plantroom.client import EngineClient
from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalCommand,
    LocalDefinition,
    LocalType,
    ObjectKey,
)
from custom_components.plantroom.engine.models import WriteRequest
from custom_components.plantroom.engine.requests import ScanRequest
from custom_components.plantroom.engine.secure_connect.configuration import (
    RoutedNetworkConfig,
)
from custom_components.plantroom.engine.secure_connect.models import HubConnection
from tests.peers.rusty_client import RustyClient
from tests.ports import free_port
from tests.simulators.building import Building
from tests.site import network_config, until

from .certificates import write_identity
from .secure_site import HUB, NETWORK, SecureSite, secure_site

VAV, AHU, SECONDS = 2001, 1001, 60
ROOM = f"{NETWORK}:{VAV}:analog-input,1"
OURS = 4194000


async def watching(site: SecureSite, *references: str) -> None:
    """Have points of the VAV box kept fresh, and wait for their first readings."""
    ids = [f"{NETWORK}:{VAV}:{each}" for each in references]
    for point_id in ids:
        site.client.watch(point_id, lambda _reading: None)
    await until(lambda: all(p in site.seen.readings for p in ids), SECONDS)


def recipients(site: SecureSite) -> int:
    """Return how many are told of the events of the VAV box."""
    events = site.building.device(VAV).events
    assert events is not None
    return len(events.notification_class.recipientList)


def secure_peer(site: SecureSite, folder: Path) -> BACnetClient:
    """Return a client by rusty-bacnet that is a node on our hub."""
    files = write_identity(site.others, folder)
    return BACnetClient(
        transport="sc",
        sc_hub=site.uri,
        sc_vmac=b"\x02\x77\x00\x00\x00\x01",
        sc_device_uuid=bytes(range(16)),
        sc_ca_cert=files.authorities,
        sc_client_cert=files.certificate,
        sc_client_key=files.key,
        apdu_timeout_ms=1000 * SECONDS,
    )


async def until_known(client: BACnetClient, instance: int = OURS) -> None:
    """Have the peer ask where a device is, until it knows: it may not be there yet."""
    async with asyncio.timeout(SECONDS):
        await client.who_is(instance, instance)
        while await client.get_device(instance) is None:
            await asyncio.sleep(0.2)
            await client.who_is(instance, instance)


async def scanned(client: EngineClient) -> list[int]:
    """Look for devices until some answer in the moment that they are given."""
    asked = ScanRequest(network_id=NETWORK, task_id="t", seconds=0.5)
    async with asyncio.timeout(SECONDS):
        while not (found := await client.scan(asked)):
            pass
    return [each.instance for each in found]


async def test_a_device_on_bacnet_sc_is_found_read_written_and_alarms(tmp_path: Path):
    async with secure_site(tmp_path, VAV) as site:
        client, seen, building = site.client, site.seen, site.building
        await until(lambda: f"{NETWORK}:{VAV}" in seen.devices, SECONDS)
        assert seen.devices[f"{NETWORK}:{VAV}"].address == building.device(VAV).address
        status = seen.secure_networks[NETWORK]
        assert (status.connection, status.hub_uri) == (HubConnection.PRIMARY, site.uri)
        await until(lambda: seen.secure_hubs[HUB].nodes == 2, SECONDS)

        assert await scanned(client) == [VAV]

        setpoint = next(
            point
            for point in seen.points.values()
            if point.access == "commandable" and point.kind == "analog"
        )
        await watching(site, "analog-input,1", setpoint.reference)
        await until(lambda: seen.statuses[f"{NETWORK}:{VAV}"].cov_points, SECONDS)
        building.set(VAV, "analog-input,1", "presentValue", 24.25)
        await until(lambda: seen.readings[ROOM].value == 24.25, SECONDS)

        written = await client.write(
            WriteRequest(point_id=setpoint.point_id, value=19.0, priority=8)
        )
        assert written.verdict == "verified"
        assert building.get(VAV, setpoint.reference).priority_array[7] == 19.0
        await client.write(
            WriteRequest(point_id=setpoint.point_id, value=None, priority=8)
        )
        assert building.get(VAV, setpoint.reference).priority_array[7] is None

        await until(lambda: recipients(site), SECONDS)
        building.set(VAV, "analog-input,1", "presentValue", 60.0)
        await until(lambda: seen.alarms, SECONDS)
        (alarm,) = seen.alarms.values()
        assert alarm.point_id == ROOM


async def test_an_independent_client_reads_and_commands_our_device_through_our_hub(
    tmp_path: Path,
):
    async with secure_site(tmp_path, VAV) as site:
        key = ObjectKey(LocalType.ANALOG_VALUE, 7)
        await until(lambda: site.seen.secure_networks, SECONDS)
        site.objects.define(
            LocalDefinition(key=key, name="Setpoint", commandable=True, initial=18.0),
            None,
        )
        async with secure_peer(site, tmp_path / "peer") as client:
            await until_known(client)
            setpoint = ObjectIdentifier(ObjectType.ANALOG_VALUE, 7)
            value = PropertyIdentifier.PRESENT_VALUE
            await client.write_property_to_device(
                OURS, setpoint, value, PropertyValue.real(21.5), priority=8
            )
            read = await client.read_property_from_device(OURS, setpoint, value)
            assert read.value == pytest.approx(21.5)
            assert site.objects.state(key).slots[7] == 21.5

            told = await client.cov_notifications()
            await client.subscribe_cov(
                site.seen.secure_networks[NETWORK].vmac, 1, setpoint, confirmed=True
            )
            site.objects.show(key, value=23.25, priority=5)
            async with asyncio.timeout(SECONDS):
                async for each in told:
                    if each.values[0]["value"].value == 23.25:
                        break
        await until(lambda: f"{NETWORK}:{OURS}" in site.seen.devices, SECONDS)
        status = site.seen.secure_networks[NETWORK]
        assert site.seen.devices[f"{NETWORK}:{OURS}"].address == status.vmac


async def test_objects_on_both_kinds_of_network_are_the_same_and_told_of_once(
    tmp_path: Path,
):
    port = free_port()
    plain = network_config(port, "n", instance=OURS + 1)
    async with secure_site(tmp_path, VAV, objects_of="n", networks=(plain,)) as site:
        key = ObjectKey(LocalType.ANALOG_VALUE, 7)
        await until(lambda: "n" in site.seen.networks, SECONDS)
        objects = site.objects_of("n")
        objects.define(
            LocalDefinition(key=key, name="Setpoint", commandable=True, initial=18.0),
            None,
        )
        commands: list[LocalCommand] = []

        async def take(command: LocalCommand) -> None:
            commands.append(command)

        objects.listen_commands(take)
        setpoint = ObjectIdentifier(ObjectType.ANALOG_VALUE, 7)
        value = PropertyIdentifier.PRESENT_VALUE
        async with (
            secure_peer(site, tmp_path / "peer") as secure,
            RustyClient(host="127.0.0.9", port=port) as client,
        ):
            await until_known(secure)
            await secure.write_property_to_device(
                OURS, setpoint, value, PropertyValue.real(21.5), priority=8
            )
            opinion = await client.read_opinion(f"127.0.0.1:{port}", "analog-value,7")
            assert opinion.present_value == pytest.approx(21.5)
            assert opinion.winning_priority == 8
        assert [each.value for each in commands] == [21.5]
        assert commands[0].source == "02:77:00:00:00:01"
        await until(lambda: f"n:{OURS + 1}" in site.seen.devices, SECONDS)
        assert f"{NETWORK}:{OURS}" not in site.seen.devices


async def test_a_device_on_bacnet_ip_is_found_and_read_from_bacnet_sc(tmp_path: Path):
    routed = (
        RoutedNetworkConfig(network_id="n", number=10),
        RoutedNetworkConfig(network_id=NETWORK, number=20),
    )
    async with Building(only=(AHU,), speed=0) as building:
        plain = network_config(building.port, "n", instance=OURS + 1)
        async with (
            secure_site(tmp_path, VAV, networks=(plain,), routed=routed) as site,
            secure_peer(site, tmp_path / "peer") as client,
        ):
            await until(lambda: NETWORK in site.seen.secure_networks, SECONDS)
            await until(
                lambda: site.seen.secure_networks[NETWORK].hub_vmac != "", SECONDS
            )
            await until_known(client, AHU)
            found = await client.get_device(AHU)
            assert found.source_network == 10
            name = await client.read_property_from_device(
                AHU,
                ObjectIdentifier(ObjectType.DEVICE, AHU),
                PropertyIdentifier.OBJECT_NAME,
            )
            assert name.value == building.device(AHU).table.name
