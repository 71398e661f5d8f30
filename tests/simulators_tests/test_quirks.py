import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from bacpypes3.apdu import AbortPDU, Error, RejectPDU
from bacpypes3.errors import InvalidTag

from tests.peers.rusty_client import RustyClient
from tests.simulators import device
from tests.simulators.tables.difficult import SHARED_INSTANCE
from tests.site import until

from .conftest import Bench, MakeBench

BOTH = ["objectName", "presentValue"]


async def refusal(awaitable: Any) -> Any:
    """Return what the device answered instead; bacpypes3 raises or returns it."""
    try:
        answer = await awaitable
    except (Error, RejectPDU, AbortPDU) as err:
        return err
    assert isinstance(answer, BaseException), answer
    return answer


async def test_cov_is_rejected_or_refused(bench: MakeBench) -> None:
    async with bench("rejects cov", "refuses cov") as b:
        first = await refusal(b.subscribe("rejects cov", "analog-input,1"))
        assert isinstance(first, RejectPDU)
        second = await refusal(b.subscribe("refuses cov", "analog-input,1"))
        assert "service-request-denied" in str(second)


async def test_the_sixth_subscription_finds_no_slot(bench: MakeBench) -> None:
    async with bench("five cov slots") as b:
        for number in range(1, 6):
            await b.subscribe("five cov slots", f"analog-input,{number}")
        await b.subscribe("five cov slots", "analog-input,1")
        answer = await refusal(b.subscribe("five cov slots", "analog-input,6"))
        assert "no-space-to-add-list-element" in str(answer)
        assert len(b.building.cov_subscriptions("five cov slots")) == 5


async def test_accepted_cov_stays_silent(bench: MakeBench) -> None:
    async with bench("silent cov") as b:
        await b.subscribe("silent cov", "analog-input,1")
        b.building.set("silent cov", "analog-input,1", "presentValue", 35.0)
        await asyncio.sleep(0.1)
        assert b.client.notifications == []
        assert len(b.building.cov_subscriptions("silent cov")) == 1


async def read_two(b: Bench, device: str) -> Any:
    objects = ["analog-input,1", list(BOTH), "analog-input,2", list(BOTH)]
    return await b.client.read_property_multiple(b.at(device), objects)


async def test_read_multiple_is_rejected_and_single_reads_work(
    bench: MakeBench,
) -> None:
    async with bench("no read multiple") as b:
        answer = await refusal(read_two(b, "no read multiple"))
        assert isinstance(answer, RejectPDU)
        name = await b.read("no read multiple", "analog-input,1", "objectName")
        assert name == "Q05.Temp1"


async def test_what_exceeds_128_octets_is_aborted(bench: MakeBench) -> None:
    async with bench("small apdu") as b:
        whole = b.read("small apdu", "device,6006", "objectList")
        assert isinstance(await refusal(whole), AbortPDU)
        assert await b.read("small apdu", "device,6006", "objectList[0]") == 37
        second = await b.read("small apdu", "device,6006", "objectList[2]")
        assert (int(second[0]), second[1]) == (0, 1)
        assert len(await read_two(b, "small apdu")) == 4


async def test_one_object_refuses_and_the_rest_of_the_batch_is_good(
    bench: MakeBench,
) -> None:
    async with bench("refuses a read") as b:
        answers = await read_two(b, "refuses a read")
        assert answers[1][3] == 21.0
        assert "read-access-denied" in str(answers[3][3].errorCode)
        single = b.read("refuses a read", "analog-input,2", "presentValue")
        assert "read-access-denied" in str(await refusal(single))


async def test_unknown_types_are_listed(bench: MakeBench) -> None:
    async with bench("unknown types") as b:
        listed = await b.read("unknown types", "device,6008", "objectList")
        assert {int(each[0]) for each in listed} >= {900, 63}
        proprietary = await b.read("unknown types", "analog-input,1", "5000")
        assert proprietary == "-no property type-"


async def test_a_value_cannot_be_decoded(bench: MakeBench) -> None:
    async with bench("garbage value") as b:
        with pytest.raises(InvalidTag):
            await b.read("garbage value", "analog-input,2", "presentValue")
        assert await b.read("garbage value", "analog-input,1", "presentValue") == 21.0


@pytest.mark.parametrize(
    ("quirk", "octets"),
    [
        ("latin-1 names", b"\x05" + "Außenluft Fühler".encode("latin-1")),
        ("ucs-2 names", b"\x04" + "Außenluft Fühler".encode("utf-16-be")),
    ],
)
async def test_names_come_in_other_character_sets(
    bench: MakeBench, quirk: str, octets: bytes
) -> None:
    async with bench(quirk) as b:
        name = b.building.device(quirk).object("analog-input,1")
        encoded = (await name.read_property(77)).encode()
        assert bytes(encoded[0].tag_data) == octets
        assert await b.read(quirk, "analog-input,1", "objectName") == "Außenluft Fühler"
        async with RustyClient(port=b.building.port) as rusty:
            address = b.building.device(quirk).address
            seen = await rusty.read(address, "analog-input,1", "object-name")
            assert seen == "Außenluft Fühler"


async def test_names_repeat_in_one_device(bench: MakeBench) -> None:
    async with bench("duplicate names") as b:
        answers = await read_two(b, "duplicate names")
        assert answers[0][3] == answers[2][3] == "Temperature"


async def test_a_restart_drops_subscriptions_then_announces(
    bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent_long_enough = asyncio.Event()

    async def stay_silent(_seconds: float) -> None:
        await silent_long_enough.wait()

    monkeypatch.setattr(device, "asyncio", SimpleNamespace(sleep=stay_silent))
    async with bench("restarts") as b:
        await b.subscribe("restarts", "analog-input,1")
        before = await b.read("restarts", "device,6013", "databaseRevision")
        restart = asyncio.create_task(
            b.building.restart("restarts", 0.3, new_revision=True)
        )
        await until(lambda: not b.building.device("restarts").link.plugged)
        assert await b.client.who_is(6013, 6013, timeout=0.1) == []
        silent_long_enough.set()
        await restart
        await until(lambda: b.client.announcements)
        assert [i.iAmDeviceIdentifier[1] for i in b.client.announcements] == [6013]
        assert b.building.cov_subscriptions("restarts") == []
        after = await b.read("restarts", "device,6013", "databaseRevision")
        assert after == before + 1


async def test_the_slow_one_takes_two_seconds(bench: MakeBench) -> None:
    async with bench("slow") as b:
        started = asyncio.get_running_loop().time()
        assert await b.read("slow", "analog-input,1", "presentValue") == 21.0
        assert asyncio.get_running_loop().time() - started > 1.9


async def test_the_lossy_one_hears_half(bench: MakeBench) -> None:
    async with bench("lossy") as b:
        link = b.building.device("lossy").link
        frame = bytes.fromhex("810b000801001008")
        for _ in range(200):
            link.received(frame, ("127.0.0.1", b.building.port), broadcast=True)
        await until(lambda: not link._tasks)
        await asyncio.sleep(0.1)
        assert 70 < b.building.device("lossy").requests_seen()["WhoIs"] < 130


async def test_two_devices_claim_one_instance(bench: MakeBench) -> None:
    async with bench("duplicate instance a", "duplicate instance b") as b:
        await b.client.who_is(SHARED_INSTANCE, SHARED_INSTANCE, timeout=30)
        heard = b.client.announcements
        await until(lambda: len({str(each.pduSource) for each in heard}) == 2)


async def test_a_higher_priority_stays_in_force(bench: MakeBench) -> None:
    async with bench("overridden") as b:
        await b.write("overridden", "analog-output,1", 10.0, priority=8)
        truth = b.building.get("overridden", "analog-output,1")
        slots = truth.priority_array or []
        assert (truth.value, slots[4], slots[7]) == (75.0, 75.0, 10.0)
        pump = b.building.get("overridden", "binary-output,1")
        assert (pump.priority_array or [])[0] is True


async def test_a_write_is_ignored_with_a_friendly_answer(bench: MakeBench) -> None:
    async with bench("ignores writes") as b:
        await b.write("ignores writes", "analog-output,1", 10.0, priority=8)
        truth = b.building.get("ignores writes", "analog-output,1")
        assert (truth.value, truth.priority_array) == (30.0, [None] * 16)


async def test_a_write_is_refused(bench: MakeBench) -> None:
    async with bench("refuses writes") as b:
        write = b.write("refuses writes", "analog-output,1", 10.0, priority=8)
        assert "write-access-denied" in str(await refusal(write))


async def test_an_unplugged_device_is_silent_until_plugged(bench: MakeBench) -> None:
    async with bench("restarts") as b:
        b.building.unplug("restarts")
        assert await b.client.who_is(6013, 6013, timeout=0.1) == []
        b.building.plug("restarts")
        assert len(await b.client.who_is(6013, 6013, timeout=30)) == 1
