"""A mirror becomes what a snapshot says and follows each event once."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.alarms.life import follow
from custom_components.plantroom.engine.alarms.models import (
    AlarmFlood,
    AlarmTransition,
    Condition,
    Maintenance,
)
from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.events import (
    AlarmFloodChanged,
    AlarmsChanged,
    DeviceChanged,
    DeviceRemoved,
    DeviceSeen,
    DeviceStatusChanged,
    EngineEvent,
    MaintenanceChanged,
    NetworkRemoved,
    NetworkStatusChanged,
    NumberedEvent,
    PointsChanged,
    ProblemsChanged,
    ReadingsChanged,
    SecureHubChanged,
    SecureHubRemoved,
    SecureNetworkChanged,
    SecureNetworkRemoved,
)
from custom_components.plantroom.engine.models import (
    DeviceStatus,
    FoundDevice,
    Health,
    NetworkStatus,
    Point,
    Problem,
    ProblemCode,
    Reading,
)
from custom_components.plantroom.engine.points import Points
from custom_components.plantroom.engine.requests import Snapshot
from custom_components.plantroom.engine.secure_connect.models import (
    SecureHubStatus,
    SecureNetworkStatus,
)
from custom_components.plantroom.mirror import Mirror
from tests.engine.alarms.alarm_news import news
from tests.site import AT, device, point, reading

ONE, TWO = point("analog-value,1"), point("analog-value,2")
OTHER = point(device_id="n:2")
STATUS = DeviceStatus(device_id="n:1", online=True, since=AT)
NETWORK = NetworkStatus(network_id="n", health=Health.HEALTHY, since=AT)
PROBLEM = Problem(code=ProblemCode.PORT_IN_USE, subject="n")
SNAPSHOT = Snapshot(
    cursor=7,
    networks=(NETWORK,),
    devices=(device("n:1"), device("n:2")),
    statuses=(STATUS,),
    points=(ONE, TWO, OTHER),
    readings=((ONE.point_id, reading(1.0)), (OTHER.point_id, reading(2.0))),
    problems=(PROBLEM,),
)


def mirror_after(*events: EngineEvent) -> Mirror:
    mirror = Mirror()
    mirror.take(SNAPSHOT)
    for number, event in enumerate(events, 8):
        assert mirror.apply(NumberedEvent(number=number, event=event))
    return mirror


def test_mirror_becomes_what_the_snapshot_says():
    mirror = mirror_after()
    assert mirror.cursor == 7
    assert mirror.networks == {"n": NETWORK}
    assert mirror.devices.keys() == {"n:1", "n:2"}
    assert mirror.statuses == {"n:1": STATUS}
    assert mirror.points_of("n:1") == [ONE, TWO]
    assert mirror.readings[ONE.point_id] == reading(1.0)
    assert mirror.problems == (PROBLEM,)


def test_second_snapshot_leaves_nothing_of_the_first():
    mirror = mirror_after()
    empty = Snapshot(
        cursor=9,
        networks=(),
        devices=(),
        statuses=(),
        points=(),
        readings=(),
        problems=(),
    )
    mirror.take(empty)
    fresh = Mirror()
    fresh.take(empty)
    assert vars(mirror) == vars(fresh)


def test_event_that_the_snapshot_holds_already_is_not_applied():
    mirror = mirror_after()
    stale = NumberedEvent(number=7, event=DeviceRemoved(device_id="n:1"))
    assert not mirror.apply(stale)
    assert "n:1" in mirror.devices


def test_event_is_applied_once():
    mirror = mirror_after()
    event = NumberedEvent(number=8, event=ReadingsChanged(readings=()))
    assert mirror.apply(event)
    assert not mirror.apply(event)
    assert mirror.cursor == 8


def test_readings_are_followed():
    mirror = mirror_after(ReadingsChanged(readings=((ONE.point_id, reading(9.0)),)))
    assert mirror.readings[ONE.point_id].value == 9.0
    assert mirror.readings[OTHER.point_id].value == 2.0


def test_device_that_describes_itself_anew_replaces_the_old_one():
    renamed = device("n:1", name="Renamed")
    assert mirror_after(DeviceChanged(device=renamed)).devices["n:1"] == renamed


def test_removed_device_takes_points_readings_and_status_along():
    mirror = mirror_after(DeviceRemoved(device_id="n:1"))
    assert mirror.devices.keys() == {"n:2"}
    assert mirror.points == {OTHER.point_id: OTHER}
    assert mirror.readings.keys() == {OTHER.point_id}
    assert mirror.statuses == {}


def test_removing_an_unknown_device_harms_nothing():
    mirror = mirror_after(DeviceRemoved(device_id="n:9"))
    assert mirror.devices.keys() == {"n:1", "n:2"}


def test_points_come_change_and_go_with_their_readings():
    new, changed = point("analog-value,3"), replace(TWO, unit="percent")
    mirror = mirror_after(
        PointsChanged(
            device_id="n:1", added=(new,), changed=(changed,), removed=(ONE.point_id,)
        )
    )
    assert mirror.points_of("n:1") == [changed, new]
    assert ONE.point_id not in mirror.readings


def test_statuses_and_problems_are_followed():
    down = replace(NETWORK, health=Health.DOWN)
    offline = replace(STATUS, online=False)
    mirror = mirror_after(
        NetworkStatusChanged(status=down),
        DeviceStatusChanged(status=offline),
        ProblemsChanged(problems=()),
    )
    assert mirror.networks == {"n": down}
    assert mirror.statuses == {"n:1": offline}
    assert mirror.problems == ()


def transition(number: int, *life: Condition) -> AlarmTransition:
    """Return the last step of an alarm that asks for no acknowledgement."""
    alarm = step = None
    for condition in life:
        step = follow(alarm, news(condition, ack_required=False))
        assert step is not None
        alarm = replace(step.alarm, number=number)
    assert step is not None
    assert alarm is not None
    return AlarmTransition(
        number=number,
        kind=step.kind,
        at=AT,
        from_condition=step.from_condition,
        alarm=alarm,
    )


def test_alarms_are_known_while_they_are_open():
    raised = transition(1, Condition.FAULT)
    mirror = mirror_after(AlarmsChanged(transitions=(raised,)))
    assert mirror.alarms == {"rule:1": raised.alarm}
    assert mirror.alarm_cursor == 1
    changed = transition(2, Condition.FAULT, Condition.OFFNORMAL)
    over = transition(3, Condition.FAULT, Condition.NORMAL)
    both = NumberedEvent(number=9, event=AlarmsChanged(transitions=(changed, over)))
    assert mirror.apply(both)
    assert mirror.alarms == {}
    assert mirror.alarm_cursor == 3


def test_flood_and_maintenance_are_followed():
    flood = AlarmFlood(since=AT, alarms=30)
    maintenance = Maintenance(subject="n:1", since=AT)
    mirror = mirror_after(
        AlarmFloodChanged(flood=flood), MaintenanceChanged(maintenance=(maintenance,))
    )
    assert (mirror.flood, mirror.maintenance) == (flood, (maintenance,))


def test_removed_network_is_forgotten_once_or_twice():
    gone = NetworkRemoved(network_id="n")
    assert mirror_after(gone, gone).networks == {}


def test_secure_networks_and_hubs_are_followed():
    network = SecureNetworkStatus(network_id="s", since=AT)
    hub = SecureHubStatus(hub_id="h", listening=True, since=AT)
    came = (SecureNetworkChanged(status=network), SecureHubChanged(status=hub))
    mirror = mirror_after(*came)
    assert mirror.secure_networks == {"s": network}
    assert mirror.secure_hubs == {"h": hub}
    gone = (SecureNetworkRemoved(network_id="s"), SecureHubRemoved(hub_id="h"))
    mirror = mirror_after(*came, *gone, *gone)
    assert (mirror.secure_networks, mirror.secure_hubs) == ({}, {})


def test_a_second_snapshot_tells_what_became_of_secure_networks_and_hubs():
    network = SecureNetworkStatus(network_id="s", since=AT)
    hub = SecureHubStatus(hub_id="h", listening=True, since=AT)
    mirror = mirror_after()
    later = replace(SNAPSHOT, cursor=20, secure_networks=(network,), secure_hubs=(hub,))
    assert mirror.take(later) == (
        SecureNetworkChanged(status=network),
        SecureHubChanged(status=hub),
    )
    assert mirror.take(replace(later, secure_networks=(), secure_hubs=())) == (
        SecureNetworkRemoved(network_id="s"),
        SecureHubRemoved(hub_id="h"),
    )


def test_event_that_changes_no_state_only_moves_the_cursor():
    found = FoundDevice(network_id="n", instance=9, address="127.0.0.9")
    mirror = mirror_after(DeviceSeen(found=found))
    assert mirror.cursor == 8
    assert "n:9" not in mirror.devices


devices = st.sampled_from(["n:1", "n:2"])
definitions = st.tuples(
    devices, st.sets(st.integers(1, 4)), st.sampled_from(["", "percent"])
)
readings = st.tuples(
    devices, st.integers(1, 4), st.sampled_from([1.0, 2.0, float("nan"), None])
)


def made(device_id: str, number: int, unit: str = "") -> Point:
    return point(f"analog-value,{number}", device_id, unit=unit)


def texts(known: dict[str, Reading]) -> dict[str, str]:
    return {point_id: repr(each) for point_id, each in known.items()}


@given(st.lists(st.one_of(definitions, readings, devices), max_size=20))
def test_mirror_is_what_the_register_is_after_any_changes(changes: list[object]):
    bus = EventBus()
    points, mirror = Points(bus), Mirror()
    bus.listen(mirror.apply)
    for change in changes:
        match change:
            case (str(device_id), set(numbers), str(unit)):
                points.define(
                    device_id, [made(device_id, n, unit) for n in sorted(numbers)]
                )
            case (str(device_id), int(number), value):
                point_id = made(device_id, number).point_id
                points.update([(point_id, reading(value))])
            case str(device_id):
                points.forget_device(device_id)
                bus.publish(DeviceRemoved(device_id=device_id))
    assert mirror.points == {each.point_id: each for each in points.all()}
    assert texts(mirror.readings) == texts(dict(points.readings()))


names = st.sampled_from(["", "one", "two"])
worlds = st.fixed_dictionaries(
    {
        "devices": st.dictionaries(devices, names),
        "points": st.dictionaries(st.tuples(devices, st.integers(1, 3)), names),
        "networks": st.dictionaries(st.sampled_from("nm"), st.sampled_from(Health)),
        "problems": st.sets(st.sampled_from(ProblemCode), max_size=2),
        "value": st.sampled_from([1.0, 2.0]),
    }
)


def snapshot_of(world: dict[str, Any], cursor: int) -> Snapshot:
    points = tuple(
        point(f"analog-value,{number}", device_id, name=name)
        for (device_id, number), name in world["points"].items()
        if device_id in world["devices"]
    )
    return Snapshot(
        cursor=cursor,
        networks=tuple(
            NetworkStatus(network_id=key, health=health, since=AT)
            for key, health in world["networks"].items()
        ),
        devices=tuple(device(key, name=name) for key, name in world["devices"].items()),
        statuses=tuple(
            DeviceStatus(device_id=key, online=name != "", since=AT)
            for key, name in world["devices"].items()
        ),
        points=points,
        readings=tuple((p.point_id, reading(world["value"])) for p in points),
        problems=tuple(
            Problem(code=code, subject="n") for code in sorted(world["problems"])
        ),
    )


@given(worlds, worlds)
def test_what_a_second_snapshot_changed_leads_from_the_first_to_it(
    first: dict[str, Any], second: dict[str, Any]
):
    leaping, walking = Mirror(), Mirror()
    for mirror in (leaping, walking):
        mirror.take(snapshot_of(first, 0))
    changes = leaping.take(snapshot_of(second, 100))
    for number, event in enumerate(changes, 1):
        walking.apply(NumberedEvent(number=number, event=event))
    walking.cursor = 100
    assert vars(walking) == vars(leaping)
    assert not leaping.take(snapshot_of(second, 101))


def test_what_became_of_alarms_in_a_gap_is_there_and_listeners_are_told_to_look():
    raised = transition(5, Condition.FAULT)
    maintenance = (Maintenance(subject="n:1", since=AT),)
    flood = AlarmFlood(since=AT, alarms=30)
    mirror = mirror_after()
    later = replace(
        SNAPSHOT,
        cursor=99,
        alarms=(raised.alarm,),
        alarm_cursor=5,
        maintenance=maintenance,
        flood=flood,
    )
    assert mirror.take(later) == (
        MaintenanceChanged(maintenance=maintenance),
        AlarmFloodChanged(flood=flood),
        AlarmsChanged(transitions=()),
    )
    assert (mirror.alarms, mirror.alarm_cursor) == ({"rule:1": raised.alarm}, 5)
    assert mirror.take(replace(later, cursor=100)) == ()
