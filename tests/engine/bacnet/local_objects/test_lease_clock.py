"""A device that is ours up to a moment says nothing after it, though nobody tells it."""

import asyncio

import pytest

from custom_components.plantroom.engine.bacnet.local_objects.lease_clock import (
    lease_now,
)

from .serving import CONTACT
from .test_answering import QUESTIONS, READ, SUBSCRIBE


@pytest.mark.parametrize("apdu", QUESTIONS)
async def test_questions_after_the_moment_are_not_answered(raw, served, apdu):
    served.objects.set_live(True, lease_now() - 0.001)
    raw.ask(apdu)
    await asyncio.sleep(0.1)
    assert raw.heard.empty()
    served.objects.set_live(True, lease_now() + 60)
    raw.ask(READ)
    assert (await raw.answer())[0] == 0x30


async def test_changes_after_the_moment_are_not_told(raw, served):
    raw.ask(SUBSCRIBE)
    await raw.answer()
    await raw.answer()
    served.objects.set_live(True, lease_now() - 0.001)
    served.objects.show(CONTACT, value=True)
    await asyncio.sleep(0.1)
    assert raw.heard.empty()


async def test_the_clock_never_goes_back():
    first = lease_now()
    assert first <= lease_now()
