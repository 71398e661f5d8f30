"""Rules of reading properties from devices that can do little."""

import pytest

from custom_components.plantroom.engine.bacnet.octets.encoding import ObjectId
from custom_components.plantroom.engine.bacnet.octets.rpm import (
    PropertyRef,
    PropertyResult,
)
from custom_components.plantroom.engine.bacnet.reading.device_limits import (
    PROBE_AGAIN_SECONDS,
    DeviceLimits,
)
from custom_components.plantroom.engine.bacnet.reading.property_reader import (
    PropertyReader,
)
from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
    MalformedReplyError,
)

from ..scripted_device import analog_inputs, device_and_requests

DEVICE = (8, 600)
MULTIPLE = 14


def present_values(count: int) -> list[PropertyRef]:
    return [PropertyRef(0, number, 85) for number in range(count)]


def numbers(results: list[PropertyResult]) -> list[object]:
    return [result.values[0] if result.values else result.error for result in results]


def services(device) -> list[int]:
    return [service for _, service in device.requests]


async def test_results_come_in_the_order_of_the_refs():
    refs = present_values(200)[::-1]
    async with device_and_requests(analog_inputs(200)) as (device, requests, target):
        reader = PropertyReader(requests, target, DeviceLimits(1476))
        results = await reader.read([*refs, refs[0]])
    assert [result.ref for result in results] == [*refs, refs[0]]
    assert numbers(results)[:200] == [float(number) for number in range(199, -1, -1)]
    assert set(services(device)) == {MULTIPLE}
    assert len(device.requests) < 6


@pytest.mark.parametrize("max_apdu", [50, 128, 206, 480])
async def test_batches_fit_small_devices(max_apdu):
    async with device_and_requests(analog_inputs(60), max_apdu=max_apdu) as setup:
        _, requests, target = setup
        limits = DeviceLimits(max_apdu)
        results = await PropertyReader(requests, target, limits).read(
            present_values(60)
        )
    assert numbers(results) == [float(number) for number in range(60)]


async def test_aborts_shorten_the_batches_and_the_length_is_remembered():
    async with device_and_requests(analog_inputs(100)) as (device, requests, target):
        device.behaviour.max_apdu = 200
        limits = DeviceLimits(1476)
        reader = PropertyReader(requests, target, limits)
        await reader.read(present_values(100))
        assert limits.batch_octets < 400
        first = len(device.requests)
        results = await reader.read(present_values(100))
        assert len(device.requests) - first < first
    assert numbers(results) == [float(number) for number in range(100)]


async def test_one_property_that_is_too_long_goes_to_the_fallback_alone():
    objects = analog_inputs(20)
    objects[0, 7][28] = ["x" * 600]
    refs = [PropertyRef(0, number, prop) for number in range(20) for prop in (85, 28)]

    async def fallback(ref):
        return PropertyResult(ref, ("by segments",))

    async with device_and_requests(objects, max_apdu=480) as (_, requests, target):
        limits = DeviceLimits(480)
        reader = PropertyReader(requests, target, limits, fallback)
        results = await reader.read(refs)
        without = await PropertyReader(requests, target, limits).read(refs[14:16])
    assert numbers(results)[::2] == [float(number) for number in range(20)]
    assert numbers(results)[15] == "by segments"
    assert numbers(results)[1] == "unknown-property"
    assert without[1].error == "abort-segmentation-not-supported"
    assert limits.batch_octets == 480


async def test_device_without_rpm_is_read_by_single_properties_and_asked_again_later():
    now = 0.0
    async with device_and_requests(analog_inputs(30), rpm=False) as setup:
        device, requests, target = setup
        limits = DeviceLimits(1476, clock=lambda: now)
        reader = PropertyReader(requests, target, limits)
        assert numbers(await reader.read(present_values(30)))[29] == 29.0
        assert not limits.rpm_supported
        asked = services(device).count(MULTIPLE)
        await reader.read(present_values(30))
        assert services(device).count(MULTIPLE) == asked
        device.behaviour.rpm = True
        now = PROBE_AGAIN_SECONDS + 1
        await reader.read(present_values(30))
        assert limits.rpm_supported
    assert DeviceLimits.restore(limits.snapshot()).snapshot() == limits.snapshot()


async def test_undecodable_batches_are_read_by_single_properties():
    async with device_and_requests(analog_inputs(30), rpm_garbage=True) as setup:
        _, requests, target = setup
        reader = PropertyReader(requests, target, DeviceLimits(1476))
        results = await reader.read(present_values(30))
    assert numbers(results) == [float(number) for number in range(30)]


async def test_error_for_a_whole_batch_costs_only_the_object_it_is_about():
    async with device_and_requests(analog_inputs(30), rpm_error_about={(0, 40)}) as (
        _,
        requests,
        target,
    ):
        limits = DeviceLimits(1476)
        reader = PropertyReader(requests, target, limits)
        results = await reader.read([*present_values(30), PropertyRef(0, 40, 85)])
    assert numbers(results) == [
        *(float(number) for number in range(30)),
        "unknown-object",
    ]
    assert limits.rpm_supported
    assert limits.batch_octets == 1476


async def test_batch_that_times_out_because_of_one_object_keeps_the_others():
    async with device_and_requests(analog_inputs(8), silent_about={(0, 5)}) as (
        _,
        requests,
        target,
    ):
        limits = DeviceLimits(1476)
        results = await PropertyReader(requests, target, limits).read(present_values(8))
    assert numbers(results) == [0.0, 1.0, 2.0, 3.0, 4.0, "timeout", 6.0, 7.0]
    assert limits.batch_octets == 1476


@pytest.mark.parametrize("count", [1, 40, 300])
async def test_silent_device_is_offline(count):
    async with device_and_requests(analog_inputs(300), silent=True) as setup:
        _, requests, target = setup
        reader = PropertyReader(requests, target, DeviceLimits(480))
        with pytest.raises(DeviceOfflineError):
            await reader.read(present_values(count))


async def test_device_that_answers_only_in_segments_is_read_by_the_fallback():
    async def fallback(ref):
        return PropertyResult(ref, (7.0,))

    async with device_and_requests(analog_inputs(4), segments=True) as setup:
        device, requests, target = setup
        reader = PropertyReader(requests, target, DeviceLimits(480), fallback)
        assert numbers(await reader.read(present_values(4))) == [7.0] * 4
    assert device.aborted


async def test_routed_device_is_read():
    async with device_and_requests(
        analog_inputs(50), network=2001, mac=b"\x0c", max_apdu=480
    ) as (_, requests, target):
        reader = PropertyReader(requests, target, DeviceLimits(480))
        results = await reader.read(present_values(50))
    assert numbers(results)[49] == 49.0


async def test_object_list_of_5000_is_read_from_a_device_of_128_octets():
    identifiers = [ObjectId(0, number) for number in range(5000)]
    async with device_and_requests({DEVICE: {76: identifiers}}, max_apdu=128) as setup:
        _, requests, target = setup
        reader = PropertyReader(requests, target, DeviceLimits(128))
        assert await reader.read_array(*DEVICE, 76) == identifiers


async def test_array_that_fits_is_read_whole():
    async with device_and_requests({(14, 1): {110: ["off", "on"]}}) as setup:
        device, requests, target = setup
        reader = PropertyReader(requests, target, DeviceLimits(1476))
        assert await reader.read_array(14, 1, 110) == ["off", "on"]
    assert len(device.requests) == 1


async def test_array_that_is_refused_raises_the_reason():
    async with device_and_requests(analog_inputs(1)) as (_, requests, target):
        reader = PropertyReader(requests, target, DeviceLimits(1476))
        with pytest.raises(DeviceRefusedError) as refused:
            await reader.read_array(0, 0, 110)
    assert refused.value.reason == "unknown-property"


async def test_array_of_impossible_length_is_malformed(monkeypatch):
    async with device_and_requests({DEVICE: {76: [0] * 400}}, max_apdu=128) as setup:
        device, requests, target = setup
        value = device._value
        monkeypatch.setattr(
            device,
            "_value",
            lambda *ref: (b"\x24\xff\xff\xff\xff", b"") if ref[2] == 0 else value(*ref),
        )
        with pytest.raises(MalformedReplyError):
            await PropertyReader(requests, target, DeviceLimits(128)).read_array(
                *DEVICE, 76
            )


async def test_array_without_a_length_is_read_by_the_fallback():
    elements = tuple(ObjectId(0, number) for number in range(60))

    async def fallback(ref):
        if ref.index is None:
            return PropertyResult(ref, elements)
        return PropertyResult(ref, (), "property-is-not-an-array")

    async with device_and_requests(
        {DEVICE: {76: list(elements)}}, max_apdu=128
    ) as setup:
        device, requests, target = setup
        reader = PropertyReader(requests, target, DeviceLimits(128), fallback)
        device.behaviour.segments = True
        assert await reader.read_array(*DEVICE, 76) == list(elements)


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (
            DeviceRefusedError("no", device="d", reason="read-access-denied"),
            "read-access-denied",
        ),
        (DeviceOfflineError("no", device="d"), "timeout"),
        (MalformedReplyError("no", device="d"), "malformed-reply"),
    ],
)
async def test_failing_fallback_costs_one_property(failure, error):
    objects = analog_inputs(3)
    objects[0, 1][85] = ["x" * 200]

    async def fallback(ref):
        raise failure

    async with device_and_requests(objects, max_apdu=128) as (_, requests, target):
        reader = PropertyReader(requests, target, DeviceLimits(128), fallback)
        assert numbers(await reader.read(present_values(3))) == [0.0, error, 2.0]
