import asyncio

import pytest

from custom_components.plantroom.engine.bacnet import device_search
from custom_components.plantroom.engine.bacnet.device_search import DeviceSearch
from custom_components.plantroom.engine.bacnet.who_is import IAm


@pytest.fixture(autouse=True)
def in_haste(monkeypatch):
    monkeypatch.setattr(device_search, "GATHER_SECONDS", 0.01)


class Asked:
    def __init__(self) -> None:
        self.ranges: list[tuple[int, int]] = []
        self.told = asyncio.Event()

    async def __call__(self, low: int, high: int) -> None:
        self.ranges.append((low, high))
        self.told.set()


def i_am(instance: int) -> IAm:
    return IAm(
        instance=instance,
        address="10.0.0.1",
        max_apdu=480,
        segmentation=3,
        vendor_id=1,
    )


async def test_few_missing_devices_are_asked_for_one_by_one():
    asked = Asked()
    search = DeviceSearch(asked)
    for instance in (7, 3, 7):
        search.locate(instance)
    await asyncio.wait_for(asked.told.wait(), 30)
    await asyncio.sleep(0)
    assert asked.ranges == [(3, 3), (7, 7)]
    search.stop()


async def test_many_missing_devices_are_asked_for_at_once_and_not_too_often():
    asked = Asked()
    search = DeviceSearch(asked)
    began = asyncio.get_running_loop().time()
    for instance in range(100, 200):
        search.locate(instance)
    await asyncio.wait_for(asked.told.wait(), 30)
    assert asked.ranges == [(100, 199)]
    search.locate(1)
    assert search._timer is not None
    assert search._timer.when() >= began + device_search.PAUSE_SECONDS
    search.stop()
    assert search._timer is None


async def test_a_device_heard_meanwhile_is_not_asked_for():
    asked = Asked()
    search = DeviceSearch(asked)
    search.locate(5)
    search.locate(6)
    search.heard(i_am(5))
    await asyncio.wait_for(asked.told.wait(), 30)
    assert asked.ranges == [(6, 6)]
    search.locate(8)
    search.heard(i_am(8))
    search._ask()
    assert asked.ranges == [(6, 6)]
    search.stop()


async def test_listeners_hear_every_i_am_until_they_leave():
    search = DeviceSearch(Asked())
    heard: list[int] = []
    leave = search.listen(lambda i_am: heard.append(i_am.instance))
    search.heard(i_am(1))
    leave()
    leave()
    search.heard(i_am(2))
    assert heard == [1]


async def test_a_search_under_way_ends_with_stop():
    waiting = asyncio.Event()

    async def never(low: int, high: int) -> None:
        waiting.set()
        await asyncio.Event().wait()

    search = DeviceSearch(never)
    search.locate(1)
    await asyncio.wait_for(waiting.wait(), 30)
    (task,) = search._asking
    search.stop()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not search._asking
