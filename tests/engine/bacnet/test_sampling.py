"""Rules of readings, on a simulated device that is polled by hand."""

import asyncio

import pytest

from custom_components.plantroom.engine.bacnet import change_of_value
from custom_components.plantroom.engine.bacnet.octets.encoding import (
    BitString,
    Constructed,
    Enumerated,
    ObjectId,
)
from custom_components.plantroom.engine.bacnet.sampling import (
    PRIORITY_EVERY,
    PROOF_EVERY,
    priority_in_command,
)
from custom_components.plantroom.engine.bacnet.wire.notifications import CovNotification
from custom_components.plantroom.engine.models import ReadingSource

from .field_bench import FieldBench, building_and_bench

AI1, VALVE = "analog-input,1", "analog-output,1"
FAULT = BitString((False, True, False, False))
NORMAL = BitString((False, False, False, False))


async def begin(bench: FieldBench, instance: int = 6013, *, cov: bool = False) -> None:
    """Serve a device, watch all of it and poll it twice."""
    await bench.serve(instance, change_of_value=cov)
    await bench.poll(instance)
    bench.network.watch([p.point_id for p in bench.points(instance)])
    await bench.poll(instance)
    await bench.poll(instance)


def sampler_of(bench: FieldBench, instance: int = 6013):
    return bench.device(instance).session.sampler


def notify(bench: FieldBench, value: object, flags: BitString | None = NORMAL) -> None:
    values = {85: (value,)} | ({111: (flags,)} if flags else {})
    notification = CovNotification(
        source=bench.device(6013).address,
        process_id=change_of_value.PROCESS_ID,
        object_id=ObjectId(0, 1),
        values=values,
    )
    sampler_of(bench).take_notification(bench.point(6013, AI1), notification)


async def test_a_value_that_changes_back_after_a_notification_is_seen():
    async with building_and_bench("restarts", poll=False) as (_, bench):
        await begin(bench)
        polled = bench.value(6013, AI1)
        notify(bench, 99.0)
        assert bench.value(6013, AI1) == 99.0
        assert bench.reading(6013, AI1).source is ReadingSource.COV
        await bench.poll(6013)
        assert bench.value(6013, AI1) == polled


async def test_a_value_that_changes_back_after_a_write_is_seen():
    async with building_and_bench("restarts", poll=False) as (building, bench):
        await begin(bench)
        before = bench.value(6013, VALVE)
        point = bench.point(6013, VALVE)
        await bench.network.send_write(point, 77.0, 8)
        back = await bench.network.read_back(point)
        assert back.present_value == bench.value(6013, VALVE) == 77.0
        assert bench.reading(6013, VALVE).priority == 8
        building.override(6013, VALVE, 8, None)
        await bench.poll(6013)
        assert bench.value(6013, VALVE) == before


@pytest.mark.parametrize("proof", [False, True])
async def test_a_reply_older_than_a_notification_does_not_replace_it(
    proof, monkeypatch
):
    async with building_and_bench("restarts", poll=False) as (building, bench):
        await begin(bench)
        sampler = sampler_of(bench)
        sampler._samples = 0 if proof else 1
        take_batch = sampler._take_batch

        async def take_late(batch, indexes, live):
            notify(bench, 42.0)
            building.set(6013, AI1, "presentValue", 42.0)
            await take_batch(batch, range(len(batch.point_ids)), live)

        monkeypatch.setattr(sampler, "_take_batch", take_late)
        await bench.poll(6013)
        assert bench.value(6013, AI1) == 42.0
        monkeypatch.undo()
        building.set(6013, AI1, "presentValue", 21.0)
        await bench.poll(6013)
        assert bench.value(6013, AI1) == 21.0


async def test_a_fault_is_named_and_its_end_seen():
    async with building_and_bench("restarts", poll=False) as (building, bench):
        await begin(bench)
        building.set(6013, AI1, "reliability", "noSensor")
        await bench.poll(6013)
        assert bench.reading(6013, AI1).flags.fault
        assert bench.reading(6013, AI1).reliability == "no-sensor"
        building.set(6013, AI1, "reliability", "noFaultDetected")
        await bench.poll(6013)
        assert not bench.reading(6013, AI1).flags.fault
        assert bench.reading(6013, AI1).reliability == "no-fault-detected"


async def test_a_fault_that_was_notified_is_named_by_the_next_poll():
    async with building_and_bench("restarts", poll=False) as (building, bench):
        await begin(bench)
        building.set(6013, AI1, "reliability", "openLoop")
        notify(bench, 21.0, FAULT)
        assert bench.reading(6013, AI1).flags.fault
        await bench.poll(6013)
        assert bench.reading(6013, AI1).reliability == "open-loop"
        notify(bench, 21.0, NORMAL)
        assert bench.reading(6013, AI1).reliability == "no-fault-detected"


async def test_out_of_service_is_a_flag():
    async with building_and_bench("restarts", poll=False) as (building, bench):
        await begin(bench)
        building.set(6013, AI1, "outOfService", True)
        await bench.poll(6013)
        assert bench.reading(6013, AI1).flags.out_of_service


async def test_the_priority_in_command_is_read_now_and_then():
    async with building_and_bench("overridden", poll=False) as (building, bench):
        await begin(bench, 6016)
        assert bench.reading(6016, VALVE).priority == 5
        assert bench.reading(6016, "binary-output,1").priority == 1
        building.override(6016, VALVE, 5, None)
        for _ in range(PRIORITY_EVERY):
            await bench.poll(6016)
        assert bench.reading(6016, VALVE).priority is None


async def test_a_number_that_is_none_is_an_error():
    async with building_and_bench("restarts", poll=False) as (building, bench):
        await begin(bench)
        building.set(6013, AI1, "presentValue", float("nan"))
        await bench.poll(6013)
        assert bench.reading(6013, AI1).error == "value-not-finite"
        assert bench.value(6013, AI1) is None
        building.set(6013, AI1, "presentValue", 20.0)
        await bench.poll(6013)
        assert bench.reading(6013, AI1).error == ""


async def test_a_notification_without_a_value_is_no_reading():
    async with building_and_bench("restarts", poll=False) as (_, bench):
        await begin(bench)
        before = bench.reading(6013, AI1)
        notification = CovNotification(
            source=bench.device(6013).address,
            process_id=change_of_value.PROCESS_ID,
            object_id=ObjectId(0, 1),
            values={111: (NORMAL,)},
        )
        sampler_of(bench).take_notification(bench.point(6013, AI1), notification)
        assert bench.reading(6013, AI1) == before
        notify(bench, Enumerated(1), None)
        assert bench.value(6013, AI1) == 1


async def test_a_silent_cov_device_is_found_and_polled(monkeypatch):
    monkeypatch.setattr(change_of_value, "SETTLING_SECONDS", -1.0)
    async with building_and_bench("restarts", poll=False) as (building, bench):
        await begin(bench, cov=True)
        await bench.until(lambda: len(building.cov_subscriptions(6013)) == 14)
        cov = bench.device(6013).session.cov
        await bench.until(lambda: len(cov.live()) == 14)
        await bench.poll(6013)
        building.device(6013).app.cov_notification = lambda cov, apdu: None
        for number in range(2):
            building.set(6013, AI1, "presentValue", 30.0 + number)
            for _ in range(PROOF_EVERY):
                await bench.poll(6013)
        assert len(cov.live()) == 13
        building.set(6013, AI1, "presentValue", 50.0)
        await bench.poll(6013)
        assert bench.value(6013, AI1) == 50.0


async def test_noise_within_the_increment_is_no_silence(monkeypatch):
    monkeypatch.setattr(change_of_value, "SETTLING_SECONDS", -1.0)
    async with building_and_bench("restarts", poll=False) as (building, bench):
        building.set(6013, AI1, "covIncrement", 1.0)
        building.set(6013, AI1, "presentValue", 20.0)
        await begin(bench, cov=True)
        cov = bench.device(6013).session.cov
        await bench.until(lambda: len(cov.live()) == 14)
        for value in (20.9, 19.1, 20.9, 19.1):
            building.set(6013, AI1, "presentValue", value)
            sampler_of(bench)._samples = 0
            await bench.poll(6013)
            assert bench.value(6013, AI1) == pytest.approx(value)
        assert len(cov.live()) == 14


async def test_a_silent_cov_device_is_polled_from_the_first():
    async with building_and_bench("silent cov") as (building, bench):
        await bench.serve(6004)
        await bench.watch_all(6004)
        await bench.until(lambda: len(building.cov_subscriptions(6004)) == 14)
        building.set(6004, AI1, "presentValue", 33.0)
        await bench.until(lambda: bench.value(6004, AI1) == 33.0)
        assert bench.cov_points(6004) == 0


@pytest.mark.parametrize("instance", [6001, 6002])
async def test_a_device_that_refuses_cov_is_polled(instance):
    async with building_and_bench(instance) as (building, bench):
        await bench.serve(instance)
        await bench.watch_all(instance)
        building.set(instance, AI1, "presentValue", 33.0)
        await bench.until(lambda: bench.value(instance, AI1) == 33.0)
        assert bench.cov_points(instance) == 0
        address = building.device(instance).address
        assert building.statistics()[address].get("SubscribeCOV", 0) <= 8


async def test_five_slots_go_to_states_and_the_rest_is_polled():
    async with building_and_bench(6003) as (building, bench):
        await bench.serve(6003)
        await bench.watch_all(6003)
        await bench.until(lambda: bench.cov_points(6003) == 5)
        held = {s["object"] for s in building.cov_subscriptions(6003)}
        assert held >= {"binary-input,1", "binary-output,1", "binary-value,1"}
        building.set(6003, "analog-input,8", "presentValue", 33.0)
        await bench.until(lambda: bench.value(6003, "analog-input,8") == 33.0)
        status = bench.status(6003)
        assert status is not None
        assert (status.cov_points, status.polled_points) == (5, 9)


async def test_changes_of_two_devices_are_never_mixed_and_strangers_ignored():
    async with building_and_bench("restarts", "overridden", 5000) as (building, bench):
        instances = (6013, 6016, 5001)
        await bench.serve(*instances)
        await bench.watch_all(*instances)
        for each in instances:
            cov = bench.device(each).session.cov
            await bench.until(
                lambda c=cov, i=each: bench.point(i, AI1).point_id in c.live()
            )
        for number, instance in enumerate(instances):
            building.set(instance, AI1, "presentValue", 50.0 + number)
        for number, instance in enumerate(instances):
            await bench.until(
                lambda i=instance, n=number: bench.value(i, AI1) == 50.0 + n
            )
            assert bench.reading(instance, AI1).source is ReadingSource.COV
        stranger = CovNotification(
            source=bench.device(6013).address.__class__("127.0.0.99"),
            process_id=change_of_value.PROCESS_ID,
            object_id=ObjectId(0, 1),
            values={85: (1.0,)},
        )
        assert not bench.network._by_address.notified(stranger)
        foreign = stranger._replace(source=bench.device(6013).address, process_id=1)
        assert not bench.network._by_address.notified(foreign)
        unknown = foreign._replace(
            process_id=change_of_value.PROCESS_ID, object_id=ObjectId(0, 999)
        )
        assert not bench.network._by_address.notified(unknown)


async def test_confirmed_notifications_are_acknowledged_behind_a_router_too():
    async with building_and_bench("restarts", 5000) as (building, bench):
        await bench.serve(6013, 5001)
        await bench.watch_all(6013, 5001)
        await bench.until(lambda: bench.cov_points(6013) and bench.cov_points(5001))
        for instance in (6013, 5001):
            app = building.device(instance).app
            await bench.until(lambda app=app: not app._requests)
            assert all(s["confirmed"] for s in building.cov_subscriptions(instance))


async def test_points_no_longer_watched_are_unsubscribed():
    async with building_and_bench("restarts") as (building, bench):
        await bench.serve(6013)
        await bench.watch_all(6013)
        await bench.until(lambda: len(building.cov_subscriptions(6013)) == 14)
        bench.network.watch([bench.point(6013, AI1).point_id])
        await bench.until(lambda: len(building.cov_subscriptions(6013)) == 1)
        await bench.network.stop()
        await bench.until(lambda: not building.cov_subscriptions(6013))


async def test_nothing_is_written_to_a_device_that_is_only_watched():
    async with building_and_bench("restarts", 6003) as (building, bench):
        await bench.serve(6013, 6003)
        await bench.watch_all(6013, 6003)
        await bench.until(lambda: bench.cov_points(6013) == 14)
        for services in building.statistics().values():
            assert not {name for name in services if name.startswith("Write")}


async def test_a_point_gone_from_the_watch_in_mid_sample_is_passed_over(monkeypatch):
    async with building_and_bench("restarts", poll=False) as (_, bench):
        await begin(bench)
        sampler = sampler_of(bench)
        take_batch = sampler._take_batch

        async def take_late(batch, indexes, live):
            bench.network.watch([])
            await take_batch(batch, range(len(batch.point_ids)), live)

        monkeypatch.setattr(sampler, "_take_batch", take_late)
        await bench.poll(6013)
        assert sampler.watched_count == 0
        await asyncio.sleep(0)
        assert not sampler._priorities
        await bench.poll(6013)


def test_the_strongest_priority_with_a_value_is_in_command():
    assert priority_in_command([None] * 16) is None
    assert priority_in_command([None, None, 0.0, 5.0]) == 3
    assert priority_in_command([None, Constructed(b"\x0e\x0f")]) == 2
    assert priority_in_command([None] * 16 + [1.0]) is None
