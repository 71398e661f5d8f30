"""What each of the nine types has by clause 12, read by an independent client."""

import pytest

from custom_components.plantroom.engine.bacnet.local_objects.encoding import (
    OBJECT_TYPE_NUMBERS,
)
from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalDefinition,
    LocalState,
    LocalType,
    ObjectKey,
)
from custom_components.plantroom.engine.bacnet.local_objects.served_object import (
    ServedObject,
)
from custom_components.plantroom.engine.bacnet.names.property_ids import property_name
from custom_components.plantroom.engine.bacnet.octets.encoding import decode_values
from custom_components.plantroom.engine.models import StatusFlags

from .serving import (
    CONTACT,
    DEFINITIONS,
    MODE,
    PUMP,
    RELEASE,
    SEASON,
    SETPOINT,
    STAGE,
    TEMPERATURE,
    VALVE,
)

EVERY = {
    "object-identifier",
    "object-name",
    "object-type",
    "present-value",
    "status-flags",
    "event-state",
    "out-of-service",
}
PRIORITIES = {"priority-array", "relinquish-default"}
REQUIRED = {
    TEMPERATURE: {*EVERY, "units", "cov-increment"},
    VALVE: {*EVERY, "units", "cov-increment", *PRIORITIES},
    SETPOINT: {*EVERY, "units", "cov-increment"},
    CONTACT: {*EVERY, "polarity"},
    PUMP: {*EVERY, "polarity", *PRIORITIES},
    RELEASE: EVERY,
    STAGE: {*EVERY, "number-of-states"},
    MODE: {*EVERY, "number-of-states", *PRIORITIES},
    SEASON: {*EVERY, "number-of-states"},
}
MORE = {"reliability", "description"}
COMMANDED = {*PRIORITIES, "current-command-priority"}
LIMITS = {"min-pres-value", "max-pres-value"}
OPTIONAL = {
    TEMPERATURE: {*MORE, *LIMITS, "resolution"},
    VALVE: {*MORE, *LIMITS, "current-command-priority"},
    SETPOINT: {*MORE, *COMMANDED},
    CONTACT: {*MORE, "active-text", "inactive-text"},
    PUMP: {*MORE, "active-text", "inactive-text", "current-command-priority"},
    RELEASE: MORE,
    STAGE: {*MORE, "state-text"},
    MODE: {*MORE, "state-text", "current-command-priority"},
    SEASON: MORE,
}
every_object = pytest.mark.parametrize("key", DEFINITIONS, ids=lambda key: key.type)


def name_of(key: ObjectKey) -> str:
    return f"{key.type},{key.instance}"


async def read(client, served, key, *properties: str):
    found = await client.read_multiple(served.address, {name_of(key): [*properties]})
    return found[name_of(key)]


@every_object
async def test_a_type_has_all_that_is_required_of_it(client, served, key):
    assert {*await read(client, served, key, "required")} == REQUIRED[key]


@every_object
async def test_what_is_optional_is_there_when_its_definition_says_so(
    client, served, key
):
    assert {*await read(client, served, key, "optional")} == OPTIONAL[key]


@every_object
async def test_all_is_both_without_the_property_list(client, served, key):
    assert {*await read(client, served, key, "all")} == REQUIRED[key] | OPTIONAL[key]


@every_object
async def test_the_property_list_names_what_can_be_read(client, served, key):
    listed = await client.read(served.address, name_of(key), "property-list")
    names = {property_name(number) for number in listed}
    unlisted = {"object-identifier", "object-name", "object-type"}
    expected = (REQUIRED[key] | OPTIONAL[key]) - unlisted
    # Younger than the names that we have for numbers
    renamed = {"431": "current-command-priority"}
    assert {renamed.get(name, name) for name in names} == expected
    count = await client.read(served.address, name_of(key), "property-list", 0)
    assert count == len(listed)


@every_object
async def test_an_object_says_what_it_is(client, served, key):
    found = await read(
        client, served, key, "object-identifier", "object-type", "object-name"
    )
    number = OBJECT_TYPE_NUMBERS[key.type]
    identifier = found["object-identifier"]
    assert (identifier.object_type, identifier.instance_number) == (
        number,
        key.instance,
    )
    assert found["object-type"] == number
    assert found["object-name"] == DEFINITIONS[key].name


@every_object
@pytest.mark.parametrize(
    ("flags", "bits"),
    [
        (StatusFlags(in_alarm=True), "1000"),
        (StatusFlags(fault=True), "0100"),
        (StatusFlags(overridden=True), "0010"),
        (StatusFlags(out_of_service=True), "0001"),
    ],
)
async def test_what_an_object_shows_of_its_state_is_read_at_once(
    client, served, key, flags, bits
):
    names = ["status-flags", "event-state", "reliability", "out-of-service"]
    before = await read(client, served, key, *names)
    assert str(before["status-flags"]) == "BitString('0000')"
    served.objects.show(
        key, value=None, flags=flags, reliability="over-range", event_state="high-limit"
    )
    after = await read(client, served, key, *names)
    assert str(after["status-flags"]) == f"BitString('{bits}')"
    assert after["event-state"] == 3
    assert after["reliability"] == 2
    assert after["out-of-service"] is (bits == "0001")


@pytest.mark.parametrize(
    ("key", "value", "read_as"),
    [
        (TEMPERATURE, -3.25, -3.25),
        (VALVE, 55.0, 55.0),
        (SETPOINT, 22.5, 22.5),
        (CONTACT, True, 1),
        (PUMP, True, 1),
        (RELEASE, True, 1),
        (STAGE, 3, 3),
        (MODE, 2, 2),
        (SEASON, 4, 4),
    ],
)
async def test_a_present_value_is_of_its_type_and_changes_at_once(
    client, served, key, value, read_as
):
    await client.read(served.address, name_of(key), "present-value")
    served.objects.show(key, value=value)
    assert await client.read(served.address, name_of(key), "present-value") == read_as


@pytest.mark.parametrize("key", [VALVE, SETPOINT, PUMP, MODE], ids=lambda k: k.type)
async def test_a_priority_array_has_sixteen_elements_and_a_winner(client, served, key):
    value = 2 if key is MODE else True if key is PUMP else 12.5
    served.objects.show(key, value=value, priority=10)
    found = await read(
        client, served, key, "priority-array", "current-command-priority"
    )
    slots = found["priority-array"]
    assert [n for n, each in enumerate(slots, 1) if each is not None] == [10]
    assert len(slots) == 16
    assert slots[9] == value
    assert found["current-command-priority"] == 10
    read_one = [
        await client.read(served.address, name_of(key), "priority-array", n)
        for n in (0, 1, 10)
    ]
    assert read_one == [16, None, value]


async def test_state_texts_are_an_array(client, served):
    texts = [
        await client.read(served.address, name_of(STAGE), "state-text", index)
        for index in range(4)
    ]
    assert texts == [3, "one", "two", "three"]
    assert await client.read(served.address, name_of(SEASON), "number-of-states") == 4


async def test_a_redefinition_is_read_at_once_and_keeps_the_value(client, served):
    served.objects.show(TEMPERATURE, value=3.0)
    served.objects.define(LocalDefinition(key=TEMPERATURE, name="New", units=64), None)
    found = await read(client, served, TEMPERATURE, "all")
    assert found["object-name"] == "New"
    assert found["units"] == 64
    assert found["present-value"] == 3.0
    assert "resolution" not in found


@pytest.mark.parametrize("value", [1e39, -1e39, float("nan"), float("inf")])
def test_any_number_can_be_shown_as_a_real(value):
    key = ObjectKey(LocalType.ANALOG_INPUT, 1)
    served = ServedObject(LocalDefinition(key=key, name="x"), LocalState(value=value))
    octets = served.value(85)
    assert len(octets) == 5
    (found,) = decode_values(octets, 0, 5)
    assert isinstance(found, float)
