"""What is published is kept once: over restarts of broker and server, and a kill."""

import asyncio
import json
from uuid import uuid4

import pytest
from aiomqtt import Client, ProtocolVersion
from plantroom_server.gateway_errors import EventSourceError
from plantroom_server.inlets import broker_client, mqtt_inlet
from plantroom_server.inlets.intake import Outcome, Way

from custom_components.plantroom.engine.events import SubscriptionChanged
from custom_components.plantroom.engine.gateway.configuration import (
    MqttInletConfig,
    SubscriptionConfig,
)
from custom_components.plantroom.engine.site_config import SiteConfig
from tests.peers.mosquitto import Mosquitto
from tests.ports import free_port
from tests.server.gateway.following_bench import SUPPLY, defined, subscription, told
from tests.site import until

from .senders import fed_server, kept, log_of, plain, sent, site_with

TOPIC = "site/north"
WAIT_SECONDS = 60.0
CONNACK = b"\x20\x03\x00\x00\x00"


@pytest.fixture(autouse=True)
def try_again_at_once(monkeypatch):
    monkeypatch.setattr(mqtt_inlet, "backoff_seconds", lambda *_a, **_k: 0.05)
    monkeypatch.setattr(mqtt_inlet, "AGAIN_SECONDS", 0.05)


@pytest.fixture
async def broker(tmp_path):
    async with Mosquitto(tmp_path / "broker") as running:
        yield running


def inlet(
    broker: Mosquitto,
    *subscriptions: SubscriptionConfig,
    network: int = 0,
    **changes: object,
) -> SiteConfig:
    """Return a site with the broker's topic; network: port of a BACnet network."""
    wanted = {
        "host": "127.0.0.1",
        "port": broker.port,
        "topic": "site/#",
        "client_id": "plantroom",
        "tls": False,
    }
    mqtt = MqttInletConfig(**{**wanted, **changes})
    return site_with(*subscriptions, port=network, mqtt=mqtt)


async def come(server) -> None:
    await until(lambda: server.engine.inlets.mqtt.connected, WAIT_SECONDS)


async def numbers(server, count: int) -> list[int]:
    """Return what is in the log once so many events are."""

    def taken() -> int:
        return server.engine.inlets.counts[Way.MQTT, Outcome.TAKEN]

    await until(lambda: taken() >= count, WAIT_SECONDS)
    return [each["number"] for each in await kept(server)]


async def test_messages_are_kept_in_order_single_and_in_batches(tmp_path, broker):
    async with fed_server(tmp_path, inlet(broker)) as server:
        await come(server)
        await broker.publish(TOPIC, plain(0), [plain(1), plain(2)], plain(3))
        assert await numbers(server, 4) == [0, 1, 2, 3]


async def test_messages_alike_are_one_event_and_ids_tell_apart(tmp_path, broker):
    event = plain(1, id=str(uuid4()))
    async with fed_server(tmp_path, inlet(broker)) as server:
        await come(server)
        await broker.publish(TOPIC, plain(0), plain(0), event, event)
        await broker.publish("site/south", plain(0))
        await broker.publish(TOPIC, plain(1, id=str(uuid4())))
        assert await numbers(server, 4) == [0, 1, 0, 1]


async def test_a_retained_message_is_kept_once_over_restarts(tmp_path, broker):
    await broker.publish(TOPIC, plain(0), retain=True)
    for client_id in ("one", "two"):
        site = inlet(broker, client_id=client_id)
        async with fed_server(tmp_path, site) as server:
            counts = server.engine.inlets.counts
            await until(lambda counts=counts: counts.total() == 1, WAIT_SECONDS)
            assert [each["number"] for each in await kept(server)] == [0]


async def test_the_broker_keeps_what_comes_while_the_server_is_away(tmp_path, broker):
    async with fed_server(tmp_path, inlet(broker)) as server:
        await come(server)
    await broker.publish(TOPIC, *map(plain, range(200)))
    async with fed_server(tmp_path, inlet(broker)) as server:
        assert await numbers(server, 200) == [*range(200)]


async def test_nothing_is_lost_or_doubled_when_the_broker_restarts(tmp_path, broker):
    async with fed_server(tmp_path, inlet(broker)) as server:
        await come(server)
        await broker.publish(TOPIC, plain(0))
        await numbers(server, 1)
        await broker.stop()
        await until(lambda: not server.engine.inlets.mqtt.connected, WAIT_SECONDS)
        await broker.start()
        await broker.publish(TOPIC, plain(1))
        assert await numbers(server, 2) == [0, 1]


async def test_a_hung_broker_is_noticed_and_left(tmp_path, broker, monkeypatch, caplog):
    monkeypatch.setattr(broker_client, "KEEPALIVE_SECONDS", 1)
    async with fed_server(tmp_path, inlet(broker)) as server:
        await come(server)
        broker.hang()
        # A busy machine may have lost it before
        caplog.clear()
        await until(lambda: not server.engine.inlets.mqtt.connected, WAIT_SECONDS)
        broker.go_on()
        await come(server)
        lines = [r for r in caplog.records if "No events come" in r.message]
        await broker.publish(TOPIC, plain(0))
        assert await numbers(server, 1) == [0]
    assert len(lines) <= 2


async def test_a_message_stays_with_the_broker_until_it_is_on_disk(
    tmp_path, broker, monkeypatch
):
    async with fed_server(tmp_path, inlet(broker)) as server:
        await come(server)

        async def refuse(_arrivals):
            raise EventSourceError("no disk")

        monkeypatch.setattr(log_of(server), "keep", refuse)
        await broker.publish(TOPIC, *map(plain, range(100)))
        counts = server.engine.inlets.counts
        await until(lambda: counts[Way.MQTT, Outcome.TURNED_AWAY] > 1, WAIT_SECONDS)
        assert await kept(server) == []
    monkeypatch.undo()
    async with fed_server(tmp_path, inlet(broker)) as server:
        assert await numbers(server, 100) == [*range(100)]


async def test_back_pressure_holds_messages_back_and_loses_none(
    tmp_path, broker, monkeypatch
):
    async with fed_server(tmp_path, inlet(broker)) as server:
        await come(server)
        held = log_of(server)

        async def full(_arrivals):
            raise EventSourceError("full", reason="full")

        with monkeypatch.context() as while_full:
            while_full.setattr(held, "keep", full)
            await broker.publish(TOPIC, *map(plain, range(300)))
            counts = server.engine.inlets.counts
            await until(lambda: counts[Way.MQTT, Outcome.TURNED_AWAY] > 1, WAIT_SECONDS)
        assert await numbers(server, 300) == [*range(300)]
        assert server.engine.inlets.mqtt.connected


async def test_what_is_no_event_is_passed_by_and_told(tmp_path, broker, caplog):
    async with fed_server(tmp_path, inlet(broker)) as server:
        await come(server)
        hostile = (b"\xff\x00", b"[" * 100_000, b"{}", b"null", b"9" * 9999)
        await broker.publish(TOPIC, plain(0), *hostile, plain(1))
        assert await numbers(server, 2) == [0, 1]
        assert server.engine.inlets.counts[Way.MQTT, Outcome.REFUSED] == len(hostile)
    told_lines = [r.message for r in caplog.records if "refused" in r.message]
    assert len(told_lines) == 1
    assert "site/north" in told_lines[0]


async def test_a_message_that_says_nonsense_is_left_to_the_subscription(
    tmp_path, broker
):
    nonsense = plain(0) | {"type": "ValueUpdate"}
    async with fed_server(tmp_path, inlet(broker)) as server:
        await come(server)
        await broker.publish(TOPIC, nonsense)
        assert await numbers(server, 1) == [0]


async def test_another_event_under_a_known_id_leaves_the_rest_alone(tmp_path, broker):
    name = str(uuid4())
    async with fed_server(tmp_path, inlet(broker)) as server:
        await come(server)
        await broker.publish(TOPIC, plain(0, id=name), plain(1, id=name), plain(2))
        assert await numbers(server, 2) == [0, 2]
        assert server.engine.inlets.counts[Way.MQTT, Outcome.REFUSED] == 1


async def test_what_a_session_remembers_beyond_the_topic_is_passed_by(tmp_path, broker):
    async with fed_server(tmp_path, inlet(broker)) as server:
        await come(server)
    await broker.publish(TOPIC, plain(0))
    await broker.publish("site/south", plain(1))
    async with fed_server(tmp_path, inlet(broker, topic="site/south")) as server:
        assert await numbers(server, 1) == [1]


async def test_a_broker_keeps_nothing_of_a_topic_that_is_given_up(tmp_path, broker):
    async with fed_server(tmp_path, inlet(broker)) as server:
        await come(server)
        await server.engine._engine.call("configure", site_with())
    await broker.publish(TOPIC, plain(0))
    session = Client(
        "127.0.0.1",
        broker.port,
        identifier="plantroom",
        protocol=ProtocolVersion.V5,
        clean_start=False,
    )
    async with session, asyncio.timeout(WAIT_SECONDS):
        await session.subscribe("marker", qos=1)
        await broker.publish("marker", plain(1))
        assert str((await anext(session.messages)).topic) == "marker"


async def test_tls_and_a_password_let_in(tmp_path):
    async with Mosquitto(tmp_path / "b", tls=True, password="secret") as broker:
        site = inlet(
            broker,
            tls=True,
            root_certificates=broker.root_certificates,
            user="plantroom",
            password="secret",
        )
        async with fed_server(tmp_path, site) as server:
            await come(server)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "wrong"}, "user is not let in by the broker, or the password"),
        ({"user": "", "password": ""}, "user is not let in by the broker"),
        ({"root_certificates": ""}, "root_certificates do not vouch for the broker"),
        ({"root_certificates": "PEM"}, "root_certificates are not certificates in PEM"),
    ],
)
async def test_what_the_broker_refuses_is_told_once_by_option(
    tmp_path, changes, said, caplog
):
    async with Mosquitto(tmp_path / "b", tls=True, password="secret") as broker:
        given = {
            "tls": True,
            "root_certificates": broker.root_certificates,
            "user": "plantroom",
            "password": "secret",
        }
        async with fed_server(
            tmp_path, inlet(broker, **{**given, **changes})
        ) as server:
            mqtt = server.engine.inlets.mqtt
            await until(lambda: said in mqtt.problem, WAIT_SECONDS)
    assert len([r for r in caplog.records if said in r.message]) == 1
    assert "wrong" not in caplog.text.replace("is wrong", "")


async def test_subscriptions_of_the_store_show_what_is_wrong_with_its_way_in(
    tmp_path, broker
):
    await broker.stop()
    site = inlet(broker, subscription(network_id="n"), network=free_port())
    async with fed_server(tmp_path, site) as server:
        shown = []

        def note(numbered):
            if isinstance(numbered.event, SubscriptionChanged):
                shown.append(numbered.event.status.inlet_problem)

        server.engine.listen(note)
        await until(lambda: any(shown), WAIT_SECONDS)
        gateway = server.engine._engine._gatekeeping
        assert gateway.statuses[0].inlet_problem == shown[-1]
        await broker.start()
        await until(lambda: not shown[-1], WAIT_SECONDS)
        assert gateway.statuses[0].inlet_problem == ""


async def test_tls_at_a_port_without_is_told(tmp_path, broker):
    async with fed_server(tmp_path, inlet(broker, tls=True)) as server:
        mqtt = server.engine.inlets.mqtt
        await until(lambda: "without TLS" in mqtt.problem, WAIT_SECONDS)


async def test_no_tls_at_a_port_with_it_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(broker_client, "ANSWER_SECONDS", 0.5)
    async with (
        Mosquitto(tmp_path / "b", tls=True) as broker,
        fed_server(tmp_path, inlet(broker)) as server,
    ):
        mqtt = server.engine.inlets.mqtt
        await until(lambda: "wants TLS" in mqtt.problem, WAIT_SECONDS)


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff" * 4096, id="no MQTT"),
        pytest.param(b"\x20\xff\xff\xff\x7f", id="endless"),
        pytest.param(CONNACK + b"\x32\x06\x00\x02\xff\xff\x00\x01", id="no text"),
        pytest.param(CONNACK + b"\x90\x00", id="empty SUBACK"),
        pytest.param(b"\x20\x03\x00\x87\x00", id="refused"),
    ],
)
async def test_octets_that_are_no_broker_do_no_harm(
    tmp_path, broker, monkeypatch, octets
):
    monkeypatch.setattr(broker_client, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(mqtt_inlet, "REFUSED_SECONDS", 0.05)

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if await reader.read(100):
            writer.write(octets)
            await writer.drain()
        writer.close()

    posing = await asyncio.start_server(answer, "127.0.0.1", 0)
    site = inlet(broker, port=posing.sockets[0].getsockname()[1])
    async with posing, fed_server(tmp_path, site) as server:
        mqtt = server.engine.inlets.mqtt
        await until(lambda: mqtt.problem, WAIT_SECONDS)
        assert not mqtt._task.done()


async def test_what_is_published_becomes_an_object(tmp_path, broker):
    site = inlet(broker, subscription(network_id="n"), network=free_port())
    async with fed_server(tmp_path, site) as server:
        await come(server)
        events = [sent(defined(SUPPLY, "Supply")), sent(told(SUPPLY, 19.5))]
        await broker.publish(TOPIC, events)
        objects = server.engine._engine._gatekeeping.objects_of("n")
        await until(lambda: (s := objects.state(SUPPLY)) and s.value == 19.5)
        wrong = sent(told(SUPPLY, 20.0))
        wrong["data"]["payload"]["presentValue"] = "warm"
        await broker.publish(TOPIC, wrong)
        gateway = server.engine._engine._gatekeeping
        await until(lambda: gateway.statuses[0].parked == 1, WAIT_SECONDS)
        (parked,) = await gateway.parked("north")
        assert parked.reason.startswith("invalid-field")
        assert json.loads(parked.data) == wrong["data"]
