"""Devices are read when they are due; one that is down is nobody else's business."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from typing import override

import pytest

from custom_components.plantroom.engine.errors import DeviceOfflineError
from custom_components.plantroom.engine.polling import (
    CONCURRENT_POLLS,
    CONCURRENT_PROBES,
    PollCounts,
    Poller,
)
from tests.virtual_time import in_virtual_time


class FakeDevice:
    """Takes so many seconds to answer, or to be given up when it is down."""

    def __init__(
        self,
        device_id: str = "n:1",
        *,
        poll_seconds: float = 60.0,
        takes: float = 0.0,
        down: bool = False,
    ) -> None:
        self.device_id = device_id
        self.poll_seconds = poll_seconds
        self.takes = takes
        self.down = down
        self.began: list[float] = []
        self.ended = 0
        self.at_once = 0
        self.most_at_once = 0
        self.error: Exception = DeviceOfflineError("no answer", device=device_id)

    @property
    def gaps(self) -> list[float]:
        return [after - before for before, after in pairwise(self.began)]

    async def poll(self) -> None:
        self.began.append(asyncio.get_running_loop().time())
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.takes)
            if self.down:
                raise self.error
        finally:
            self.at_once -= 1
            self.ended += 1


@asynccontextmanager
async def polling(*devices: FakeDevice) -> AsyncIterator[Poller]:
    poller = Poller()
    await poller.start()
    for device in devices:
        poller.add(device)
    try:
        yield poller
    finally:
        await poller.stop()


@in_virtual_time
async def test_device_is_read_at_once_and_then_at_its_interval():
    device = FakeDevice(poll_seconds=30)
    async with polling(device):
        await asyncio.sleep(300)
    assert device.began[0] == pytest.approx(0, abs=0.1)
    assert 15 <= device.gaps[0] <= 30
    assert device.gaps[1:] == pytest.approx([30] * len(device.gaps[1:]), abs=0.01)
    assert len(device.gaps) >= 9


@in_virtual_time
async def test_devices_that_begin_together_are_spread_over_the_interval():
    devices = [FakeDevice(f"n:{n}") for n in range(100)]
    async with polling(*devices):
        await asyncio.sleep(61)
    assert len({device.began[0] for device in devices}) == 100
    second = sorted(device.began[1] for device in devices)
    assert second[0] < 40
    assert second[-1] > 50


@in_virtual_time
async def test_poll_that_takes_longer_than_its_interval_never_overlaps_itself():
    device = FakeDevice(poll_seconds=10, takes=25)
    async with polling(device):
        await asyncio.sleep(200)
    assert device.most_at_once == 1
    assert device.gaps == pytest.approx([25] * len(device.gaps), abs=0.01)


@in_virtual_time
async def test_device_that_is_down_is_asked_ever_more_seldom_up_to_a_minute():
    device = FakeDevice(poll_seconds=10, down=True)
    async with polling(device):
        await asyncio.sleep(1200)
    assert 4 <= device.gaps[0] <= 6
    assert 8 <= device.gaps[1] <= 12
    assert all(39 <= gap <= 60.01 for gap in device.gaps[5:])


@in_virtual_time
async def test_device_with_a_long_interval_is_not_asked_more_often_when_down():
    device = FakeDevice(poll_seconds=600, down=True)
    async with polling(device):
        await asyncio.sleep(20_000)
    assert all(gap >= 390 for gap in device.gaps[9:])


@in_virtual_time
async def test_device_that_is_back_is_read_at_its_interval_again():
    device = FakeDevice(poll_seconds=10, down=True)
    async with polling(device):
        await asyncio.sleep(100)
        device.down = False
        await asyncio.sleep(200)
    assert device.gaps[-5:] == pytest.approx([10] * 5, abs=0.01)


@in_virtual_time
async def test_dead_device_that_takes_its_time_delays_no_other():
    dead = FakeDevice("n:1", takes=20, down=True)
    alive = FakeDevice("n:2", poll_seconds=5)
    async with polling(dead, alive):
        await asyncio.sleep(100)
    assert max(alive.gaps) <= 5.01


@in_virtual_time
async def test_however_many_are_dead_the_living_have_places_of_their_own():
    crowd = CONCURRENT_POLLS + CONCURRENT_PROBES
    dead = [FakeDevice(f"n:{n}", takes=20, down=True) for n in range(crowd)]
    alive = FakeDevice("m:1", poll_seconds=5)
    async with polling(*dead) as poller:
        await asyncio.sleep(100)
        poller.add(alive)
        await asyncio.sleep(100)
    assert len(alive.began) >= 20
    assert max(alive.gaps) <= 5.01


@in_virtual_time
async def test_device_that_breaks_is_logged_and_asked_again(
    caplog: pytest.LogCaptureFixture,
):
    device = FakeDevice(down=True)
    device.error = ZeroDivisionError()
    other = FakeDevice("n:2", poll_seconds=5)
    async with polling(device, other):
        await asyncio.sleep(30)
    assert "Poll of n:1 broke" in caplog.text
    assert len(device.began) > 1
    assert len(other.began) > 5


@in_virtual_time
async def test_device_that_is_down_is_only_a_debug_line_to_the_poller(
    caplog: pytest.LogCaptureFixture,
):
    async with polling(FakeDevice(down=True)):
        await asyncio.sleep(30)
    assert {record.levelname for record in caplog.records} <= {"DEBUG"}


@in_virtual_time
async def test_poll_asked_for_out_of_turn_happens_now_and_moves_the_next():
    device = FakeDevice(poll_seconds=100)
    async with polling(device) as poller:
        await asyncio.sleep(10)
        poller.poll_soon(device.device_id)
        await asyncio.sleep(1)
        assert device.began == pytest.approx([0, 10], abs=0.1)
        await asyncio.sleep(48)
        assert len(device.began) == 2


@in_virtual_time
async def test_poll_asked_for_many_times_happens_once():
    device = FakeDevice(poll_seconds=100)
    async with polling(device) as poller:
        await asyncio.sleep(10)
        for _ in range(5):
            poller.poll_soon(device.device_id)
        await asyncio.sleep(1)
    assert len(device.began) == 2


@in_virtual_time
async def test_poll_asked_for_while_one_is_under_way_follows_it_once():
    device = FakeDevice(poll_seconds=100, takes=5)
    async with polling(device) as poller:
        await asyncio.sleep(1)
        poller.poll_soon(device.device_id)
        poller.poll_soon(device.device_id)
        await asyncio.sleep(30)
    assert device.began == pytest.approx([0, 5], abs=0.1)
    assert device.most_at_once == 1


@in_virtual_time
async def test_device_that_is_down_may_be_asked_out_of_turn():
    device = FakeDevice(poll_seconds=10, down=True)
    async with polling(device) as poller:
        await asyncio.sleep(300)
        asked = len(device.began)
        device.down = False
        poller.poll_soon(device.device_id)
        await asyncio.sleep(0.1)
        assert len(device.began) == asked + 1


@in_virtual_time
async def test_unknown_device_can_be_neither_polled_soon_nor_removed():
    async with polling() as poller:
        poller.poll_soon("n:1")
        await poller.remove("n:1")


@in_virtual_time
async def test_removed_device_is_read_no_more_and_the_others_are():
    device, other = FakeDevice("n:1"), FakeDevice("n:2")
    async with polling(device, other) as poller:
        await asyncio.sleep(1)
        await poller.remove("n:1")
        await asyncio.sleep(300)
    assert len(device.began) == 1
    assert len(other.began) > 4


@in_virtual_time
async def test_poll_under_way_has_ended_when_its_device_is_removed():
    device = FakeDevice(takes=50)
    async with polling(device) as poller:
        await asyncio.sleep(1)
        await poller.remove(device.device_id)
        assert device.ended == 1
        assert asyncio.get_running_loop().time() == pytest.approx(1, abs=0.1)
        await asyncio.sleep(300)
    assert len(device.began) == 1


@in_virtual_time
async def test_removed_device_that_ends_its_poll_all_the_same_is_read_no_more():
    class Stubborn(FakeDevice):
        @override
        async def poll(self) -> None:
            with suppress(asyncio.CancelledError):
                await super().poll()

    device = Stubborn(takes=50)
    async with polling(device) as poller:
        await asyncio.sleep(1)
        await poller.remove(device.device_id)
        await asyncio.sleep(300)
    assert (len(device.began), device.ended) == (1, 1)


@in_virtual_time
async def test_device_added_again_replaces_the_one_before():
    old, new = FakeDevice("n:1", takes=50), FakeDevice("n:1")
    async with polling(old) as poller:
        await asyncio.sleep(1)
        poller.add(new)
        await asyncio.sleep(300)
    assert (len(old.began), old.ended) == (1, 1)
    assert len(new.began) > 4


@in_virtual_time
async def test_stopping_ends_polls_under_way_and_may_be_done_twice():
    device = FakeDevice(takes=50)
    poller = Poller()
    await poller.start()
    poller.add(device)
    await asyncio.sleep(1)
    await poller.stop()
    assert (len(device.began), device.ended) == (1, 1)
    await poller.stop()
    await asyncio.sleep(300)
    assert len(device.began) == 1


@in_virtual_time
async def test_stopped_poller_starts_again_with_no_devices():
    before, after = FakeDevice("n:1"), FakeDevice("n:2")
    poller = Poller()
    await poller.start()
    poller.add(before)
    await poller.stop()
    await poller.start()
    poller.add(after)
    await asyncio.sleep(100)
    await poller.stop()
    assert before.began == []
    assert len(after.began) > 1


@in_virtual_time
async def test_polls_are_counted_and_those_that_find_a_device_down():
    async with polling(FakeDevice("n:1"), FakeDevice("n:2", down=True)) as poller:
        await asyncio.sleep(1)
        assert poller.counts == PollCounts(done=2, failed=1)
