"""Alarms of devices by other hands live their life as those of the building do."""

from dataclasses import replace

import pytest
from rusty_bacnet import ObjectType

from custom_components.plantroom.engine.alarms.models import (
    Alarm,
    AlarmState,
    Change,
    Condition,
    DeviceTime,
    PendingAck,
    Severity,
    TransitionKind,
)
from custom_components.plantroom.engine.errors import DeviceRefusedError
from tests.peers.bacpy_alarms import BacPyAlarms
from tests.peers.rusty_alarms import HIGH, RustyAlarms
from tests.ports import free_port

from .field_bench import NETWORK, FieldBench, field_bench

KIND = TransitionKind
OWN = 4194000


def kinds_of(bench: FieldBench) -> list[TransitionKind]:
    return [transition.kind for transition in bench.booked.told]


async def raised_by(device: RustyAlarms, bench: FieldBench) -> Alarm:
    """Let a device tell us that its input is too high, and return the alarm."""
    await bench.serve(device.instance, notification_classes=(1,))
    await bench.online(device.instance)
    await bench.until(lambda: bench.device(device.instance)._learned.recipient_of)
    await bench.no_poll(device.instance)
    alarm_id = f"{NETWORK}:{device.instance}:analog-input,1"
    await device.set_input(30.0)
    await bench.until(lambda: bench.booked.book.get(alarm_id))
    alarm = bench.booked.book.get(alarm_id)
    assert alarm is not None
    return alarm


async def test_alarm_of_rusty_bacnet_is_told_and_over():
    port = free_port()
    async with (
        RustyAlarms(port=port, told=(OWN, f"127.0.0.1:{port}")) as device,
        field_bench(port) as bench,
    ):
        alarm = await raised_by(device, bench)
        assert (alarm.condition, alarm.value) == (Condition.HIGH_LIMIT, 30.0)
        assert alarm.facts["exceeded-limit"] == HIGH
        assert (alarm.name, alarm.event_type) == ("Cold room", "out-of-range")
        assert (alarm.severity, alarm.priority) == (Severity.LOW, 255)
        # Its Notification Class asks nobody to acknowledge, and has it so for good
        assert alarm.pending == ()
        bench.booked.book.acknowledge(alarm.alarm_id, (), "Ada")
        await device.set_input(20.0)
        await bench.until(lambda: len(bench.booked.told) == 3)
        assert kinds_of(bench) == [KIND.RAISED, KIND.ACKNOWLEDGED, KIND.CLEARED]
        assert bench.booked.book.get(alarm.alarm_id) is None


async def test_acknowledgement_is_understood_by_rusty_bacnet():
    port = free_port()
    async with (
        RustyAlarms(port=port, told=(OWN, f"127.0.0.1:{port}")) as device,
        field_bench(port) as bench,
    ):
        alarm = await raised_by(device, bench)
        pending = PendingAck(
            change=Change.TO_OFFNORMAL,
            condition=alarm.condition,
            device_time=alarm.device_time,
        )
        asked = replace(alarm, pending=(pending,))
        await bench.network.acknowledge_alarm(asked, "Ada")
        earlier = DeviceTime(text="#7", octets="1907")
        wrong = replace(asked, pending=(replace(pending, device_time=earlier),))
        with pytest.raises(DeviceRefusedError) as caught:
            await bench.network.acknowledge_alarm(wrong, "Ada")
        assert caught.value.reason == "invalid-time-stamp"


async def test_alarm_that_rusty_bacnet_had_before_us_is_found():
    port = free_port()
    async with RustyAlarms(port=port, told=(OWN, f"127.0.0.1:{port}")) as device:
        await device.set_input(5.0)
        async with field_bench(port) as bench:
            await bench.serve(device.instance)
            await bench.until(lambda: bench.booked.told)
            (raised,) = bench.booked.told
            assert raised.alarm.condition is Condition.LOW_LIMIT
            await device.set_input(20.0)
            bench.device(device.instance).alarms.lost_touch()
            await bench.until(lambda: len(bench.booked.told) == 2)
            assert kinds_of(bench) == [KIND.RAISED, KIND.CLEARED]
            assert bench.booked.book.all_open() == ()


async def test_our_place_in_rusty_bacnet_s_list_is_given_back():
    port = free_port()
    async with (
        RustyAlarms(port=port, told=(OWN, f"127.0.0.1:{port}")) as device,
        field_bench(port) as bench,
    ):
        await bench.serve(device.instance, notification_classes=None)
        await bench.online(device.instance)
        await bench.until(lambda: bench.device(device.instance)._learned.recipient_of)
        (recipient,) = (await device.recipients()).value
        ours = recipient["recipient"]["object_identifier"]
        assert (ours.object_type, ours.instance) == (ObjectType.DEVICE, OWN)
        await bench.serve()
        assert (await device.recipients()).value == []


async def test_alarm_that_bac_py_tells_everybody_is_heard():
    port = free_port()
    async with BacPyAlarms(port=port) as device, field_bench(port) as bench:
        await bench.serve(device.instance, address=device.address)
        await bench.online(device.instance)
        device.set_input(30.0)
        await bench.until(lambda: bench.booked.told)
        (raised,) = bench.booked.told
        alarm = raised.alarm
        assert (alarm.condition, alarm.severity) == (
            Condition.HIGH_LIMIT, Severity.CRITICAL,
        )  # fmt: skip
        assert (alarm.priority, alarm.event_type) == (50, "out-of-range")
        assert alarm.device_time is not None
        assert alarm.device_time.text.startswith("#")
        device.set_input(20.0)
        await bench.until(lambda: len(bench.booked.told) == 2)
        cleared = bench.booked.book.get(alarm.alarm_id)
        assert cleared is not None
        assert cleared.state is AlarmState.CLEARED
        assert [each.change for each in cleared.pending] == [Change.TO_OFFNORMAL]


async def test_what_bac_py_cannot_acknowledge_stays_open():
    port = free_port()
    async with BacPyAlarms(port=port) as device, field_bench(port) as bench:
        await bench.serve(device.instance, address=device.address)
        await bench.online(device.instance)
        device.set_input(5.0)
        await bench.until(lambda: bench.booked.told)
        # It reads date and time without their tags (clause 20.2.12), and fails at ours
        with pytest.raises(DeviceRefusedError) as caught:
            await bench.network.acknowledge_alarm(bench.booked.told[0].alarm, "Ada")
        assert caught.value.reason == "abort-other"
        assert not device.acked[0]
        (alarm,) = bench.booked.book.all_open()
        assert (alarm.state, alarm.condition) == (
            AlarmState.ACTIVE, Condition.LOW_LIMIT,
        )  # fmt: skip
