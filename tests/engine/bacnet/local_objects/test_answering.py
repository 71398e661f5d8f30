"""Hostile frames do no harm, and a device that is another's says nothing."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.plantroom.engine.bacnet.local_objects.device_object import (
    DeviceIdentity,
)
from custom_components.plantroom.engine.bacnet.local_objects.models import LocalCommand
from custom_components.plantroom.engine.bacnet.local_objects.own_device import OwnDevice

from ..waiting import until
from .serving import CONTACT, INSTANCE, NAME, PUMP, all_objects

AI_1 = b"\x0c\x00\x00\x00\x01"
READ = bytes((0, 5, 7, 12)) + AI_1 + b"\x19\x55"
READ_MANY = bytes((0, 5, 7, 14)) + AI_1 + b"\x1e\x09\x55\x09\x08\x1f"
WRITE = bytes((0, 5, 7, 15)) + b"\x0c\x01\x00\x00\x05\x19\x55\x3e\x91\x01\x3f"
SUBSCRIBE = bytes((0, 5, 7, 5)) + b"\x09\x01\x1c\x00\xc0\x00\x04\x29\x00\x39\x00"
SEGMENT = bytes((0x0C, 5, 7, 0, 4, 14)) + AI_1
WHO_IS = b"\x10\x08"
WHO_HAS = b"\x10\x07\x3d\x05\x00Pump"
QUESTIONS = [READ, READ_MANY, WRITE, SUBSCRIBE, SEGMENT, WHO_IS, WHO_HAS]
SENDER = ("127.0.0.9", 47808)


class NoRequests:
    """Takes confirmed notifications and never has an answer."""

    def submit(self, *_: Any) -> asyncio.Future[bytes]:
        return asyncio.get_running_loop().create_future()


class NoBroadcaster:
    may_segment = True

    def announce(self) -> None:
        """Say nothing."""


def framed(apdu: bytes) -> bytes:
    return b"\x81\x0a" + (6 + len(apdu)).to_bytes(2) + b"\x01\x04" + apdu


async def fed(frames: list[bytes]) -> list[bytes]:
    """Feed frames to a device and return what it sent; it must still answer."""
    sent: list[bytes] = []
    device = OwnDevice(DeviceIdentity(instance=INSTANCE, name=NAME), all_objects())
    device.start()
    device.open(lambda data, _: sent.append(data), NoRequests(), NoBroadcaster())
    try:
        for frame in frames:
            device.take(frame, SENDER)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        answers = len(sent)
        assert device.take(framed(READ), SENDER)
        assert len(sent) == answers + 1
    finally:
        await device.stop()
    return sent[:-1]


services = st.sampled_from([5, 12, 14, 15, 16, 38, 7, 8, 99])
mutated = st.builds(
    lambda whole, at, octet: (
        whole[: at % len(whole)] + octet + whole[at % len(whole) + 1 :]
    ),
    st.sampled_from(QUESTIONS),
    st.integers(0, 60),
    st.binary(max_size=3),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(mutated, max_size=6))
def test_frames_that_are_almost_right_do_no_harm(apdus):
    asyncio.run(fed([framed(apdu) for apdu in apdus]))


@settings(max_examples=300, deadline=None)
@given(services, st.binary(max_size=80))
def test_any_parameters_of_a_service_have_an_answer(service, body):
    sent = asyncio.run(fed([framed(bytes((0, 5, 7, service)) + body)]))
    assert sent
    assert sent[0][6] & 0xF0 in {0x20, 0x30, 0x50, 0x60, 0x70}
    assert len(sent[0]) <= 1476 + 6


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80))
def test_any_datagram_does_no_harm(data):
    asyncio.run(fed([data, b"\x81\x0a" + data, framed(data)]))


@pytest.mark.parametrize("apdu", QUESTIONS)
async def test_a_device_that_is_another_s_says_nothing(raw, served, apdu):
    served.objects.set_live(False)
    raw.ask(apdu)
    raw.ask(apdu, b"\x01\x0c\x07\xd1\x01\x0b")
    await asyncio.sleep(0.1)
    assert raw.heard.empty()
    assert served.objects.state(PUMP).value is False
    served.objects.set_live(True)
    raw.ask(READ)
    assert (await raw.answer())[0] == 0x30


async def test_who_becomes_silent_forgets_its_subscribers(raw, served):
    raw.ask(SUBSCRIBE)
    await raw.answer()
    await raw.answer()
    served.objects.set_live(False)
    served.objects.show(CONTACT, value=True)
    await until(lambda: served.device.subscriptions == 0)
    await asyncio.sleep(0.05)
    assert raw.heard.empty()


async def test_objects_may_come_while_we_are_silent(raw, served):
    served.objects.set_live(False)
    served.objects.show(CONTACT, value=True)
    served.objects.set_live(True)
    raw.ask(bytes((0, 5, 7, 12)) + b"\x0c\x00\xc0\x00\x04\x19\x55")
    assert b"\x91\x01" in await raw.answer()


async def test_a_broadcast_of_a_confirmed_request_is_not_answered(raw, served):
    whole = b"\x01\x04" + READ
    raw.send(b"\x81\x0b" + (4 + len(whole)).to_bytes(2) + whole)
    await asyncio.sleep(0.05)
    assert raw.heard.empty()


async def test_nobody_silences_us_by_device_communication_control(raw, served):
    raw.ask(bytes((0, 5, 7, 17)) + b"\x19\x01")
    assert await raw.answer() == b"\x60\x07\x09"
    raw.ask(READ)
    assert (await raw.answer())[0] == 0x30


async def in_two_segments(raw, body: bytes) -> bytes:
    """Write in segments and return the answer after their acknowledgements."""
    raw.ask(bytes((0x0C, 5, 7, 0, 1, 15)) + body[:6])
    assert (await raw.answer())[0] & 0xF0 == 0x40
    raw.ask(bytes((0x08, 5, 7, 1, 1, 15)) + body[6:])
    while (answer := await raw.answer())[0] & 0xF0 == 0x40:
        pass
    return answer


async def test_a_write_in_segments_is_done_and_once(raw, served):
    heard = []

    async def listen(command: LocalCommand) -> None:
        heard.append(command)

    served.objects.listen_commands(listen)
    for _ in range(2):
        answer = await in_two_segments(
            raw, b"\x0c\x01\x00\x00\x05\x19\x55\x3e\x91\x01\x3f"
        )
        assert answer[:3] == b"\x20\x07\x0f"
    assert served.objects.state(PUMP).value is True
    assert len(heard) == 1


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (
            b"\x0c\x01\x00\x00\x63\x19\x55\x3e\x91\x01\x3f",
            b"\x50\x07\x0f\x91\x01\x91\x1f",
        ),
        (b"\x0c\x01\x00\x00\x05\x19\x55\x3e\x91\x01\x3f\x49\x11", b"\x60\x07\x06"),
    ],
)
async def test_a_write_in_segments_is_refused_like_any(raw, body, answer):
    assert await in_two_segments(raw, body) == answer
