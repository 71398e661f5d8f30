"""How much is measured for how long: the full bench, a quick one, one for its own test."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Counts of what is simulated and seconds of each measurement.

    rates: changes a second. entity_devices: how many devices with points points each
    Home Assistant has; 0 first, to compare with. poll_seconds: of site and entities.
    alarms, alarm_flood: how many are raised, at so many a second. snapshot_devices: of
    which a snapshot is taken. server_rates: changes a second on both wires.
    gateway_objects: of our own device, each changed gateway_rounds times. event_count:
    at once, from event_stores; event_rates: a second, for event_seconds. restart_objects: of a server that
    is killed restart_rounds times, when it had restart_settle_seconds to save them. pause_seconds:
    in which what is under way may come. secure_messages: through a hub with secure_nodes,
    which is killed secure_kills times. warm: workers begin with everything imported.
    """

    name: str
    devices: int = 1000
    points: int = 10
    large: int = 4
    large_points: int = 1000
    reading_seconds: float = 4.0
    poll_seconds: float = 30.0
    site_seconds: float = 60.0
    fast_poll_seconds: float = 1.0
    fast_seconds: float = 10.0
    cov_devices: int = 20
    cov_seconds: float = 10.0
    cov_rates: tuple[int, ...] = (10, 200)
    flood_rate: int = 1000
    entity_devices: tuple[int, ...] = (0, 100, 500)
    entity_settle_seconds: float = 10.0
    entity_seconds: float = 30.0
    modbus_poll_seconds: int = 10
    alarm_devices: int = 20
    alarms: int = 100
    alarm_rate: float = 10.0
    alarm_flood: int = 10_000
    alarm_flood_rate: float = 1000.0
    snapshot_devices: int = 500
    server_rates: tuple[int, ...] = (10, 200, 1000)
    gateway_objects: int = 1000
    gateway_rounds: int = 10
    event_stores: tuple[str, ...] = ("log", "kurrentdb")
    event_count: int = 30_000
    event_rates: tuple[int, ...] = (100, 1000, 5000)
    event_seconds: float = 5.0
    restart_store: str = "log"
    restart_objects: int = 10_000
    restart_settle_seconds: float = 3.0
    restart_rounds: int = 3
    pause_seconds: float = 1.0
    secure_nodes: int = 100
    secure_messages: int = 50_000
    secure_kills: int = 5
    warm: bool = False


FULL = Size(name="full")
QUICK = Size(
    name="quick",
    reading_seconds=1.0,
    poll_seconds=5.0,
    site_seconds=5.0,
    fast_seconds=3.0,
    cov_seconds=2.0,
    entity_devices=(0, 100),
    entity_settle_seconds=1.0,
    entity_seconds=5.0,
    modbus_poll_seconds=5,
    alarms=40,
    alarm_rate=20.0,
    alarm_flood=3000,
    server_rates=(200,),
    gateway_rounds=3,
    secure_messages=10_000,
    secure_kills=1,
    event_count=5000,
    event_seconds=3.0,
    restart_rounds=1,
)
TINY = Size(
    name="tiny",
    devices=3,
    large=1,
    large_points=50,
    reading_seconds=0.1,
    poll_seconds=1.0,
    site_seconds=1.2,
    fast_seconds=1.2,
    cov_devices=1,
    cov_seconds=0.3,
    cov_rates=(50,),
    flood_rate=100,
    entity_devices=(0, 1),
    entity_settle_seconds=0.0,
    entity_seconds=1.0,
    modbus_poll_seconds=1,
    alarm_devices=2,
    alarms=10,
    alarm_rate=50.0,
    alarm_flood=400,
    snapshot_devices=3,
    server_rates=(50,),
    gateway_objects=50,
    gateway_rounds=2,
    event_stores=("log",),
    event_count=200,
    event_rates=(100,),
    event_seconds=0.5,
    restart_store="kurrentdb",
    restart_objects=100,
    restart_settle_seconds=0.5,
    restart_rounds=1,
    pause_seconds=0.3,
    secure_nodes=10,
    secure_messages=200,
    secure_kills=1,
    warm=True,
)
