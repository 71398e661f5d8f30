from bacpypes3.pdu import Address

from tests.peers.rusty_client import RustyClient
from tests.peers.rusty_server import RustyServer
from tests.ports import free_port
from tests.simulators.station import station
from tests.site import until


async def test_the_independent_server_is_commandable() -> None:
    port = free_port()
    async with (
        RustyServer(port=port) as peer,
        RustyClient(port=port) as rusty,
        station(port) as client,
    ):
        await client.who_is(timeout=0.3)
        await until(lambda: client.announcements)
        heard = client.announcements
        assert [each.iAmDeviceIdentifier[1] for each in heard] == [7001]
        at = Address(peer.address)
        for kind, value in (
            ("analog-value,1", 25.0),
            ("analog-output,1", 40.0),
            ("binary-output,1", 1),
            ("binary-value,1", 1),
            ("multi-state-value,1", 3),
        ):
            await client.write_property(at, kind, "presentValue", value, priority=8)
            opinion = await rusty.read_opinion(peer.address, kind)
            assert (opinion.present_value, opinion.winning_priority) == (value, 8)
        await peer.set_input(1, 30.0)
        assert (await rusty.read_opinion(peer.address, "analog-input,1")) == (
            type(opinion)(present_value=30.0, priority_array=None)
        )
