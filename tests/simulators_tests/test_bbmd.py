import asyncio

from tests.simulators.bbmd import BroadcastManagementLink
from tests.simulators.link import DISTRIBUTE, FORWARDED, REGISTER, bvlc, open_socket

from .conftest import MakeBench

WHO_IS = bytes.fromhex("0120ffff00ff1008")
CLIENT = 599
REGISTERED, REGISTER_REFUSED, DISTRIBUTE_REFUSED = 0x0000, 0x0030, 0x0060


def result(code: int) -> bytes:
    return bvlc(0x00, code.to_bytes(2, "big"))


class Foreign:
    """A foreign device: a bare socket on a port of its own."""

    def __init__(self, bbmd: tuple[str, int]) -> None:
        self._bbmd = bbmd
        self._socket = open_socket(("127.0.0.9", 0))

    async def ask(self, function: int, body: bytes) -> bytes:
        self.send(function, body)
        return await self.hear()

    def send(self, function: int, body: bytes) -> None:
        self._socket.sendto(bvlc(function, body), self._bbmd)

    async def hear(self) -> bytes:
        async with asyncio.timeout(30):
            return await asyncio.get_running_loop().sock_recv(self._socket, 2048)

    def close(self) -> None:
        self._socket.close()


async def test_a_foreign_device_registers_and_its_broadcasts_are_passed_on(
    bench: MakeBench,
) -> None:
    async with bench("bbmd", "restarts") as b:
        foreign = Foreign(b.building.device("bbmd").link.address)
        assert await foreign.ask(REGISTER, b"\x00\x1e") == result(REGISTERED)
        foreign.send(DISTRIBUTE, WHO_IS)
        heard = {await foreign.hear() for _ in range(3)}
        instances = {frame[frame.index(b"\xc4") + 3 :][:2] for frame in heard}
        expected = {number.to_bytes(2, "big") for number in (CLIENT, 6013, 6019)}
        assert instances == expected
        b.building.device("restarts").announce()
        assert (await foreign.hear())[1] == FORWARDED
        foreign.close()


async def test_a_registration_expires(bench: MakeBench) -> None:
    async with bench("bbmd") as b:
        link = b.building.device("bbmd").link
        assert isinstance(link, BroadcastManagementLink)
        link.grace_seconds = 0
        foreign = Foreign(link.address)
        assert await foreign.ask(REGISTER, b"\x00\x01") == result(REGISTERED)
        await asyncio.sleep(1.1)
        answer = await foreign.ask(DISTRIBUTE, WHO_IS)
        assert answer == result(DISTRIBUTE_REFUSED)
        foreign.close()


async def test_a_registration_is_refused(bench: MakeBench) -> None:
    async with bench("refuses foreign devices") as b:
        foreign = Foreign(b.building.device("refuses foreign devices").link.address)
        answer = await foreign.ask(REGISTER, b"\x00\x1e")
        assert answer == result(REGISTER_REFUSED)
        foreign.close()
