"""Who looks for servers finds this one, and learns no secret."""

import logging
from uuid import uuid4

import pytest
from plantroom_server.local_network import (
    SERVICE_TYPE,
    FoundServer,
    LocalNetworkAnnouncer,
    is_announceable,
    own_addresses,
)
from zeroconf import IPVersion
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from tests.site import until

# Others may run these tests beside us, and hear us
FOUND = FoundServer(
    server_id=uuid4().hex, schema=3, minimum=2, tls=True, port=8740, host="127.0.0.1"
)  # fmt: skip


class Browser:
    """Somebody on loopback who looks for servers."""

    def __init__(self) -> None:
        self.zeroconf = AsyncZeroconf(
            interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only
        )
        self.names: set[str] = set()
        self.browser = AsyncServiceBrowser(
            self.zeroconf.zeroconf, SERVICE_TYPE, handlers=[self._heard]
        )

    def _heard(self, zeroconf, service_type, name, state_change) -> None:
        if state_change.name == "Removed":
            self.names.discard(name)
        else:
            self.names.add(name)

    async def close(self) -> None:
        await self.browser.async_cancel()
        await self.zeroconf.async_close()


@pytest.fixture
async def browser():
    made = Browser()
    yield made
    await made.close()


def own_names(browser: Browser) -> list[str]:
    return [name for name in browser.names if FOUND.server_id[:6] in name]


async def test_server_is_found_with_what_home_assistants_flow_reads(browser: Browser):
    announcer = LocalNetworkAnnouncer(FOUND)
    await announcer.start()
    try:
        await until(lambda: own_names(browser), 60)
        info = AsyncServiceInfo(SERVICE_TYPE, own_names(browser)[0])
        assert await info.async_request(browser.zeroconf.zeroconf, 60_000)
        assert info.decoded_properties == {
            "id": FOUND.server_id,
            "schema": "3",
            "minimum": "2",
            "tls": "1",
        }
        assert (info.port, info.parsed_addresses()) == (8740, ["127.0.0.1"])
    finally:
        await announcer.stop()


async def test_server_that_stops_says_goodbye(browser: Browser):
    announcer = LocalNetworkAnnouncer(FOUND)
    await announcer.start()
    await until(lambda: own_names(browser), 60)
    await announcer.stop()
    await until(lambda: not own_names(browser), 60)
    await announcer.stop()


async def test_address_that_is_gone_keeps_no_server_from_running(
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level(logging.INFO)
    # A documentation address (RFC 5737), which no interface has
    gone = FoundServer(
        server_id="0" * 32, schema=1, minimum=1, tls=True, port=1, host="192.0.2.1"
    )
    announcer = LocalNetworkAnnouncer(gone)
    await announcer.start()
    assert "Cannot be found on the local network" in caplog.text
    await announcer.stop()


def test_machine_with_a_long_name_has_a_name_that_fits(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("socket.gethostname", lambda: "m" * 63)
    label = FOUND.service(["127.0.0.1"]).name.removesuffix(f".{SERVICE_TYPE}")
    assert len(label.encode()) == 63
    assert label.endswith(FOUND.server_id[:6])


def test_addresses_of_this_machine_alone_are_told_to_nobody():
    assert not [each for each in own_addresses() if each.startswith("127.")]


@pytest.mark.parametrize(
    ("host", "told"),
    [("", True), ("0.0.0.0", True), ("192.0.2.1", True), ("::", False), ("box", False)],
)
def test_only_ipv4_is_told(host: str, told: bool):
    assert is_announceable(host) is told
