import logging

import pytest
from bacpypes3.basetypes import DateTime, TimeStamp

from custom_components.plantroom.engine import polling
from custom_components.plantroom.engine.bacnet import (
    device,
    device_reports,
    ip_access,
    liveness,
)
from custom_components.plantroom.engine.bacnet.who_is import IAm
from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
    StorageError,
)
from custom_components.plantroom.engine.models import Health, ProblemCode
from tests.peers.rusty_server import RustyServer
from tests.simulators.building import Building
from tests.simulators.points import Point

from .field_bench import NETWORK, FieldBench, building_and_bench, field_bench


@pytest.fixture(autouse=True)
def in_haste(monkeypatch):
    monkeypatch.setattr(device, "HEARD_SECONDS", 0.0)
    monkeypatch.setattr(ip_access, "backoff_seconds", lambda failures: 0.05)


def hurry(bench: FieldBench, seconds: float = 0.1) -> None:
    """Let requests of our own time out soon."""
    bench.network._link.requests._tick_seconds = seconds / 8


def warnings_of(caplog, text: str) -> list[str]:
    return [
        r.getMessage()
        for r in caplog.records
        if r.levelno >= logging.WARNING and text in r.getMessage()
    ]


async def test_a_device_without_address_is_found_by_who_is_and_never_called_silent(
    caplog,
):
    async with building_and_bench("restarts", 5000) as (building, bench):
        await bench.serve(6013, 5001)
        await bench.watch_all(6013, 5001)
        assert str(bench.device(6013).address) == building.device(6013).address
        assert bench.device(5001).address.network == 20
        assert not warnings_of(caplog, "does not answer")
        assert bench.health.devices_online == 2


async def test_a_device_that_does_not_exist_is_offline_with_one_warning(
    caplog, monkeypatch
):
    monkeypatch.setattr(device, "LOCATE_SECONDS", 0.05)
    async with building_and_bench("restarts") as (_, bench):
        await bench.serve(6013, 77)
        await bench.until(lambda: bench.status(77))
        for _ in range(3):
            with pytest.raises(DeviceOfflineError):
                await bench.poll(77)
        status = bench.status(77)
        assert status is not None
        assert not status.online
        assert status.failures >= 3
        assert len(warnings_of(caplog, f"{NETWORK}:77 does not answer")) == 1
        with pytest.raises(DeviceOfflineError):
            _ = bench.device(77).session
        await bench.watch_all(6013)


async def test_a_silent_device_warns_once_comes_back_once_and_delays_nobody(caplog):
    async with building_and_bench("restarts", "refuses a read") as (building, bench):
        await bench.serve(6013, 6007, change_of_value=False)
        await bench.watch_all(6013, 6007)
        hurry(bench)
        building.unplug(6013)
        await bench.until(lambda: not bench.status(6013).online)
        building.set(6007, "analog-input,1", "presentValue", 3.5)
        await bench.until(lambda: bench.value(6007, "analog-input,1") == 3.5)
        for _ in range(2):
            with pytest.raises(DeviceOfflineError):
                await bench.poll(6013)
        building.plug(6013)
        building.device(6013).announce()
        await bench.online(6013)
        assert len(warnings_of(caplog, "6013 does not answer")) == 1
        assert len(warnings_of(caplog, "6013 answers again")) == 1


async def test_a_device_that_moves_is_followed():
    async with building_and_bench("restarts", poll=False) as (building, bench):
        await bench.serve(6013)
        await bench.poll(6013)
        hurry(bench)
        bench.network.watch([p.point_id for p in bench.points(6013)])
        before = bench.device(6013).address
        await building.stop()
        with pytest.raises(DeviceOfflineError):
            await bench.poll(6013)
        async with RustyServer(port=bench.port, instance=6013):
            await bench.until(lambda: bench.device(6013).address != before)
            await bench.poll(6013)
            assert bench.device(6013).address.host == "127.0.9.1"
            assert bench.status(6013).online
            assert set(bench.network._by_address) == {bench.device(6013).address}


async def test_a_device_with_a_fixed_address_is_not_looked_for_elsewhere():
    async with building_and_bench("restarts", poll=False) as (building, bench):
        address = building.device("restarts").address.partition(":")[0]
        await bench.serve(6013, address=address)
        await bench.poll(6013)
        assert bench.device(6013).address.port == building.port
        await bench.device(6013).heard(i_am(6013, "127.0.0.9"))
        assert bench.device(6013).address.host == address
        assert bench.problem(ProblemCode.DUPLICATE_INSTANCE) is not None


def i_am(instance: int, address: str, max_apdu: int = 1476) -> IAm:
    return IAm(
        instance=instance,
        address=address,
        max_apdu=max_apdu,
        segmentation=0,
        vendor_id=1,
    )


async def test_two_devices_with_one_instance_are_a_problem_with_both_addresses(
    monkeypatch,
):
    async with building_and_bench("duplicate instance a", "duplicate instance b") as (
        building,
        bench,
    ):
        addresses = {device.address for device in building.devices}
        await bench.serve(6090)
        await bench.online(6090)
        home = str(bench.device(6090).address)
        bench.network._search.locate(6090)
        problem = await bench.until(
            lambda: bench.problem(ProblemCode.DUPLICATE_INSTANCE)
        )
        assert {problem.facts["first"], problem.facts["second"]} == addresses
        assert problem.facts["first"] == home
        assert str(bench.device(6090).address) == home
        monkeypatch.setattr(device_reports, "DOUBLE_SECONDS", -1.0)
        await bench.until(lambda: bench.problem(ProblemCode.DUPLICATE_INSTANCE) is None)


async def test_a_routed_device_heard_through_another_router_is_no_double():
    async with building_and_bench(5000, poll=False) as (building, bench):
        await bench.serve(5001, address=f"20:5@{building.device(5000).address}")
        await bench.poll(5001)
        await bench.device(5001).heard(i_am(5001, "20:5@127.0.0.9", 480))
        assert bench.problem(ProblemCode.DUPLICATE_INSTANCE) is None
        assert bench.device(5001).address.host == "127.0.5.1"


async def test_the_first_to_answer_is_kept_until_it_was_read():
    async with building_and_bench("restarts", poll=False) as (_, bench):
        await bench.serve(6013)
        served = bench.device(6013)
        assert await served.heard(i_am(6013, "127.0.0.8"))
        assert not await served.heard(i_am(6013, "127.0.0.9"))
        assert str(served.address) == "127.0.0.8"


async def test_a_device_that_changed_is_surveyed_again():
    async with building_and_bench("restarts", poll=False) as (building, bench):
        await bench.serve(6013)
        await bench.poll(6013)
        building.rename(6013, "analog-input,1", "Renamed")
        building.add_object(
            6013, Point(object_type="analog-value", instance=9, name="New", value=1.0)
        )
        building.remove_object(6013, "analog-input,8")
        await bench.device(6013).heard(i_am(6013, building.device(6013).address))
        await bench.poll(6013)
        names = {p.reference: p.name for p in bench.points(6013)}
        assert names["analog-input,1"] == "Renamed"
        assert names["analog-value,9"] == "New"
        assert "analog-input,8" not in names
        problem = bench.problem(ProblemCode.POINTS_GONE)
        assert problem is not None
        assert problem.facts["points"] == "analog-input,8"
        difference = await bench.network.survey(f"{NETWORK}:6013")
        assert difference.removed == ()
        assert bench.problem(ProblemCode.POINTS_GONE) is None


async def test_only_points_asked_for_are_points():
    async with building_and_bench("restarts") as (_, bench):
        await bench.serve(6013, points=("analog-input,1", "binary-input,1"))
        await bench.online(6013)
        assert len(bench.points(6013)) == 2


async def test_a_device_that_refuses_a_survey_is_read_as_it_was(monkeypatch):
    async with building_and_bench("restarts", poll=False) as (building, bench):
        await bench.serve(6013)
        await bench.poll(6013)
        bench.network.watch([p.point_id for p in bench.points(6013)])

        async def refuse(reader: object, **options: object) -> None:
            raise DeviceRefusedError("no", device="d", reason="other")

        monkeypatch.setattr(device, "survey_device", refuse)
        building.rename(6013, "analog-input,1", "Renamed")
        await bench.device(6013).heard(i_am(6013, building.device(6013).address))
        await bench.poll(6013)
        assert bench.status(6013).online
        assert bench.value(6013, "analog-input,1") is not None


async def test_a_device_that_refuses_its_first_survey_says_why(monkeypatch):
    async with building_and_bench("restarts", poll=False) as (_, bench):

        async def refuse(reader: object, **options: object) -> None:
            raise DeviceRefusedError("no", device="d", reason="other")

        monkeypatch.setattr(device, "survey_device", refuse)
        await bench.serve(6013)
        with pytest.raises(DeviceRefusedError):
            await bench.poll(6013)
        assert bench.status(6013).reason == "device_refused"


async def test_a_device_silent_for_an_hour_is_a_problem(monkeypatch):
    async with building_and_bench("restarts", poll=False) as (building, bench):
        await bench.serve(6013)
        await bench.poll(6013)
        hurry(bench)
        building.unplug(6013)
        bench.device(6013)._liveness.check_soon()
        with pytest.raises(DeviceOfflineError):
            await bench.poll(6013)
        assert bench.problem(ProblemCode.DEVICE_VANISHED) is None
        monkeypatch.setattr(device_reports, "VANISHED_SECONDS", 0.0)
        with pytest.raises(DeviceOfflineError):
            await bench.poll(6013)
        problem = bench.problem(ProblemCode.DEVICE_VANISHED)
        assert problem is not None
        assert problem.facts["instance"] == "6013"
        building.plug(6013)
        await bench.poll(6013)
        assert bench.problem(ProblemCode.DEVICE_VANISHED) is None


async def test_a_restart_of_the_engine_knows_points_address_and_slots(tmp_path):
    async with Building(profile="all", only=(6003,), speed=0) as building:
        async with field_bench(building.port, folder=tmp_path) as bench:
            await bench.serve(6003)
            await bench.watch_all(6003)
            await bench.until(lambda: bench.cov_points(6003) == 5)
            before = bench.points(6003)
        seen = building.statistics()[building.device(6003).address]
        assert building.cov_subscriptions(6003) == []
        async with field_bench(building.port, folder=tmp_path) as bench:
            # Who polls every second reads the more the slower this machine is
            await bench.serve(6003, poll_seconds=3600)
            assert bench.points(6003) == before
            await bench.watch_all(6003)
            assert bench.device(6003).session.cov.slots == 5
            await bench.until(lambda: bench.cov_points(6003) == 5)
            assert str(bench.device(6003).address) == building.device(6003).address
        now = building.statistics()[building.device(6003).address]
        # One reading and no survey: a survey reads 14 objects in several requests
        assert now["ReadPropertyMultiple"] - seen["ReadPropertyMultiple"] < 10
        # Five subscriptions and five cancellations, at most one trial of a sixth
        assert now["SubscribeCOV"] - seen["SubscribeCOV"] <= 12
        assert now.get("WhoIs", 0) == seen.get("WhoIs", 0)


async def test_a_slow_device_works():
    async with building_and_bench("slow", 6013) as (building, bench):
        building.device("slow").link.delay_seconds = 0.2
        await bench.serve(6014, 6013)
        await bench.watch_all(6014, 6013)
        assert bench.status(6014).online


async def test_a_lossy_device_works_in_the_end(monkeypatch):
    # Each poll fails by chance now and then: it is what comes of many
    monkeypatch.setattr(polling, "backoff_seconds", lambda *_, **__: 0.05)
    monkeypatch.setattr(device, "LOCATE_SECONDS", 0.5)
    async with building_and_bench("lossy") as (_, bench):
        hurry(bench, 0.02)
        await bench.serve(6015, poll_seconds=1)
        await bench.watch_all(6015)


@pytest.mark.parametrize("instance", [6005, 6006])
async def test_a_device_that_can_do_little_is_read(instance):
    async with building_and_bench(instance) as (building, bench):
        await bench.serve(instance, change_of_value=False)
        await bench.watch_all(instance)
        building.set(instance, "analog-input,2", "presentValue", 33.5)
        await bench.until(lambda: bench.value(instance, "analog-input,2") == 33.5)


async def test_a_point_that_is_refused_leaves_the_others_alone():
    async with building_and_bench(6007, 6009) as (_, bench):
        await bench.serve(6007, 6009, change_of_value=False)
        await bench.watch_all(6007, 6009)
        assert bench.reading(6007, "analog-input,2").error == "read-access-denied"
        assert bench.reading(6009, "analog-input,2").error
        for instance in (6007, 6009):
            assert bench.value(instance, "analog-input,1") == 21.0


async def test_a_healthy_network_stays_healthy_with_a_silent_device():
    async with building_and_bench("restarts") as (building, bench):
        building.unplug(6013)
        await bench.serve(6013, address=building.device(6013).address)
        hurry(bench)
        await bench.until(lambda: bench.status(6013))
        assert bench.health.health is Health.HEALTHY
        assert bench.health.devices_online == 0


async def test_a_restart_is_noticed_by_the_device_s_own_time(monkeypatch):
    monkeypatch.setattr(liveness, "CHECK_SECONDS", 0.0)
    async with building_and_bench("restarts", poll=False) as (building, bench):
        restarted = building.device(6013)
        set_restart_time(restarted, 1)
        await bench.serve(6013)
        await bench.poll(6013)
        bench.network.watch([p.point_id for p in bench.points(6013)])
        await bench.until(lambda: len(building.cov_subscriptions(6013)) == 14)
        await bench.poll(6013)
        restarted.app.drop_subscriptions()
        set_restart_time(restarted, 2)
        await bench.poll(6013)
        await bench.until(lambda: len(building.cov_subscriptions(6013)) == 14)


def set_restart_time(simulated, minute: int) -> None:
    simulated.app.device_object.timeOfDeviceRestart = TimeStamp(
        dateTime=DateTime(date=(124, 1, 1, 1), time=(1, minute, 0, 0))
    )


async def test_a_restart_is_noticed_by_its_i_am():
    async with building_and_bench("restarts") as (building, bench):
        await bench.serve(6013)
        await bench.watch_all(6013)
        await bench.until(lambda: bench.cov_points(6013) == 14)
        await building.restart(6013, silent_seconds=0)
        await bench.until(lambda: len(building.cov_subscriptions(6013)) == 14)


async def test_what_cannot_be_kept_is_said_and_no_more(monkeypatch, caplog):
    async with building_and_bench("restarts") as (_, bench):
        await bench.serve(6013)
        await bench.online(6013)

        async def refuse(store, device_id, learned):
            raise StorageError("full", path="x", reason="full")

        monkeypatch.setattr(bench.records.store.__class__, "save_learned", refuse)
        bench.device(6013)._learned.cov_slots = 3
        bench.device(6013).session.cov.slots = 3
        await bench.network.stop()
        assert not bench.network._devices
    assert warnings_of(caplog, "Cannot keep what was learned")
