"""BACnet/SC of a process: hubs as configured, certificates as they change."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from plantroom_server.secure_connect import running_hub as running_module
from plantroom_server.secure_connect.kept_certificates import KeptCertificates
from plantroom_server.secure_connect.service import SecureConnectService
from plantroom_server.secure_connect.tls import Identity

from custom_components.plantroom.engine.errors import UnknownTargetError
from custom_components.plantroom.engine.secure_connect.certificates import (
    AuthorityOrder,
    CredentialsOrder,
)
from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureConnectConfig,
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.secure_connect.models import (
    HubConnection,
    SecureHubStatus,
    SecureNetworkStatus,
)
from custom_components.plantroom.engine.secure_connect.port import (
    SecureConnectDoor,
    SecureLinkUser,
)
from tests.ports import free_port

from .hub_bench import hub_config, until
from .raw_node import RawNode


class Told(SecureConnectDoor, SecureLinkUser):
    """Who is told."""

    def __init__(self) -> None:
        self.hubs: list[SecureHubStatus] = []
        self.network: SecureNetworkStatus | None = None

    def publish_hub(self, status: SecureHubStatus) -> None:
        self.hubs.append(status)

    def received(self, npdu: bytes, source: bytes, *, broadcast: bool) -> None:
        raise AssertionError

    def stands(self, status: SecureNetworkStatus) -> None:
        self.network = status

    @property
    def reason(self) -> str:
        return self.hubs[-1].reason


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def service(tmp_path: Path, told: Told) -> AsyncIterator[SecureConnectService]:
    made = SecureConnectService(tmp_path, KeptCertificates(tmp_path), told)
    await made.start()
    await made.certificates.make_authority(AuthorityOrder(name="Site"))
    yield made
    await made.stop()


async def issue(service: SecureConnectService, name: str) -> str:
    order = CredentialsOrder(name=name, host_names=("127.0.0.1",))
    return (await service.certificates.issue(order)).credentials_id


def identity(service: SecureConnectService, credentials_id: str) -> Identity:
    return service.certificates.identity(credentials_id)


async def test_hub_runs_as_asked_and_goes_on_when_only_others_change(service, told):
    credentials = await issue(service, "hub")
    first = hub_config(credentials=credentials)
    await service.configure(SecureConnectConfig(hubs=(first,)))
    assert told.hubs[-1].listening
    ours = identity(service, credentials)
    async with RawNode(first.port, ours) as node:
        second = hub_config(hub_id="second", credentials=credentials)
        await service.configure(SecureConnectConfig(hubs=(first, second)))
        await node.answers()
        assert [each.hub_id for each in service.hubs()] == ["hub", "second"]
        assert [each.vmac for each in service.hub_nodes("hub")] == [node.vmac.hex(":")]
        await service.configure(SecureConnectConfig(hubs=(second,)))
        await node.ended()
    with pytest.raises(UnknownTargetError):
        service.hub_nodes("hub")
    assert service.hub_nodes("second") == ()


async def test_hub_may_take_the_port_that_another_leaves(service, told):
    credentials = await issue(service, "hub")
    first = hub_config(credentials=credentials)
    await service.configure(SecureConnectConfig(hubs=(first,)))
    other = hub_config(first.port, hub_id="other", credentials=credentials)
    await service.configure(SecureConnectConfig(hubs=(other,)))
    assert told.hubs[-1] == service.hubs()[0]
    assert (told.hubs[-1].hub_id, told.hubs[-1].listening) == ("other", True)


async def test_port_in_use_is_said_and_taken_once_it_is_free(
    service, told, monkeypatch, caplog
):
    monkeypatch.setattr(running_module, "SHORTEST_SECONDS", 0.05)
    credentials = await issue(service, "hub")
    config = hub_config(credentials=credentials)
    blocker = SecureConnectService(None, service.certificates, Told())
    await blocker.configure(SecureConnectConfig(hubs=(config,)))
    await service.configure(SecureConnectConfig(hubs=(config,)))
    down = told.hubs[-1]
    assert (down.listening, down.reason) == (False, "hub_port_in_use")
    where = f"127.0.0.1 port {config.port}"
    assert down.detail == f"another program listens at {where}"
    assert service.hubs() == (down,)
    assert service.hub_nodes("hub") == ()
    await blocker.configure(SecureConnectConfig())
    await until(lambda: told.hubs[-1].listening)
    assert caplog.text.count("does not listen") == 1


async def test_address_that_this_machine_does_not_have_is_said(service, told):
    credentials = await issue(service, "hub")
    config = hub_config(credentials=credentials, host="192.0.2.1")
    await service.configure(SecureConnectConfig(hubs=(config,)))
    assert told.reason == "interface_gone"
    assert told.hubs[-1].detail == "no interface has the address 192.0.2.1"


async def test_missing_certificate_is_said_and_used_once_it_is_there(
    service, told, tmp_path
):
    config = hub_config(credentials="boiler-house")
    await service.configure(SecureConnectConfig(hubs=(config,)))
    assert not told.hubs[-1].listening
    assert told.reason
    assert told.hubs[-1].detail
    made = await issue(service, "Boiler house")
    assert made == "boiler-house"
    await until(lambda: told.hubs[-1].listening)


async def test_renewed_certificate_reaches_a_hub_without_cutting_its_nodes(service):
    credentials = await issue(service, "hub")
    config = hub_config(credentials=credentials)
    await service.configure(SecureConnectConfig(hubs=(config,)))
    async with RawNode(config.port, identity(service, credentials)) as old:
        before = old.socket.get_extra_info("peercert")["serialNumber"]
        await service.certificates.renew(credentials)

        async def serial() -> str:
            async with RawNode(config.port, identity(service, credentials)) as new:
                found: str = new.socket.get_extra_info("peercert")["serialNumber"]
                return found

        while await serial() == before:
            pass
        await old.answers()


async def test_hub_has_the_same_device_uuid_after_every_start(service):
    credentials = await issue(service, "hub")
    config = hub_config(credentials=credentials)
    seen = set()
    for _ in range(2):
        await service.configure(SecureConnectConfig(hubs=(config,)))
        async with RawNode(config.port, identity(service, credentials)) as node:
            assert node.hub is not None
            seen.add(node.hub.device_uuid)
        await service.configure(SecureConnectConfig())
    assert len(seen) == 1


async def test_node_of_ours_joins_a_hub_of_ours(service, told):
    credentials = await issue(service, "hub")
    config = hub_config(credentials=credentials)
    await service.configure(SecureConnectConfig(hubs=(config,)))
    node = service.link(
        SecureNetworkConfig(
            network_id="n",
            name="N",
            primary=f"wss://127.0.0.1:{config.port}",
            credentials=credentials,
        )
    )
    await node.open(told)
    await until(
        lambda: (
            told.network is not None
            and told.network.connection is HubConnection.PRIMARY
        )
    )
    assert [each.subject for each in service.hub_nodes("hub")] == ["CN=hub"]
    await node.close()


async def test_stop_lets_go_of_everything_twice(service):
    credentials = await issue(service, "hub")
    config = hub_config(free_port(), credentials=credentials)
    await service.configure(SecureConnectConfig(hubs=(config,)))
    await service.stop()
    await service.stop()
    assert service.hubs() == ()
    listening = await asyncio.start_server(lambda *_: None, "127.0.0.1", config.port)
    listening.close()
