"""Every event survives the wire; what is not understood is said once and passed over."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.plantroom.engine.events import (
    DeviceRemoved,
    NumberedEvent,
    ReadingsChanged,
    UnknownEvent,
)
from custom_components.plantroom.engine.wire.event_codec import (
    EVENT_TYPES,
    event_from_json,
    event_to_json,
    kind_of,
)
from custom_components.plantroom.engine.wire.json_values import read_json, write_json
from tests.site import reading

from .shapes import instances_of


@pytest.mark.parametrize("event_type", EVENT_TYPES, ids=kind_of)
@settings(deadline=None)
@given(data=st.data())
def test_event_comes_out_as_it_went_in(event_type: type, data: st.DataObject):
    event = NumberedEvent(number=7, event=data.draw(instances_of(event_type)))
    sent = read_json(write_json(event_to_json(event)))
    assert repr(event_from_json(sent)) == repr(event)


def test_form_of_an_event_is_one_that_people_can_read():
    event = NumberedEvent(number=3, event=DeviceRemoved(device_id="n:1"))
    assert event_to_json(event) == {
        "event": 3, "kind": "device_removed", "data": {"device_id": "n:1"},
    }  # fmt: skip


def test_reading_travels_without_what_goes_without_saying():
    event = ReadingsChanged(readings=(("p", reading(21.5)),))
    assert event_to_json(NumberedEvent(number=1, event=event))["data"] == {
        "readings": [
            ["p", {"value": 21.5, "at": "2026-11-21T12:00:00+00:00", "source": "poll"}]
        ]
    }


@pytest.mark.parametrize(
    ("kind", "facts"), [("fireworks", {}), ("progress", {"fraction": "many"})]
)
def test_what_a_newer_engine_tells_is_passed_over_with_its_number(
    kind: str, facts: dict[str, Any], caplog: pytest.LogCaptureFixture
):
    for number in (8, 9):
        event = event_from_json({"event": number, "kind": kind, "data": facts})
        assert event == NumberedEvent(number=number, event=UnknownEvent(kind=kind))
    assert caplog.text.count(f"Event {kind} is left out") == 1


@pytest.mark.parametrize(
    "data", [None, [], {}, {"event": "1", "kind": "progress", "data": {}}, {"event": 1}]
)
def test_what_is_no_event_is_a_value_error(data: Any):
    with pytest.raises(ValueError, match="not an event"):
        event_from_json(data)
