"""Somebody else has the instance that Plantroom itself has."""

from custom_components.plantroom.engine.bacnet import network
from custom_components.plantroom.engine.events import DeviceSeen
from custom_components.plantroom.engine.models import ProblemCode
from custom_components.plantroom.engine.requests import ScanRequest

from .answers import SCAN_SECONDS, answers_of
from .field_bench import NETWORK, building_and_bench

ROOM = 2001


async def test_a_device_with_our_instance_is_a_problem_until_it_has_another(
    monkeypatch,
):
    monkeypatch.setattr(network, "FIRST_CENSUS_SECONDS", 0.01)
    monkeypatch.setattr(network, "CENSUS_SECONDS", 0.1)
    async with building_and_bench(ROOM, instance=ROOM) as (building, bench):
        problem = await bench.until(
            lambda: bench.problem(ProblemCode.DUPLICATE_INSTANCE)
        )
        assert problem.subject == NETWORK
        address = f"127.0.2.1:{building.port}"
        assert problem.facts == {
            "instance": str(ROOM),
            "name": "Field",
            "first": "Plantroom",
            "second": address,
        }
        assert not any(isinstance(event, DeviceSeen) for event in bench.events)
        building.unplug(ROOM)
        await bench.until(lambda: not bench.problem(ProblemCode.DUPLICATE_INSTANCE))


async def test_a_scan_marks_a_device_that_has_our_instance():
    request = ScanRequest(network_id=NETWORK, task_id="t", seconds=SCAN_SECONDS)
    async with building_and_bench(ROOM, 2002, instance=ROOM) as (_, bench):
        with answers_of(ROOM, 2002):
            found = await bench.network.scan(request, lambda _fraction, _text: None)
    doubles = {device.instance: device.duplicate_of for device in found}
    assert doubles == {ROOM: "Plantroom, 127.0.0.1", 2002: ""}
