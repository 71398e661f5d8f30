"""The values of every standard event type are read as bac-py writes them."""

from typing import Any

import bacpypes3.basetypes as standard
import pytest
from bac_py.types import notification_params as peer
from bac_py.types.enums import (
    LifeSafetyMode,
    LifeSafetyOperation,
    LifeSafetyState,
    Reliability,
)
from bac_py.types.primitives import BitString
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.bacnet.description.event_values import (
    MOST_FACTS,
    facts_of,
)
from custom_components.plantroom.engine.bacnet.names import event_names
from custom_components.plantroom.engine.bacnet.names.number_names import NumberNames
from custom_components.plantroom.engine.bacnet.octets.encoding import (
    Date,
    Enumerated,
    ObjectId,
    Tagged,
    Time,
    encode_context,
    encode_primitive,
    walk,
)
from tests.engine.bacnet.peer_events import FAULTY, STAMPS, Octets

FLAGS = {"status-flags": "in-alarm fault"}
PRESENT_VALUE = encode_context(0, 85) + b"\x2e" + encode_primitive(4.5) + b"\x2f"
FEEDBACK = encode_context(0, 40) + b"\x2e" + encode_primitive(True) + b"\x2f"
DATE_TIME = encode_primitive(Date(2026, 11, 21, 6)) + encode_primitive(Time(8, 0, 0, 0))

CASES: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "change-of-bitstring": (
        peer.ChangeOfBitstring(BitString(b"\xa0", 5), FAULTY),
        "101",
        {"referenced-bitstring": "101"} | FLAGS,
    ),
    "change-of-state": (
        peer.ChangeOfState(encode_context(1, Enumerated(1)), FAULTY),
        True,
        {"new-state": True} | FLAGS,
    ),
    "change-of-value": (
        peer.ChangeOfValue(1, 21.5, FAULTY),
        21.5,
        {"new-value": 21.5} | FLAGS,
    ),
    "change-of-value of bits": (
        peer.ChangeOfValue(0, BitString(b"\x40", 6), FAULTY),
        "01",
        {"new-value": "01"} | FLAGS,
    ),
    "command-failure": (
        peer.CommandFailure(
            encode_primitive(Enumerated(1)), FAULTY, encode_primitive(Enumerated(0))
        ),
        0,
        {"command-value": 1, "feedback-value": 0} | FLAGS,
    ),
    "floating-limit": (
        peer.FloatingLimit(25.5, FAULTY, 21.0, 2.0),
        25.5,
        {"reference-value": 25.5, "setpoint-value": 21.0, "error-limit": 2.0} | FLAGS,
    ),
    "out-of-range": (
        peer.OutOfRange(27.5, FAULTY, 1.0, 26.0),
        27.5,
        {"exceeding-value": 27.5, "deadband": 1.0, "exceeded-limit": 26.0} | FLAGS,
    ),
    "change-of-life-safety": (
        peer.ChangeOfLifeSafety(
            LifeSafetyState.ALARM,
            LifeSafetyMode.MANNED,
            FAULTY,
            LifeSafetyOperation.SILENCE_AUDIBLE,
        ),
        "alarm",
        {
            "new-state": "alarm",
            "new-mode": "manned",
            "operation-expected": "silence-audible",
        }
        | FLAGS,
    ),
    "extended": (
        peer.Extended(
            343, 7, encode_primitive(2.5) + encode_primitive("x") + b"\x0e\x0f"
        ),
        None,
        {
            "vendor-id": 343,
            "extended-event-type": 7,
            "parameter-1": 2.5,
            "parameter-2": "x",
            "parameter-3": None,
        },
    ),
    "buffer-ready": (
        peer.BufferReady(
            encode_context(0, ObjectId(20, 4)) + encode_context(1, 131), 900, 1000
        ),
        1000,
        {
            "buffer-property": "trend-log,4 log-buffer",
            "previous-notification": 900,
            "current-notification": 1000,
        },
    ),
    "unsigned-range": (
        peer.UnsignedRange(70_000, FAULTY, 65_535),
        70_000,
        {"exceeding-value": 70_000, "exceeded-limit": 65_535} | FLAGS,
    ),
    "access-event": (
        peer.AccessEvent(
            4,
            FAULTY,
            12,
            STAMPS["#17"],
            encode_context(1, ObjectId(32, 6)),
        ),
        4,
        {
            "access-event": 4,
            "access-event-tag": 12,
            "access-event-time": "#17",
            "access-credential": "access-credential,6",
        }
        | FLAGS,
    ),
    "double-out-of-range": (
        peer.DoubleOutOfRange(1e100, FAULTY, 0.5, 1e99),
        1e100,
        {"exceeding-value": 1e100, "deadband": 0.5, "exceeded-limit": 1e99} | FLAGS,
    ),
    "signed-out-of-range": (
        peer.SignedOutOfRange(-300, FAULTY, 5, -250),
        -300,
        {"exceeding-value": -300, "deadband": 5, "exceeded-limit": -250} | FLAGS,
    ),
    "unsigned-out-of-range": (
        peer.UnsignedOutOfRange(300, FAULTY, 5, 250),
        300,
        {"exceeding-value": 300, "deadband": 5, "exceeded-limit": 250} | FLAGS,
    ),
    "change-of-characterstring": (
        peer.ChangeOfCharacterstring("Störung ☀", FAULTY, "Störung"),
        "Störung ☀",
        {"changed-value": "Störung ☀", "alarm-value": "Störung"} | FLAGS,
    ),
    "change-of-status-flags": (
        peer.ChangeOfStatusFlags(encode_primitive(19.5), FAULTY),
        19.5,
        {"present-value": 19.5, "referenced-flags": "in-alarm fault"},
    ),
    "change-of-reliability": (
        peer.ChangeOfReliability(Reliability.OPEN_LOOP, FAULTY, PRESENT_VALUE),
        4.5,
        {"reliability": "open-loop", "present-value": 4.5} | FLAGS,
    ),
    "change-of-discrete-value": (
        peer.ChangeOfDiscreteValue(encode_primitive("Night"), FAULTY),
        "Night",
        {"new-value": "Night"} | FLAGS,
    ),
    "change-of-discrete-value of a moment": (
        peer.ChangeOfDiscreteValue(b"\x0e" + DATE_TIME + b"\x0f", FAULTY),
        "2026-11-21T08:00:00",
        {"new-value": "2026-11-21T08:00:00"} | FLAGS,
    ),
    "change-of-timer": (
        Octets(
            b"\xfe\x16"
            + encode_context(0, 1)
            + b"\x1a\x04\xc0"
            + b"\x2e"
            + DATE_TIME
            + b"\x2f"
            + encode_context(3, 1)
            + encode_context(4, 600)
            + b"\x5e"
            + DATE_TIME
            + b"\x5f"
            + b"\xff\x16"
        ),
        "running",
        {
            "new-state": "running",
            "update-time": "2026-11-21T08:00:00",
            "last-state-change": "idle-to-running",
            "initial-timeout": 600,
            "expiration-time": "2026-11-21T08:00:00",
        }
        | FLAGS,
    ),
}


def choice(octets: bytes) -> Tagged:
    (found,) = walk(octets)
    assert isinstance(found, Tagged)
    return found


@pytest.mark.parametrize("name", CASES)
def test_event_type_is_read_as_it_was_meant(name: str):
    parameters, value, facts = CASES[name]
    found = facts_of(choice(parameters.encode()))
    assert found.facts == facts
    assert found.value == value
    assert type(found.value) is type(value)


def test_complex_event_is_a_list_of_properties():
    found = facts_of(choice(b"\x6e" + PRESENT_VALUE + FEEDBACK + b"\x6f"))
    assert found.facts == {"present-value": 4.5, "feedback-value": True}


def test_event_of_a_later_standard_keeps_what_it_says_as_facts():
    octets = encode_context(0, 17) + b"\x1e" + encode_primitive(4.5) + b"\x1f"
    found = facts_of(Tagged(29, walk(octets)))
    assert found.value is None
    assert found.facts == {"parameter-0": "11", "parameter-1": 4.5}


STATES = [
    (encode_context(0, True), True),
    (encode_context(7, 1), "no-sensor"),
    (encode_context(8, 3), "high-limit"),
    (encode_context(11, 4), 4),
    (b"\xf9\x29\xfe", -2),
    (encode_context(13, 2), "alarm"),
    (encode_context(9, 4), "non-operational"),
]


@pytest.mark.parametrize(("state", "expected"), STATES)
def test_state_is_shown_by_the_name_its_property_has(state: bytes, expected: Any):
    found = facts_of(choice(peer.ChangeOfState(state, FAULTY).encode()))
    assert found.value == expected
    assert type(found.value) is type(expected)


def test_part_that_cannot_be_read_takes_no_other_along():
    octets = b"\x5e\x09\x07" + peer.OutOfRange(1.0, FAULTY, 2.0, 3.0).encode()[6:]
    assert facts_of(choice(octets)).facts == {
        "deadband": 2.0, "exceeded-limit": 3.0,
    } | FLAGS  # fmt: skip


def test_no_event_carries_more_than_is_good():
    many = b"".join(
        encode_context(0, number) + b"\x2e" + encode_primitive("x" * 999) + b"\x2f"
        for number in range(100)
    )
    found = facts_of(choice(b"\x6e" + many + b"\x6f"))
    assert len(found.facts) == MOST_FACTS
    assert {len(str(text)) for text in found.facts.values()} == {255}


@given(st.integers(0, 30), st.binary(max_size=40))
def test_values_of_any_kind_break_nothing(tag: int, octets: bytes):
    try:
        content = walk(octets)
    except ValueError:
        return
    assert len(facts_of(Tagged(tag, content)).facts) <= MOST_FACTS
    facts_of(Tagged(tag, octets))


@pytest.mark.parametrize(
    ("names", "theirs"),
    [
        (event_names.EVENT_TYPES, standard.EventType),
        (event_names.LIFE_SAFETY_STATES, standard.LifeSafetyState),
        (event_names.LIFE_SAFETY_MODES, standard.LifeSafetyMode),
        (event_names.LIFE_SAFETY_OPERATIONS, standard.LifeSafetyOperation),
        (event_names.TIMER_STATES, standard.TimerState),
        (event_names.TIMER_TRANSITIONS, standard.TimerTransition),
    ],
)
def test_names_are_those_of_another_stack(names: NumberNames, theirs: Any):
    known = {
        number: "".join(f"-{c.lower()}" if c.isupper() else c for c in name)
        for name, number in theirs._enum_map.items()
    }
    ours = names.known
    assert {number: ours.get(number, name) for number, name in known.items()} == known
