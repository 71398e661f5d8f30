"""What clients write: priorities, limits, refusals, and each command taken once."""

import asyncio

import pytest
from bac_py.client import Client
from bacpypes3.apdu import ErrorRejectAbortNack
from rusty_bacnet import ObjectIdentifier, ObjectType, PropertyIdentifier, PropertyValue

from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalCommand,
    LocalDefinition,
    ObjectKey,
)
from custom_components.plantroom.engine.errors import StorageError
from custom_components.plantroom.engine.models import StatusFlags
from tests.peers.rusty_client import RustyClient
from tests.simulators.station import station

from ..waiting import until
from .serving import DEFINITIONS, MODE, PUMP, RELEASE, SETPOINT, TEMPERATURE, VALVE

WRITE, WRITE_MULTIPLE = 15, 16
ACK, MULTIPLE_ACK = b"\x20\x07\x0f", b"\x20\x07\x10"
AI_1 = b"\x0c\x00\x00\x00\x01"
AO_2 = b"\x0c\x00\x40\x00\x02"
BO_5 = b"\x0c\x01\x00\x00\x05"
MO_8 = b"\x0c\x03\x80\x00\x08"
BV_6 = b"\x0c\x01\x40\x00\x06"
DEVICE = b"\x0c\x02\x3f\xfe\xd0"
ABSENT = b"\x0c\x00\x40\x00\x63"
VALUE = b"\x19\x55"
REAL_33 = b"\x3e\x44\x42\x04\x00\x00\x3f"
REAL_200 = b"\x3e\x44\x43\x48\x00\x00\x3f"
NAN = b"\x3e\x44\x7f\xc0\x00\x00\x3f"
NULL = b"\x3e\x00\x3f"
AT_8 = b"\x49\x08"


def error(error_class: int, code: int) -> bytes:
    return bytes((0x50, 7, WRITE, 0x91, error_class, 0x91, code))


async def test_a_value_goes_into_its_slot_and_comes_out_again(raw, served):
    assert await raw.exchange(WRITE, AO_2 + VALUE + REAL_33 + AT_8) == ACK
    state = served.objects.state(VALVE)
    assert (state.value, state.slots[7]) == (33.0, 33.0)
    assert await raw.exchange(WRITE, AO_2 + VALUE + NULL + AT_8) == ACK
    state = served.objects.state(VALVE)
    assert (state.value, state.slots[7]) == (10.0, None)


async def test_without_a_priority_it_is_the_lowest(raw, served):
    assert await raw.exchange(WRITE, AO_2 + VALUE + REAL_33) == ACK
    assert served.objects.state(VALVE).slots[15] == 33.0


async def test_the_strongest_slot_is_shown(raw, served):
    served.objects.show(VALVE, value=77.0, priority=5)
    assert await raw.exchange(WRITE, AO_2 + VALUE + REAL_33 + AT_8) == ACK
    assert served.objects.state(VALVE).value == 77.0


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (ABSENT + VALUE + REAL_33, error(1, 31)),
        (AO_2 + b"\x1a\x02\x00" + REAL_33, error(2, 32)),
        (AO_2 + b"\x19\x4d" + b"\x3e\x75\x03\x00ab\x3f", error(2, 40)),
        (AO_2 + b"\x19\x57" + b"\x29\x08" + REAL_33, error(2, 40)),
        (AO_2 + VALUE + b"\x29\x01" + REAL_33, error(2, 50)),
        (AO_2 + VALUE + REAL_200, error(2, 37)),
        (AO_2 + VALUE + NAN, error(2, 37)),
        (AO_2 + VALUE + b"\x3e\x21\x05\x3f", error(2, 9)),
        (AO_2 + VALUE + b"\x3e\x55\x08" + bytes(8) + b"\x3f", error(2, 9)),
        (AO_2 + VALUE + b"\x3e\x3f", error(2, 9)),
        (AO_2 + VALUE + b"\x3e\x00\x00\x3f", error(2, 9)),
        (AO_2 + VALUE + b"\x3e\x1e\x1f\x3f", error(2, 9)),
        (AO_2 + VALUE + REAL_33 + b"\x49\x06", error(2, 40)),
        (BO_5 + VALUE + b"\x3e\x91\x02\x3f", error(2, 37)),
        (BO_5 + VALUE + b"\x3e\x11\x3f", error(2, 9)),
        (MO_8 + VALUE + b"\x3e\x21\x00\x3f", error(2, 37)),
        (MO_8 + VALUE + b"\x3e\x21\x03\x3f", error(2, 37)),
        (MO_8 + VALUE + b"\x3e\x31\x01\x3f", error(2, 9)),
        (AI_1 + VALUE + REAL_33, error(2, 40)),
        (BV_6 + VALUE + b"\x3e\x91\x01\x3f", error(2, 40)),
        (DEVICE + b"\x19\x4d" + b"\x3e\x75\x03\x00ab\x3f", error(2, 40)),
        (DEVICE + VALUE + REAL_33, error(2, 32)),
        (AO_2 + VALUE + REAL_33 + b"\x49\x00", b"\x60\x07\x06"),
        (AO_2 + VALUE + REAL_33 + b"\x49\x11", b"\x60\x07\x06"),
        (AO_2 + VALUE, b"\x60\x07\x05"),
        (AO_2, b"\x60\x07\x05"),
        (b"", b"\x60\x07\x05"),
        (AO_2 + VALUE + REAL_33[:-1], b"\x60\x07\x04"),
    ],
)
async def test_what_cannot_be_written_is_refused_and_changes_nothing(
    raw, served, body, answer
):
    before = {key: served.objects.state(key) for key in DEFINITIONS}
    assert await raw.exchange(WRITE, body) == answer
    assert {key: served.objects.state(key) for key in before} == before


async def test_an_input_out_of_service_takes_a_value_to_try(raw, served):
    flags = StatusFlags(out_of_service=True)
    served.objects.show(TEMPERATURE, value=None, flags=flags)
    assert await raw.exchange(WRITE, AI_1 + VALUE + REAL_33) == ACK
    assert served.objects.state(TEMPERATURE).value == 33.0


async def test_each_kind_takes_its_own_type(raw, served):
    assert await raw.exchange(WRITE, BO_5 + VALUE + b"\x3e\x91\x01\x3f") == ACK
    assert await raw.exchange(WRITE, MO_8 + VALUE + b"\x3e\x21\x02\x3f") == ACK
    assert served.objects.state(PUMP).value is True
    assert served.objects.state(MODE).value == 2


async def test_a_command_is_heard_before_its_client_has_its_answer(raw, served):
    heard: list[LocalCommand] = []
    kept = asyncio.Event()

    async def listen(command: LocalCommand) -> None:
        heard.append(command)
        await kept.wait()

    served.objects.listen_commands(listen)
    raw.ask(bytes((0, 5, 7, WRITE)) + AO_2 + VALUE + REAL_33 + AT_8)
    await until(lambda: heard)
    assert raw.heard.empty()
    assert served.objects.state(VALVE).value == 10.0
    kept.set()
    assert await raw.answer() == ACK
    (command,) = heard
    assert (command.key, command.value, command.priority) == (VALVE, 33.0, 8)
    assert command.source.startswith("127.0.12.9:")


async def test_a_command_that_cannot_be_kept_fails_and_changes_nothing(raw, served):
    async def listen(command: LocalCommand) -> None:
        raise StorageError("The disk is full")

    served.objects.listen_commands(listen)
    assert await raw.exchange(WRITE, AO_2 + VALUE + REAL_33) == error(0, 25)
    assert served.objects.state(VALVE).value == 10.0


async def test_a_repeated_request_is_answered_again_and_obeyed_once(raw, served):
    heard: list[LocalCommand] = []
    kept = asyncio.Event()

    async def listen(command: LocalCommand) -> None:
        heard.append(command)
        await kept.wait()

    served.objects.listen_commands(listen)
    apdu = bytes((0, 5, 7, WRITE)) + AO_2 + VALUE + REAL_33 + AT_8
    for _ in range(3):
        raw.ask(apdu)
    await until(lambda: heard)
    kept.set()
    assert await raw.answer() == ACK
    raw.ask(apdu)
    assert await raw.answer() == ACK
    assert len(heard) == 1


async def test_a_repeat_of_what_is_not_so_any_more_is_obeyed(raw, served):
    apdu = bytes((0, 5, 7, WRITE)) + AO_2 + VALUE + REAL_33 + AT_8
    raw.ask(apdu)
    assert await raw.answer() == ACK
    served.objects.show(VALVE, value=None, priority=8)
    raw.ask(apdu)
    assert await raw.answer() == ACK
    assert served.objects.state(VALVE).value == 33.0


async def test_many_are_written_in_order_until_the_first_that_fails(raw, served):
    good = b"\x09\x55\x2e\x44\x42\x04\x00\x00\x2f\x39\x08"
    bad = b"\x09\x55\x2e\x44\x43\x48\x00\x00\x2f"
    pump = BO_5 + b"\x1e\x09\x55\x2e\x91\x01\x2f\x1f"
    body = AO_2 + b"\x1e" + good + bad + b"\x1f" + pump
    found = await raw.exchange(WRITE_MULTIPLE, body)
    first = b"\x1e" + AO_2 + b"\x19\x55\x1f"
    assert found == b"\x50\x07\x10\x0e\x91\x02\x91\x25\x0f" + first
    assert served.objects.state(VALVE).value == 33.0
    assert served.objects.state(PUMP).value is False


@pytest.mark.parametrize(
    "body", [b"", AO_2, AO_2 + b"\x1e\x1f", AO_2 + b"\x1e\x2e\x00\x2f\x1f"]
)
async def test_many_writes_that_make_no_sense_are_rejected_as_a_whole(raw, body):
    assert (await raw.exchange(WRITE_MULTIPLE, body))[0] == 0x60


async def test_bac_py_writes_many_at_a_priority(client: Client, served):
    await client.write_multiple(
        served.address,
        {
            "ao,2": {"present-value": 42.0},
            "av,3": {"present-value": 23.5},
        },
        priority=9,
    )
    assert served.objects.state(VALVE).slots[8] == 42.0
    assert served.objects.state(SETPOINT).slots[8] == 23.5


async def test_rusty_bacnet_writes_and_releases(served):
    valve = ObjectIdentifier(ObjectType.ANALOG_OUTPUT, 2)
    async with RustyClient(port=served.port, host="127.0.12.5") as peer:
        await peer.raw.write_property(
            served.address,
            valve,
            PropertyIdentifier.PRESENT_VALUE,
            PropertyValue.real(61.0),
            priority=3,
        )
        opinion = await peer.read_opinion(served.address, "analog-output,2")
        assert (opinion.present_value, opinion.winning_priority) == (61.0, 3)
        await peer.raw.write_property(
            served.address,
            valve,
            PropertyIdentifier.PRESENT_VALUE,
            PropertyValue.null(),
            priority=3,
        )
        opinion = await peer.read_opinion(served.address, "analog-output,2")
    assert (opinion.present_value, opinion.winning_priority) == (10.0, None)


async def test_bacpypes3_writes_and_hears_why_not(served):
    async with station(served.port, host="127.0.12.4") as app, asyncio.timeout(30):
        await app.write_property(
            served.address, "multi-state-output,8", "present-value", 2, None, 4
        )
        with pytest.raises(ErrorRejectAbortNack, match="value-out-of-range"):
            await app.write_property(
                served.address, "analog-output,2", "present-value", 500.0, None, 4
            )
    assert served.objects.state(MODE).slots[3] == 2


async def test_an_object_that_is_given_priorities_can_be_written(raw, served):
    definition = LocalDefinition(key=RELEASE, name="Release", commandable=True)
    served.objects.define(definition, None)
    body = BV_6 + VALUE + b"\x3e\x91\x01\x3f" + AT_8
    assert await raw.exchange(WRITE, body) == ACK
    assert served.objects.state(ObjectKey(*RELEASE)).value is True
