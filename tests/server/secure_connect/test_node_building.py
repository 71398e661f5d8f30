"""A node uses the certificates that the server keeps, and hears of new ones."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from plantroom_server.secure_connect.node_building import secure_node
from plantroom_server.secure_connect.tls import CredentialsError, Identity

from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.secure_connect.models import HubConnection

from .node_bench import Listening, network
from .raw_hub import RawHub


class Certificates:
    """What of the kept certificates a node needs."""

    def __init__(self, **identities: Identity) -> None:
        self.identities = identities
        self.listeners = []

    def identity(self, credentials_id):
        if credentials_id not in self.identities:
            raise ConfigurationError("no such credentials", field="credentials")
        return self.identities[credentials_id]

    def listen_replaced(self, listener):
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)


async def test_a_node_connects_anew_when_its_own_certificate_is_replaced(
    site, tmp_path: Path
):
    hub = RawHub(site.hub)
    await hub.start()
    kept = Certificates(node=site.node)
    node, user = secure_node(network(hub.uri), tmp_path, kept), Listening()
    await node.open(user)
    try:
        await user.until_at(HubConnection.PRIMARY)
        first = await hub.node()
        kept.identities["node"] = site.second_node
        for changed in ("somebody else's", "node"):
            kept.listeners[0](changed)
        second = await hub.node()
    finally:
        await node.close()
        await hub.stop()

    assert (first.subject, second.subject) == ("node", "second node")
    assert hub.requests == 2
    assert not kept.listeners


async def test_certificates_that_are_gone_are_said_when_opening(tmp_path: Path):
    kept = Certificates()
    node = secure_node(network("wss://127.0.0.1:1"), tmp_path, kept)

    with pytest.raises(CredentialsError, match="no such credentials"):
        await node.open(SimpleNamespace(stands=None, received=None))
