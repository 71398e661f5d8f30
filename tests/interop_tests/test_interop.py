"""Our node and our hub speak with rusty-bacnet's; script/interop tries all of it."""

import pytest

from tests.interop.__main__ import met
from tests.interop.cases import CASES
from tests.interop.failover import measure_failover
from tests.interop.makers import CLIENTS, Trio
from tests.interop.peer import Place
from tests.interop.site import interop_site
from tests.interop.trust import is_refused
from tests.peers.secure_hub import SecureHubProcess
from tests.ports import free_port


@pytest.mark.parametrize(
    "trio",
    [
        Trio(hub="own", client="own", device="rusty"),
        Trio(hub="own", client="rusty", device="own"),
        Trio(hub="rusty", client="own", device="rusty"),
    ],
    ids=lambda trio: f"{trio.hub}: {trio.client} asks {trio.device}",
)
async def test_everything_works_between_makers(tmp_path, trio):
    async with (
        interop_site(tmp_path) as site,
        SecureHubProcess(trio.hub, free_port(), site.hub) as hub,
    ):
        assert await met(site, trio, hub.uri) == dict.fromkeys(CASES, "")


async def test_our_node_goes_over_and_back_when_its_hub_is_killed(tmp_path):
    async with interop_site(tmp_path) as site:
        primary = SecureHubProcess("own", free_port(), site.hub)
        async with (
            primary,
            SecureHubProcess("own", free_port(), site.second_hub) as failover,
        ):
            place = Place(
                primary=primary.uri,
                failover=failover.uri,
                files=site.client,
                instance=1,
            )
            moved = await measure_failover(CLIENTS["own"](), place, primary)
            assert moved.over is not None
            assert moved.back is not None
            untrusted = Place(primary=primary.uri, files=site.untrusted, instance=1)
            assert await is_refused(CLIENTS["rusty"](), untrusted)
