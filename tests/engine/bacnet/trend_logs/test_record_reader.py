"""Records are read whole, whatever a device answers by and however little at a time."""

import pytest

from custom_components.plantroom.engine.bacnet.trend_logs import record_reader
from custom_components.plantroom.engine.bacnet.trend_logs.record_reader import (
    RecordReader,
)
from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
    MalformedReplyError,
)

from .kept_log import LOG, POSITION, SEQUENCE, TIME, KeptLog, minute, stamp, values_of

ALL = [float(n) for n in range(500)]
LATE = stamp(minute(10_000))


def reader_of(log: KeptLog, max_apdu: int = 1476) -> RecordReader:
    return RecordReader(log, "n:1", LOG, max_apdu)


async def read(
    log: KeptLog, since: int = 99, until: int = 10_000, max_apdu: int = 1476
) -> list[object]:
    reader = reader_of(log, max_apdu)
    held = len(log.values)
    return values_of(
        await reader.since(stamp(minute(since)), held=held, until=stamp(minute(until)))
    )


async def test_pages_follow_by_sequence_number():
    log = KeptLog(values=ALL)
    assert await read(log) == ALL[100:]
    assert [tag for tag, _ in log.asked] == [TIME] + [SEQUENCE] * 6


async def test_sequence_numbers_go_on_with_1_after_the_largest():
    log = KeptLog(values=ALL, first=4_294_967_295 - 250)
    assert await read(log) == ALL[100:]


async def test_device_without_sequence_numbers_is_asked_by_time():
    log = KeptLog(values=ALL, numbers=False)
    assert await read(log) == ALL[100:]
    assert {tag for tag, _ in log.asked} == {TIME}


async def test_device_that_refuses_sequence_numbers_is_asked_by_time():
    log = KeptLog(values=ALL, refuses=frozenset({SEQUENCE}))
    assert await read(log) == ALL[100:]


async def test_device_that_refuses_times_is_asked_by_position_from_the_newest():
    log = KeptLog(values=ALL, refuses=frozenset({TIME}), room=17)
    found = await read(log, since=380)
    assert found[-119:] == ALL[381:]
    assert len(found) < 200


async def test_log_that_grows_meanwhile_loses_nothing():
    log = KeptLog(values=ALL[:400], refuses=frozenset({TIME}))
    held = 400

    def grow() -> None:
        # A full ring: each new record pushes the oldest out
        log.values = [*log.values[1:], float(len(log.asked) + 400)]

    reader = reader_of(log)
    log.on_request = grow
    found = values_of(await reader.since(stamp(minute(-1)), held=held, until=LATE))
    assert set(ALL[10:400]) <= set(found)


@pytest.mark.parametrize("max_apdu", [50, 128, 206, 480, 1024, 1476])
async def test_pages_fit_what_a_device_can_send(max_apdu: int):
    log = KeptLog(values=ALL[:120])
    assert await read(log, since=-1, max_apdu=max_apdu) == ALL[:120]
    most = max(count for _, count in log.asked)
    assert most == max(1, (max_apdu - 40) // 24)


async def test_device_that_aborts_is_asked_for_less_from_then_on():
    log = KeptLog(values=ALL, room=9, trims=False)
    assert await read(log, since=400) == ALL[401:]
    counts = [count for _, count in log.asked]
    assert counts[:4] == [59, 29, 14, 7]
    assert set(counts[4:]) == {7}


async def test_device_that_gives_what_fits_is_asked_on():
    log = KeptLog(values=ALL, room=9)
    assert await read(log, since=400) == ALL[401:]


async def test_what_is_later_than_asked_for_is_not_read():
    log = KeptLog(values=ALL)
    found = await read(log, since=99, until=150)
    assert found[:51] == ALL[100:151]
    assert len(log.asked) == 1


async def test_record_before_a_moment_is_the_newest_of_those():
    log = KeptLog(values=ALL)
    assert values_of(await reader_of(log).before(stamp(minute(42)))) == [41.0]
    log = KeptLog(values=ALL, refuses=frozenset({TIME}))
    assert await reader_of(log).before(stamp(minute(42))) == []


async def test_empty_log_has_no_records():
    assert await read(KeptLog(values=[])) == []
    assert await read(KeptLog(values=[], refuses=frozenset({TIME}))) == []


async def test_device_that_repeats_itself_is_not_listened_to_for_ever():
    with pytest.raises(MalformedReplyError):
        await read(KeptLog(values=ALL, room=5, stuck=True))


async def test_records_kept_are_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(record_reader, "MOST_RECORDS", 120)
    assert len(await read(KeptLog(values=ALL), since=-1)) == 3 * 59


async def test_service_that_a_device_does_not_have_is_said_at_once():
    log = KeptLog(
        values=ALL,
        refuses=frozenset({TIME, SEQUENCE, POSITION}),
        reason="reject-unrecognized-service",
    )
    with pytest.raises(DeviceRefusedError):
        await read(log)
    assert len(log.asked) == 1


async def test_device_that_falls_silent_is_said():
    log = KeptLog(values=ALL)

    def fall_silent() -> None:
        if len(log.asked) == 2:
            raise DeviceOfflineError("silent", device="n:1")

    log.on_request = fall_silent
    with pytest.raises(DeviceOfflineError):
        await read(log)
