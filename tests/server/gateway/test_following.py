"""Events become objects, once each and in order, and objects outlive the server."""

import json

import pytest
from plantroom_server.event_source.embedded import EmbeddedLog
from plantroom_server.gateway import taking
from plantroom_server.gateway_errors import EventSourceError

from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalCommand,
    LocalType,
    ObjectKey,
)
from custom_components.plantroom.engine.gateway.models import SubscriptionState

from .following_bench import (
    STREAM,
    SUPPLY,
    VALVE,
    defined,
    following,
    message,
    shown,
    subscription,
    told,
)


async def test_events_become_objects_and_are_acknowledged(source, cache, ledger):
    await source.append(STREAM, [defined(SUPPLY, "Supply", units=62)])
    async with following(source, cache, ledger) as bench:
        await source.append(STREAM, [told(SUPPLY, 21.5, quality="bad")])
        await bench.shows(SUPPLY, 21.5)
        state = bench.objects.state(SUPPLY)
        assert state is not None
        assert (state.reliability, state.flags.fault) == ("unreliable-other", True)
        await bench.saved()
        assert bench.status.handled == 2
        await bench.until(lambda: bench.status.state is SubscriptionState.RUNNING)


async def test_objects_are_back_before_any_event(source, cache, ledger):
    await source.append(
        STREAM,
        [
            defined(VALVE, "Valve", initialValue=10),
            told(VALVE, 55, priority=8),
            message("DeviceConfig", deviceName="North"),
        ],
    )
    async with following(source, cache, ledger) as bench:
        await bench.shows(VALVE, 55.0)
        await bench.saved()
        before = shown(bench.objects)
    async with following(source, cache, ledger) as bench:
        await bench.until(bench.following.restored.is_set)
        assert shown(bench.objects) == before
        assert bench.objects.facts.name == "North"
        await source.append(STREAM, [told(VALVE, None, priority=8)])
        await bench.shows(VALVE, 10.0)
        assert bench.status.handled == 1


async def test_value_of_an_unknown_object_waits_for_its_definition(
    source, cache, ledger
):
    await source.append(STREAM, [told(SUPPLY, 19), told(SUPPLY, 20)])
    async with following(source, cache, ledger) as bench:
        await bench.until(lambda: bench.status.parked == 2)
        (newer, older) = await ledger.parked("north")
        assert newer.position > older.position
        assert newer.reason.startswith("unknown-object")
        await source.append(STREAM, [defined(SUPPLY, "Supply")])
        await bench.shows(SUPPLY, 20.0)
        await bench.until(lambda: bench.status.parked == 0)


@pytest.mark.parametrize("again", [(0.1,), (0.1, 0.1)], ids=["once", "twice"])
async def test_value_that_a_store_puts_aside_late_is_used_once_it_has(
    source, cache, ledger, monkeypatch, again
):
    """The store may hear of it after it was asked for all that it has put aside."""
    monkeypatch.setattr(taking, "REPLAYED_AGAIN_SECONDS", again)
    await source.append(STREAM, [told(SUPPLY, 19)])
    async with following(source, cache, ledger) as bench:
        await bench.until(lambda: bench.status.parked == 1)
        live = bench.following._subscription
        early, replay = [], live.replay_parked

        async def replay_parked() -> None:
            if len(early) < len(again):
                early.append(True)
            else:
                await replay()

        monkeypatch.setattr(live, "replay_parked", replay_parked)
        await source.append(STREAM, [defined(SUPPLY, "Supply")])
        await bench.shows(SUPPLY, 19.0)
        await bench.until(lambda: bench.status.parked == 0)
        assert len(early) == len(again)


async def test_value_put_aside_is_used_though_the_server_went_as_its_object_came(
    source, cache, ledger, monkeypatch
):
    monkeypatch.setattr(taking, "REPLAY_SECONDS", 3600.0)
    await source.append(STREAM, [told(SUPPLY, 19)])
    async with following(source, cache, ledger) as bench:
        await bench.until(lambda: bench.status.parked == 1)
        await source.append(STREAM, [defined(SUPPLY, "Supply")])
        await bench.until(lambda: bench.objects.state(SUPPLY) is not None)
        await bench.saved()
    monkeypatch.setattr(taking, "REPLAYED_AGAIN_SECONDS", (0.2, 1.0, 5.0))
    async with following(source, cache, ledger) as bench:
        await bench.shows(SUPPLY, 19.0)
        await bench.until(lambda: bench.status.parked == 0)


async def test_malformed_event_is_parked_with_its_reason_and_the_rest_goes_on(
    source, cache, ledger
):
    await source.append(STREAM, [defined(SUPPLY, "Supply"), told(SUPPLY, "hot")])
    await source.append(STREAM, [told(SUPPLY, 20)])
    async with following(source, cache, ledger) as bench:
        await bench.shows(SUPPLY, 20.0)
        (parked,) = await ledger.parked("north")
        assert parked.reason.startswith("invalid-field")
        assert json.loads(parked.data)["payload"]["presentValue"] == "hot"
    async with following(source, cache, ledger) as bench:
        await bench.until(lambda: bench.status.parked == 1)


async def test_older_source_timestamp_never_overwrites_a_newer_one(
    source, cache, ledger
):
    at = "2026-11-21T10:0{}:00Z"
    await source.append(
        STREAM,
        [
            defined(SUPPLY, "Supply"),
            told(SUPPLY, 21, sourceTimestamp=at.format(2)),
            told(SUPPLY, 19, sourceTimestamp=at.format(1)),
        ],
    )
    async with following(source, cache, ledger) as bench:
        await bench.shows(SUPPLY, 21.0)
        await bench.saved()
        assert bench.value(SUPPLY) == 21.0
    async with following(source, cache, ledger) as bench:
        await bench.until(lambda: bench.value(SUPPLY) is not None)
        await source.append(STREAM, [told(SUPPLY, 18, sourceTimestamp=at.format(1))])
        await bench.until(lambda: bench.status.handled == 1)
        assert bench.value(SUPPLY) == 21.0


async def test_redefinition_keeps_what_is_shown(source, cache, ledger):
    await source.append(STREAM, [defined(VALVE, "Valve"), told(VALVE, 40, priority=8)])
    async with following(source, cache, ledger) as bench:
        await source.append(STREAM, [defined(VALVE, "Heating valve", units=98)])
        await bench.until(lambda: bench.objects.key_of("Heating valve") == VALVE)
        state = bench.objects.state(VALVE)
        assert state is not None
        assert (state.value, state.slots[7]) == (40.0, 40.0)


async def test_deleted_object_is_gone_for_good(source, cache, ledger):
    gone = message("ObjectDelete", objectType=SUPPLY.type, objectInstance=1)
    await source.append(STREAM, [defined(SUPPLY, "Supply"), gone])
    async with following(source, cache, ledger) as bench:
        await bench.until(lambda: bench.status.handled == 2)
        await bench.saved()
        assert not shown(bench.objects)
    assert (await cache.load("north")).definitions == {}


async def test_sensor_has_one_object_for_ever(source, cache, ledger):
    def measured(value):
        event = message("MeasurementRecorded")
        data = {
            "sensorId": "t-1",
            "value": value,
            "unit": "°C",
            "timestamp": "2026-11-21T10:00:00Z",
        }
        return type(event)(
            event_id=event.event_id,
            event_type=event.event_type,
            data=json.dumps(data).encode(),
        )

    first = ObjectKey(LocalType.ANALOG_INPUT, 500)
    config = subscription(offset=500)
    await source.append(STREAM, [measured(20)])
    async with following(source, cache, ledger, config) as bench:
        await bench.shows(first, 20.0)
        await bench.saved()
    async with following(source, cache, ledger, config) as bench:
        await source.append(STREAM, [measured(21)])
        await bench.shows(first, 21.0)
        assert len(shown(bench.objects)) == 1


async def test_command_becomes_an_event_once(source, cache, ledger):
    config = subscription(offset=100)
    key = ObjectKey(LocalType.ANALOG_OUTPUT, 102)
    await source.append(STREAM, [defined(VALVE, "Valve")])
    async with following(source, cache, ledger, config) as bench:
        await bench.shows(key, 0.0)
        await bench.until(lambda: bench.status.state is SubscriptionState.RUNNING)
        command = LocalCommand(key=key, value=70.0, priority=8, source="10.0.0.9")
        state = await bench.objects.command(command)
        assert state.value == 70.0
        await bench.sent()
        await bench.saved()
    written = [
        each async for each in source.read(subscription(stream=f"{STREAM}-commands"))
    ]
    (event,) = written
    data = json.loads(event.data)
    assert event.event_type == data["messageType"] == "PresentValueWritten"
    assert (data["objectType"], data["objectInstance"]) == ("analog-output", 2)
    assert (data["presentValue"], data["priority"]) == (70.0, 8)
    assert data["sourceAddress"] == "10.0.0.9"
    assert data["correlationId"] == event.event_id
    async with following(source, cache, ledger, config) as bench:
        await bench.shows(key, 70.0)


async def test_command_is_an_event_though_the_store_was_away(
    source, cache, ledger, monkeypatch
):
    await source.append(STREAM, [defined(VALVE, "Valve")])
    async with following(source, cache, ledger) as bench:
        await bench.shows(VALVE, 0.0)
        await bench.saved()

    def away(_config):
        raise EventSourceError("The store is away")

    with monkeypatch.context() as patched:
        patched.setattr(source, "subscribe", away)
        async with following(source, cache, ledger) as bench:
            await bench.shows(VALVE, 0.0)
            await bench.until(
                lambda: bench.status.state is SubscriptionState.CONNECTING
            )
            command = LocalCommand(key=VALVE, value=30.0, priority=8, source="10.0.0.9")
            await bench.objects.command(command)
    async with following(source, cache, ledger) as bench:
        await bench.shows(VALVE, 30.0)
        await bench.sent()
        await bench.saved()
    written = [
        each async for each in source.read(subscription(stream=f"{STREAM}-commands"))
    ]
    assert [json.loads(each.data)["presentValue"] for each in written] == [30.0]


@pytest.mark.parametrize("lost", ["cache", "log"])
async def test_what_was_lost_is_made_good_from_the_other(
    source, cache, ledger, tmp_path, lost
):
    events = [
        told(SUPPLY, 18),
        defined(SUPPLY, "Supply"),
        defined(VALVE, "Valve"),
        told(VALVE, 30, priority=10),
        told(SUPPLY, 22),
    ]
    await source.append(STREAM, events)
    async with following(source, cache, ledger) as bench:
        await bench.shows(SUPPLY, 22.0)
        await bench.saved()
        before = shown(bench.objects)
    if lost == "cache":
        await cache.forget("north")
        async with following(source, cache, ledger) as bench:
            await bench.until(lambda: shown(bench.objects) == before)
        return
    other = EmbeddedLog(tmp_path / "restored")
    await other.start()
    await other.append(STREAM, [defined(SUPPLY, "Supply"), told(SUPPLY, 15)])
    async with following(other, cache, ledger) as bench:
        await bench.shows(SUPPLY, 15.0)
        assert bench.value(VALVE) is None
        await bench.saved()
    await other.stop()
