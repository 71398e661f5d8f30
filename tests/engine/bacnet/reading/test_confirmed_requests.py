"""Rules of confirmed requests: matching, repeating, pacing, hostile replies."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.bacnet.octets.network_layer import locate_apdu
from custom_components.plantroom.engine.bacnet.octets.rpm import (
    READ_PROPERTY,
    PropertyRef,
    decode_read_property_ack,
    encode_read_property,
)
from custom_components.plantroom.engine.bacnet.reading import request_lanes
from custom_components.plantroom.engine.bacnet.reading.confirmed_requests import (
    FAST_INVOKE_IDS,
    STACK_INVOKE_IDS,
    ConfirmedRequests,
    Target,
)
from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
    MalformedReplyError,
)

from ..scripted_device import analog_inputs, device_and_requests

ADDR = ("127.0.0.1", 47809)
PRESENT_VALUE = encode_read_property(PropertyRef(0, 1, 85))


class Wire:
    """A send callable that keeps the frames."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.requests = ConfirmedRequests(
            lambda data, addr: self.frames.append(data), timeout_seconds=0.04, retries=1
        )

    def submit(self, target: Target):
        return self.requests.submit(target, READ_PROPERTY, PRESENT_VALUE)

    def reply(self, apdu: str, network: str = "0100", addr=ADDR) -> bool:
        octets = bytes.fromhex(network) + bytes.fromhex(apdu)
        header = b"\x81\x0a" + (4 + len(octets)).to_bytes(2)
        return self.requests.handle(header + octets, addr)


@pytest.fixture
async def wire():
    wire = Wire()
    yield wire
    wire.requests.close()


def test_the_two_stacks_share_no_invoke_id():
    assert set(FAST_INVOKE_IDS).isdisjoint(STACK_INVOKE_IDS)
    assert set(FAST_INVOKE_IDS) | set(STACK_INVOKE_IDS) == set(range(256))


async def test_request_is_an_unsegmented_one_that_refuses_segments(wire):
    wire.submit(Target(addr=ADDR))
    assert wire.frames[0].hex() == "810a00110104" + "0005400c" + PRESENT_VALUE.hex()


async def test_request_to_a_routed_device_carries_its_network_and_mac(wire):
    wire.submit(Target(addr=ADDR, network=2001, mac=b"\x07"))
    assert wire.frames[0].hex().startswith("810a0016012407d10107ff0005400c")


@pytest.mark.parametrize(
    "network",
    ["010807d10107", "010b07d10107", "012800050105" + "07d10107" + "ff"],
)
async def test_routed_reply_is_matched_by_its_source(wire, network):
    reply = wire.submit(Target(addr=ADDR, network=2001, mac=b"\x07"))
    assert wire.reply("30400cAA", "010807d10108")
    assert not reply.done()
    assert wire.reply("30400cAA", network)
    assert reply.result() == b"\xaa"


async def test_local_reply_with_priority_bits_is_taken(wire):
    reply = wire.submit(Target(addr=ADDR))
    assert wire.reply("30400cBB", "0103")
    assert reply.result() == b"\xbb"


async def test_forwarded_reply_counts_as_from_its_original_sender(wire):
    reply = wire.submit(Target(addr=ADDR))
    frame = bytes.fromhex("81040010" + "7f000001bac1" + "0100" + "30400cCC")
    assert wire.requests.handle(frame, ("127.0.0.9", 47808))
    assert reply.result() == b"\xcc"


async def test_reply_of_another_device_is_not_taken_for_it(wire):
    reply = wire.submit(Target(addr=ADDR))
    wire.reply("30400cAA", addr=("127.0.0.1", 47810))
    assert not reply.done()


@pytest.mark.parametrize(
    ("apdu", "reason"),
    [
        ("50400c91029120", "unknown-property"),
        ("604009", "reject-unrecognized-service"),
        ("714004", "abort-segmentation-not-supported"),
        ("7140f0", "abort-proprietary-240"),
    ],
)
async def test_refusal_is_named(wire, apdu, reason):
    reply = wire.submit(Target(addr=ADDR))
    assert wire.reply(apdu)
    refused = reply.result()
    assert isinstance(refused, DeviceRefusedError)
    assert refused.reason == reason


async def test_error_without_code_is_a_malformed_reply(wire):
    reply = wire.submit(Target(addr=ADDR))
    wire.reply("50400c91")
    assert isinstance(reply.result(), MalformedReplyError)


async def test_reply_in_segments_is_aborted_and_counts_as_too_long(wire):
    reply = wire.submit(Target(addr=ADDR))
    assert wire.reply("3c4000040caa")
    assert reply.result().reason == "abort-segmentation-not-supported"
    assert wire.frames[1].hex() == "810a00090100" + "704004"


async def test_what_is_for_the_other_stack_is_passed_on(wire):
    wire.submit(Target(addr=ADDR))
    assert not wire.reply("30050cAA")  # its own invoke id
    assert not wire.reply("10080a")  # unconfirmed
    assert not wire.reply("0005400c")  # a request from a peer
    assert not wire.reply("704004")  # a client aborts what we serve
    assert not wire.requests.handle(
        b"\x81\x0b\x00\x0c\x01\x20\xff\xff\x00\xff\x10\x08", ADDR
    )


async def test_late_and_second_replies_are_swallowed(wire):
    reply = wire.submit(Target(addr=ADDR))
    assert wire.reply("30400cAA")
    assert wire.reply("30400cAB")
    assert reply.result() == b"\xaa"


async def test_request_longer_than_the_device_takes_is_never_sent(wire):
    reply = wire.requests.submit(Target(addr=ADDR, max_apdu=50), 14, bytes(60))
    assert reply.result().reason == "abort-apdu-too-long"
    assert wire.frames == []


async def test_repeats_keep_the_invoke_id_and_silence_is_offline(wire):
    reply = await wire.submit(Target(addr=ADDR))
    assert isinstance(reply, DeviceOfflineError)
    assert wire.frames[0] == wire.frames[1]
    assert len(wire.frames) == 2


async def test_cancelled_request_that_waits_is_never_sent(wire):
    target = Target(addr=ADDR)
    replies = [wire.submit(target) for _ in range(10)]
    assert len(wire.frames) == 8
    replies[8].cancel()
    wire.reply("30400c00")
    assert len(wire.frames) == 9
    assert wire.frames[8][8] == FAST_INVOKE_IDS[8]
    wire.reply("30480c00")
    assert replies[9].result() == b"\x00"


async def test_cancelled_request_in_flight_is_not_repeated(wire):
    wire.submit(Target(addr=ADDR)).cancel()
    other = wire.submit(Target(addr=("127.0.0.1", 47810)))
    await other
    assert len([frame for frame in wire.frames if frame[8] == 64]) == 3


async def test_devices_behind_one_router_share_its_window_in_turn(wire):
    first, second, third = (
        Target(addr=ADDR, network=9, mac=bytes((mac,))) for mac in (1, 2, 3)
    )
    for target in (first, second, third):
        for _ in range(6):
            wire.submit(target)
    assert [frame[9] for frame in wire.frames] == [1, 1, 2, 2]
    wire.reply("30400c00", "0108000901" + "01")
    wire.reply("30410c00", "0108000901" + "01")
    assert [frame[9] for frame in wire.frames[4:]] == [1, 3]


async def test_lost_request_is_repeated_and_answered():
    async with device_and_requests(analog_inputs(2), lose_first=1) as setup:
        device, requests, target = setup
        data = await requests.request(target, READ_PROPERTY, PRESENT_VALUE)
    assert decode_read_property_ack(data).values == (1.0,)
    assert len(device.requests) == 2


async def test_device_that_drops_concurrent_requests_is_asked_less_at_once():
    async with device_and_requests(analog_inputs(2), at_once=1, answer_delay=0.01) as (
        _,
        requests,
        target,
    ):
        await asyncio.gather(
            *(requests.request(target, READ_PROPERTY, PRESENT_VALUE) for _ in range(12))
        )
        assert requests.window(target) == 1


async def test_no_more_than_the_window_is_in_flight_to_a_device():
    async with device_and_requests(analog_inputs(2), answer_delay=0.005) as setup:
        device, requests, target = setup
        requests.set_window(target, 3)
        await asyncio.gather(
            *(requests.request(target, READ_PROPERTY, PRESENT_VALUE) for _ in range(20))
        )
    assert device.most_in_progress == 3


async def test_remembered_window_is_only_where_a_device_starts(wire):
    target = Target(addr=ADDR)
    wire.requests.start_window(target, 2)
    for _ in range(5):
        wire.submit(target)
    assert len(wire.frames) == 2
    wire.requests.start_window(target, 8)
    assert wire.requests.window(target) == 2


async def test_a_long_smooth_run_widens_the_window_again(wire):
    target = Target(addr=ADDR)
    wire.requests.start_window(target, 1)
    for turn in range(500):
        wire.submit(target)
        invoke_id = FAST_INVOKE_IDS[turn % len(FAST_INVOKE_IDS)]
        assert wire.reply(f"30{invoke_id:02x}0c00")
    assert wire.requests.window(target) == 2


async def test_all_requests_to_a_silent_device_fail_together():
    async with device_and_requests(analog_inputs(2), silent=True) as setup:
        device, requests, target = setup
        outcomes = await asyncio.gather(
            *(requests.submit(target, READ_PROPERTY, PRESENT_VALUE) for _ in range(50))
        )
    assert all(isinstance(outcome, DeviceOfflineError) for outcome in outcomes)
    assert len(device.requests) <= 8 + 3


async def test_closing_answers_everything_open(wire):
    replies = [wire.submit(Target(addr=ADDR)) for _ in range(10)]
    wire.requests.close()
    assert all(isinstance(reply.result(), DeviceOfflineError) for reply in replies)


@given(st.binary(max_size=80), st.booleans())
def test_any_datagram_is_survived(octets, as_bacnet_ip):
    wire = Wire()
    if as_bacnet_ip:
        octets = b"\x81\x0a\x00\x20\x01" + octets
    wire.requests.handle(octets, ADDR)
    located = locate_apdu(octets, ADDR)
    assert located is None or located[2] + 3 <= len(octets)


async def test_forgetting_a_device_ends_its_requests_and_frees_its_router(wire):
    gone, second, third = (
        Target(addr=ADDR, network=9, mac=bytes((mac,))) for mac in (1, 2, 3)
    )
    abandoned = [wire.submit(gone) for _ in range(6)]
    others = [wire.submit(target) for target in (second, third) for _ in range(3)]
    assert [frame[9] for frame in wire.frames] == [1, 1, 2, 2]
    wire.requests.forget(gone)
    assert all(isinstance(f.result(), DeviceOfflineError) for f in abandoned)
    assert [frame[9] for frame in wire.frames[4:]] == [3, 3]
    assert not any(f.done() for f in others)


async def test_urgent_requests_go_before_those_that_wait(wire):
    target = Target(addr=ADDR)
    wire.requests.set_window(target, 1)
    wire.submit(target)
    wire.submit(target)
    urgent = encode_read_property(PropertyRef(1, 9, 85))
    wire.requests.submit(target, READ_PROPERTY, urgent, urgent=True)
    wire.reply(f"30{wire.frames[0][8]:02x}0c0c0000000119553e44000000003f")
    assert wire.frames[1].endswith(urgent)


async def test_lanes_nobody_uses_are_dropped_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(request_lanes, "MOST_LANES", 10)
    lanes = request_lanes.Lanes(8, 4)
    busy = lanes.of(Target(addr=("127.0.0.1", 1)))
    busy.in_flight = 1
    for port in range(2, 40):
        lanes.of(Target(addr=("127.0.0.1", port)))
    assert lanes.of(busy.target) is busy
    assert len(list(lanes)) <= 10
