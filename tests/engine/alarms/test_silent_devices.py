"""A device that does not answer is an alarm, where that is asked for."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from custom_components.plantroom.engine.alarms.configuration import AlarmingConfig
from custom_components.plantroom.engine.alarms.models import AlarmState, Severity
from custom_components.plantroom.engine.alarms.silent_devices import SilentDevices
from custom_components.plantroom.engine.alarms.texts import AlarmWords
from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.events import DeviceStatusChanged
from custom_components.plantroom.engine.models import DeviceStatus
from tests.site import AT
from tests.virtual_time import in_virtual_time

from .evaluating import DEVICES, Evaluating

CONFIG = AlarmingConfig(silent_severity=Severity.HIGH, silent_seconds=300)


class Watching(Evaluating):
    """The same book under what watches for silence, from before devices were known."""

    def __init__(self, config: AlarmingConfig = CONFIG) -> None:
        super().__init__()
        self.silent = SilentDevices(self.book, lambda: AT)
        self.silent.configure(config, DEVICES)
        self.events.listen(self.silent.hear)

    @property
    def states(self) -> dict[str, AlarmState]:
        return {alarm.alarm_id: alarm.state for alarm in self.book.all_open()}


@in_virtual_time
async def test_device_that_stays_silent_is_an_alarm_until_it_answers():
    site = Watching()
    site.online("n:1", online=True)
    site.online("n:1", online=False)
    await asyncio.sleep(299)
    assert site.states == {}
    await asyncio.sleep(2)
    assert site.states == {"silent:n:1": AlarmState.ACTIVE}
    (alarm,) = site.book.all_open()
    assert (alarm.severity, alarm.device_id) == (Severity.HIGH, "n:1")
    assert site.texts == ["n:1 does not answer"]
    site.online("n:1", online=False)
    await asyncio.sleep(301)
    assert alarm.occurrences == 1
    site.online("n:1", online=True)
    assert site.states == {"silent:n:1": AlarmState.CLEARED}


@in_virtual_time
async def test_device_that_answers_again_in_time_is_none():
    site = Watching()
    site.online("n:1", online=False)
    await asyncio.sleep(200)
    site.online("n:1", online=True)
    await asyncio.sleep(200)
    assert site.states == {}


@in_virtual_time
async def test_silence_counts_from_its_beginning_when_it_is_asked_for_later():
    site = Watching(AlarmingConfig())
    since = AT - timedelta(seconds=290)
    status = DeviceStatus(device_id="n:1", online=False, since=since)
    site.events.publish(DeviceStatusChanged(status=status))
    await asyncio.sleep(1000)
    assert site.states == {}
    site.silent.configure(CONFIG, DEVICES)
    await asyncio.sleep(11)
    assert site.states == {"silent:n:1": AlarmState.ACTIVE}


@in_virtual_time
async def test_alarm_goes_with_the_wish_for_it_and_with_its_device():
    for config, device_ids in ((AlarmingConfig(), DEVICES), (CONFIG, ("n:2",))):
        site = Watching()
        site.online("n:1", online=False)
        await asyncio.sleep(301 if config != CONFIG else 1)
        site.silent.configure(config, device_ids)
        await asyncio.sleep(301)
        assert site.states == {}


@in_virtual_time
async def test_alarm_of_before_a_restart_goes_on_and_is_not_raised_again():
    site = Watching()
    site.online("n:1", online=False)
    await asyncio.sleep(301)
    site.silent.stop()
    site.silent = SilentDevices(site.book, lambda: AT)
    site.events.listen(site.silent.hear)
    site.silent.configure(CONFIG, DEVICES)
    assert site.states == {"silent:n:1": AlarmState.ACTIVE}
    site.online("n:1", online=False)
    await asyncio.sleep(301)
    (alarm,) = site.book.all_open()
    assert alarm.occurrences == 1


@in_virtual_time
async def test_house_says_it_in_its_own_words():
    words = AlarmWords(
        texts={"silent": "{device} antwortet nicht"}, names={"n:1": "Lüftung"}
    )
    site = Watching(
        AlarmingConfig(silent_severity=Severity.LOW, silent_seconds=0, words=words)
    )
    site.online("n:1", online=False)
    await asyncio.sleep(1)
    assert site.texts == ["Lüftung antwortet nicht"]


@pytest.mark.parametrize("wrong", [{"silent_seconds": -1}, {"silent_seconds": 1e9}])
def test_time_that_makes_no_sense_is_refused(wrong: dict[str, Any]):
    with pytest.raises(ConfigurationError):
        AlarmingConfig(**wrong)
