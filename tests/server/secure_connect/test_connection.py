"""Silence, and what ends it, over days that pass in moments (AB.6.3)."""

import asyncio

from plantroom_server.secure_connect.connection import (
    MOST_WAITING,
    STUCK_SECONDS,
    Connection,
    KeepAlive,
)
from plantroom_server.secure_connect.payloads import Peer

from custom_components.plantroom.engine.secure_connect.troubles import HubTrouble
from tests.virtual_time import in_virtual_time

from .wire import Wire

HUB = Peer(vmac=bytes.fromhex("020000000001"), device_uuid=bytes(16))
US = bytes.fromhex("0200000000aa")
TWO_DAYS = 48 * 3600


def connection(wire: Wire, *, asks: bool = True) -> Connection:
    return Connection(wire, HUB, US, lambda _data, _of: None, KeepAlive(asks=asks))


@in_virtual_time
async def test_a_hub_that_says_nothing_is_asked_every_five_minutes_for_two_days():
    wire = Wire()
    there = connection(wire)
    running = asyncio.create_task(there.run())
    await asyncio.sleep(TWO_DAYS + 100)

    assert not running.done()
    assert wire.count[0x0A] == 576
    await there.leave()
    assert running.result().trouble is HubTrouble.GOODBYE
    assert wire.sent[-1][:2] == b"\x08\x00"


@in_virtual_time
async def test_a_hub_that_talks_is_never_asked():
    wire = Wire()
    there = connection(wire)
    running = asyncio.create_task(there.run())
    for _ in range(TWO_DAYS // 200):
        await asyncio.sleep(200)
        wire.hear(b"\x01\x08\x00\x00" + US + b"\x01\x00")

    assert not running.done()
    assert wire.count[0x0A] == 0
    await there.leave()
    await running


@in_virtual_time
async def test_a_frozen_hub_is_left_after_its_time_to_answer():
    wire = Wire()
    wire.answers = False
    since = asyncio.get_running_loop().time()

    ending = await connection(wire).run()

    assert ending.trouble is HubTrouble.SILENT
    assert asyncio.get_running_loop().time() - since == 310


@in_virtual_time
async def test_who_accepts_waits_twice_as_long_and_asks_nothing():
    wire = Wire()
    since = asyncio.get_running_loop().time()

    ending = await connection(wire, asks=False).run()

    assert ending.trouble is HubTrouble.SILENT
    assert asyncio.get_running_loop().time() - since == 600
    assert not wire.sent


@in_virtual_time
async def test_a_hub_that_talks_but_never_reads_is_left():
    wire = Wire()
    wire.may_send.clear()
    there = connection(wire)
    running = asyncio.create_task(there.run())
    since = asyncio.get_running_loop().time()
    there.send(b"\x01\x04\x00\x01" + US + b"\x01\x00")
    while not running.done():
        wire.hear(b"\x01\x08\x00\x00" + US + b"\x01\x00")
        await asyncio.sleep(1)

    assert running.result().trouble is HubTrouble.NOT_READING
    assert asyncio.get_running_loop().time() - since <= STUCK_SECONDS + 5


@in_virtual_time
async def test_of_too_many_the_oldest_are_dropped_and_counted(caplog):
    wire = Wire()
    there = connection(wire)
    for number in range(MOST_WAITING + 10):
        there.send(b"\x01\x04" + number.to_bytes(2))

    running = asyncio.create_task(there.run())
    await asyncio.sleep(1)

    assert there.dropped == 10
    assert caplog.text.count("the oldest messages are dropped") == 1
    assert wire.sent[0][2:] == (10).to_bytes(2)
    assert len(wire.sent) == MOST_WAITING
    await there.leave()
    await running
    assert not there.send(b"\x01\x04\x00\x00")


@in_virtual_time
async def test_leaving_does_not_wait_for_who_does_not_answer():
    wire = Wire()
    wire.answers = False
    there = connection(wire)
    running = asyncio.create_task(there.run())
    await asyncio.sleep(1)
    since = asyncio.get_running_loop().time()

    await there.leave()

    assert asyncio.get_running_loop().time() - since <= 5
    assert running.done()
    await there.leave()
