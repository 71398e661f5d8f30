"""Devices come back as they were, in the order of their object list."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.models import Device, Point
from custom_components.plantroom.engine.storage.database import Database
from custom_components.plantroom.engine.storage.devices import (
    DeviceStore,
    StoredDevice,
    _decode_device,
    _decode_point,
    _encode_device,
    _encode_point,
)
from tests.site import device, point

DEVICE = device(
    name="Außenluft 温度", services=("who-is",), database_revision=7, router="2001"
)
POINTS = tuple(
    point(
        f"analog-value,{number}",
        minimum=-10.5,
        states=("Auto", "Day"),
        scale=0.1,
        resolution=0.5,
    )
    for number in (3, 1, 2)
)


async def test_device_comes_back_after_a_restart_with_its_points_in_order(
    tmp_path: Path,
):
    database = Database(tmp_path)
    await database.start()
    await DeviceStore(database).save(DEVICE, POINTS)
    await DeviceStore(database).save_learned("n:1", '{"a": 1}')
    await database.stop()
    database = Database(tmp_path)
    await database.start()
    expected = StoredDevice(device=DEVICE, points=POINTS, learned='{"a": 1}')
    assert await DeviceStore(database).load() == {"n:1": expected}
    await database.stop()


async def test_device_saved_again_has_exactly_the_new_points_and_what_was_learned(
    database: Database,
):
    store = DeviceStore(database)
    await store.save(DEVICE, POINTS)
    await store.save_learned("n:1", "{}")
    renamed = device(name="Other")
    await store.save(renamed, POINTS[:1])
    expected = StoredDevice(device=renamed, points=POINTS[:1], learned="{}")
    assert await store.load() == {"n:1": expected}


async def test_what_is_learned_of_an_unknown_device_is_not_kept(database: Database):
    store = DeviceStore(database)
    await store.save_learned("n:1", "{}")
    await store.save(DEVICE, ())
    assert (await store.load())["n:1"].learned == ""


async def test_removed_device_leaves_nothing_and_others_stay(database: Database):
    store = DeviceStore(database)
    other = device("n:2")
    await store.save(DEVICE, POINTS)
    await store.save_learned("n:1", "{}")
    await store.save(other, ())
    await store.remove("n:1")
    await store.remove("n:1")
    assert await store.load() == {"n:2": StoredDevice(device=other, points=())}
    left = await database.run(
        lambda db: db.execute("SELECT count(*) FROM point, learned").fetchone()
    )
    assert left == (0,)


async def test_only_the_devices_still_wanted_are_kept(database: Database):
    store = DeviceStore(database)
    for device_id in ("n:1", "n:2", "m:1"):
        await store.save(device(device_id), ())
    await store.keep_only(["n:2", "never:1"])
    assert (await store.load()).keys() == {"n:2"}
    await store.keep_only([])
    assert await store.load() == {}


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE device SET data = '{}' WHERE device_id = 'n:1'",
        "UPDATE device SET data = 'no JSON' WHERE device_id = 'n:1'",
        "UPDATE device SET data = '[]' WHERE device_id = 'n:1'",
        "UPDATE device SET data = 'null' WHERE device_id = 'n:1'",
        "UPDATE point SET data = replace(data, '\"analog\"', '\"quantum\"')",
        "UPDATE point SET data = '7'",
    ],
)
async def test_device_of_another_version_is_left_out_and_the_others_are_loaded(
    database: Database, damage: str, caplog: pytest.LogCaptureFixture
):
    store = DeviceStore(database)
    await store.save(DEVICE, POINTS)
    await store.save(device("n:2"), ())
    await database.run(lambda db: db.execute(damage))
    assert (await store.load()).keys() == {"n:2"}
    assert "n:1" in caplog.text


texts = st.text(max_size=20)


@given(
    st.builds(
        Device,
        device_id=texts,
        network_id=texts,
        instance=st.integers(0, 4194302),
        name=texts,
        address=texts,
        services=st.lists(texts, max_size=3).map(tuple),
        database_revision=st.none() | st.integers(0),
    )
)
def test_every_device_survives_its_kept_form(known: Device):
    assert _decode_device(_encode_device(known)) == known


@given(st.builds(Point, scale=st.floats(allow_nan=False)))
def test_every_point_survives_its_kept_form(known: Point):
    text = _encode_point(known)
    assert _encode_point(_decode_point(text)) == text
