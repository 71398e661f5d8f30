"""What producers send is understood strictly, and refused with a reason."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plantroom_server.event_messages.decoding import (
    KNOWN_TYPES,
    decode,
    fitting_value,
)
from plantroom_server.event_messages.models import (
    Define,
    Delete,
    Describe,
    MalformedEventError,
    Measured,
    Show,
)
from plantroom_server.event_messages.units import units_of

from custom_components.plantroom.engine.bacnet.local_objects.models import (
    LocalType,
    ObjectKey,
)

INPUT = {"objectType": "analog-input", "objectInstance": 3}
DEFINITION = {**INPUT, "objectName": "Supply", "presentValueType": "real"}
UPDATE = {**INPUT, "presentValue": 21.5}


def event(payload: dict[str, Any], **envelope: Any) -> bytes:
    whole = {"timestamp": "2026-11-21T10:00:00Z", "sourceId": "plc", **envelope}
    return json.dumps({**whole, "payload": payload}).encode()


def refused(event_type: str, data: bytes, offset: int = 0) -> str:
    with pytest.raises(MalformedEventError) as caught:
        decode(event_type, data, offset)
    assert str(caught.value)
    return caught.value.reason


def test_definition_has_all_that_was_sent():
    message = decode(
        "ObjectDefinition",
        event(
            {
                "objectType": "multi-state-value",
                "objectInstance": 7,
                "objectName": "Mode",
                "presentValueType": "unsigned",
                "description": "of the plant",
                "stateTexts": ["off", "day", "night"],
                "initialValue": 2,
                "outOfService": True,
                "reliability": "no-sensor",
                "eventState": "fault",
                "priorityArray": True,
                "tags": {"site": "north"},
            }
        ),
        offset=100,
    )
    assert isinstance(message, Define)
    definition = message.definition
    assert definition.key == ObjectKey(LocalType.MULTI_STATE_VALUE, 107)
    assert (definition.name, definition.description) == ("Mode", "of the plant")
    assert definition.states == ("off", "day", "night")
    assert (definition.initial, definition.has_priorities) == (2, True)
    assert message.shown.flags is not None
    assert message.shown.flags.out_of_service
    assert message.shown.reliability == "no-sensor"
    assert message.shown.event_state == "fault"


def test_binary_object_has_both_texts_when_one_was_sent():
    payload = {
        "objectType": "binary-input",
        "objectInstance": 1,
        "objectName": "Fan",
        "presentValueType": "boolean",
        "activeText": "running",
    }
    message = decode("ObjectDefinition", event(payload))
    assert isinstance(message, Define)
    assert message.definition.states == ("inactive", "running")


def test_update_prefers_the_time_of_its_source():
    message = decode(
        "ValueUpdate", event({**UPDATE, "sourceTimestamp": "2026-11-21T10:30:00+02:00"})
    )
    assert isinstance(message, Show)
    assert message.at == datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
    assert (message.value, message.releases) == (21.5, False)


def test_moment_without_an_offset_is_utc():
    message = decode("ValueUpdate", event(UPDATE, timestamp="2026-11-21T10:00:00.5"))
    assert message.at == datetime(2026, 11, 21, 10, 0, 0, 500000, tzinfo=UTC)
    assert message.at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("quality", "reliability"),
    [
        ("bad", "unreliable-other"),
        ("uncertain", "no-fault-detected"),
        ("good", "no-fault-detected"),
        (None, None),
    ],
)
def test_quality_says_how_reliable_a_value_is(quality, reliability):
    message = decode("ValueUpdate", event({**UPDATE, "quality": quality}))
    assert isinstance(message, Show)
    assert message.shown.reliability == reliability


def test_reliability_is_more_than_quality():
    payload = {**UPDATE, "quality": "good", "reliability": "over-range"}
    message = decode("ValueUpdate", event(payload))
    assert isinstance(message, Show)
    assert message.shown.reliability == "over-range"


def test_null_with_a_priority_releases_the_slot():
    message = decode(
        "ValueUpdate", event({**UPDATE, "presentValue": None, "priority": 8})
    )
    assert isinstance(message, Show)
    assert (message.releases, message.priority) == (True, 8)


def test_delete_and_device_are_understood():
    gone = decode("ObjectDelete", event({**INPUT, "reason": "sold"}))
    assert isinstance(gone, Delete)
    assert (gone.key.instance, gone.reason) == (3, "sold")
    device = decode("DeviceConfig", event({"deviceName": "North", "location": "Roof"}))
    assert isinstance(device, Describe)
    assert (device.facts.name, device.facts.location) == ("North", "Roof")
    assert device.facts.model == ""


def test_measurement_needs_no_envelope():
    data = {
        "sensorId": "t-1",
        "value": 3,
        "unit": "°C",
        "timestamp": "2026-11-21T10:00:00Z",
    }
    message = decode("MeasurementRecorded", json.dumps(data).encode())
    assert isinstance(message, Measured)
    assert (message.sensor, message.value, message.units) == ("t-1", 3.0, 62)


def test_type_may_stand_in_the_event_in_the_data_or_in_both():
    for event_type, inside in (
        ("ValueUpdate", None),
        ("gateway-message", "ValueUpdate"),
        ("ValueUpdate", "ValueUpdate"),
    ):
        data = event(UPDATE) if inside is None else event(UPDATE, messageType=inside)
        assert isinstance(decode(event_type, data), Show)


def test_two_types_that_differ_are_refused():
    data = event(UPDATE, messageType="ObjectDelete")
    assert refused("ValueUpdate", data) == "type-mismatch"
    assert refused("Gossip", event(UPDATE)) == "unknown-type"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"objectType": "loop"}, "invalid-field"),
        ({"objectInstance": -1}, "invalid-field"),
        ({"objectInstance": 4194303}, "invalid-field"),
        ({"objectInstance": "3"}, "invalid-field"),
        ({"objectName": ""}, "invalid-field"),
        ({"objectName": "x" * 256}, "invalid-field"),
        ({"description": "x" * 513}, "invalid-field"),
        ({"presentValueType": "boolean"}, "type-does-not-fit"),
        ({"covIncrement": -1}, "invalid-field"),
        ({"minPresentValue": 2, "maxPresentValue": 1}, "invalid-field"),
        ({"minPresentValue": 1e39}, "invalid-field"),
        ({"initialValue": True}, "value-does-not-fit"),
        ({"reliability": "fine"}, "invalid-field"),
        ({"eventState": "odd"}, "invalid-field"),
    ],
)
def test_definition_out_of_its_ranges_is_refused(change, reason):
    assert refused("ObjectDefinition", event({**DEFINITION, **change})) == reason


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"timestamp": 3, "sourceId": "a", "payload": {}}',
        event(UPDATE, sourceId=""),
        event(UPDATE, timestamp="yesterday"),
        event(UPDATE, timestamp="0001-01-01T00:00:00+14:00"),
        event({**UPDATE, "presentValue": "21"}),
        event({**UPDATE, "presentValue": None}),
        event({**UPDATE, "priority": 17}),
        b'{"timestamp":"2026-11-21T10:00:00Z","sourceId":"a","payload":'
        b'{"objectType":"analog-input","objectInstance":3,"objectName":"n",'
        b'"presentValueType":"real","initialValue":' + b"9" * 400 + b"}}",
    ],
)
def test_what_nobody_can_use_is_refused_with_a_reason(data):
    for event_type in ("ValueUpdate", "ObjectDefinition"):
        assert refused(event_type, data)


def test_offset_beyond_the_last_instance_is_refused():
    assert refused("ValueUpdate", event(UPDATE), offset=4194300) == "invalid-field"


def test_too_many_octets_are_refused_unread():
    assert refused("ValueUpdate", b" " * 300_000) == "too-large"


@given(st.sampled_from(KNOWN_TYPES), st.binary(max_size=300))
def test_any_octets_are_a_message_or_refused(event_type, data):
    assert refused(event_type, data)


@given(
    st.sampled_from(sorted(LocalType)),
    st.one_of(st.booleans(), st.integers(), st.floats(), st.just(10**400)),
)
def test_value_fits_its_object_or_is_refused(kind, value):
    key = ObjectKey(LocalType(kind), 1)
    try:
        fitted = fitting_value(key, value, 3)
    except MalformedEventError:
        return
    wanted = float if key.type.is_analog else bool if key.type.is_binary else int
    assert type(fitted) is wanted
    assert fitted == value


@pytest.mark.parametrize(
    ("number", "text", "units", "disagree"),
    [
        (169, "kWh", 19, True),
        (19, "kWh", 19, False),
        (None, "kilowatt-hours", 19, False),
        (None, "Degrees Celsius", 62, False),
        (62, "fathoms", 62, False),
        (None, "fathoms", 95, False),
        (None, None, 95, False),
        (98, "%", 98, False),
    ],
)
def test_unit_text_wins_when_it_is_known(number, text, units, disagree):
    assert units_of(number, text) == (units, disagree)
