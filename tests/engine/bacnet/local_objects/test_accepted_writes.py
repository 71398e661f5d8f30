"""Answered writes are known again for a while, and only so many of them."""

import asyncio

from custom_components.plantroom.engine.bacnet.local_objects import accepted_writes
from custom_components.plantroom.engine.bacnet.local_objects.accepted_writes import (
    AcceptedWrites,
    WriteId,
)

from .serving import PUMP, VALVE, all_objects


def write(number: int) -> WriteId:
    return WriteId("10.0.0.1", number, 15, b"")


async def test_a_write_is_known_again_while_its_object_is_as_it_left_it():
    objects = all_objects()
    accepted = AcceptedWrites(objects)
    done = {VALVE: objects.state(VALVE)}
    accepted.remember(write(1), b"ack", done)
    assert accepted.answer(write(1)) == b"ack"
    assert accepted.answer(write(2)) is None
    objects.show(PUMP, value=True)
    assert accepted.answer(write(1)) == b"ack"
    objects.show(VALVE, value=77.0)
    assert accepted.answer(write(1)) is None


async def test_what_changed_nothing_is_not_remembered():
    accepted = AcceptedWrites(all_objects())
    accepted.remember(write(1), b"error", {})
    assert accepted.answer(write(1)) is None


async def test_an_old_write_is_a_new_one(monkeypatch):
    monkeypatch.setattr(accepted_writes, "REMEMBERED_SECONDS", 0.01)
    objects = all_objects()
    accepted = AcceptedWrites(objects)
    accepted.remember(write(1), b"ack", {VALVE: objects.state(VALVE)})
    await asyncio.sleep(0.02)
    assert accepted.answer(write(1)) is None


async def test_the_oldest_go_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(accepted_writes, "MOST_REMEMBERED", 2)
    objects = all_objects()
    accepted = AcceptedWrites(objects)
    for number in range(3):
        accepted.remember(write(number), b"ack", {VALVE: objects.state(VALVE)})
    known = [accepted.answer(write(number)) for number in range(3)]
    assert known == [None, b"ack", b"ack"]
