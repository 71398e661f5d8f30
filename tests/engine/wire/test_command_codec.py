"""Every command's request and result survive the wire; what is malformed is refused."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custom_components.plantroom.engine.commands import commands_of
from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.errors import (
    ConfigurationError,
    MalformedRequestError,
    UnknownCommandError,
)
from custom_components.plantroom.engine.requests import PropertyAnswer
from custom_components.plantroom.engine.wire.command_codec import (
    COMMAND_CODECS,
    codec_of,
    request_from_json,
)
from custom_components.plantroom.engine.wire.json_values import read_json, write_json

from .shapes import all_of, trees

COMMANDS = commands_of(Engine)
slow = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)


def over_the_wire(data: Any) -> Any:
    return read_json(write_json(data))


def test_every_command_can_travel():
    assert COMMAND_CODECS.keys() == COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
@slow
@given(data=st.data())
def test_request_comes_out_as_it_went_in(name: str, data: st.DataObject):
    request = data.draw(all_of(COMMANDS[name].request))
    sent = over_the_wire(codec_of(name).encode_request(request))
    assert repr(request_from_json(name, sent)) == repr(request)


@pytest.mark.parametrize("name", COMMANDS)
@slow
@given(data=st.data())
def test_result_comes_out_as_it_went_in(name: str, data: st.DataObject):
    result = data.draw(all_of(COMMANDS[name].result))
    codec = codec_of(name)
    sent = over_the_wire(codec.encode_result(result))
    assert repr(codec.decode_result(sent)) == repr(result)


@given(trees)
def test_property_of_any_shape_comes_out_as_it_went_in(value: Any):
    codec = codec_of("read_property")
    answer = PropertyAnswer(
        device_id="n:1", reference="device,1", property_name="70", value=value
    )
    sent = over_the_wire(codec.encode_result(answer))
    assert repr(codec.decode_result(sent)) == repr(answer)


@pytest.mark.parametrize(
    ("command", "data", "reason"),
    [
        ("survey", 5, "5 is not a text"),
        ("survey", None, "None is not a text"),
        ("events_since", True, "True is not a whole number"),
        ("events_since", 1.0, "1.0 is not a whole number"),
        ("watch", {}, "client_id is missing"),
        ("watch", {"client_id": "a", "point_ids": [[]]}, "point_ids: [] is not a text"),
        ("write", {"point_id": "p", "value": []}, "value: [] is not a number"),
        ("write", {"point_id": ["p"], "value": 1}, "point_id: ['p'] is not a text"),
        ("configure", {"networks": [{"network_id": 1}]},
         "networks.network_id: 1 is not a text"),
    ],
)  # fmt: skip
def test_malformed_request_is_refused_naming_the_field(
    command: str, data: Any, reason: str
):
    with pytest.raises(MalformedRequestError) as caught:
        request_from_json(command, data)
    assert caught.value.facts == {"command": command, "reason": reason}


def test_configuration_that_cannot_work_is_refused_as_in_one_process():
    network = {"network_id": "n", "name": "N", "address": "10.0.0.1/24", "port": 0}
    with pytest.raises(ConfigurationError) as caught:
        request_from_json("configure", {"networks": [network]})
    assert caught.value.facts == {"field": "port"}


def test_unknown_command_is_refused_by_name():
    with pytest.raises(UnknownCommandError) as caught:
        request_from_json("dance", None)
    assert caught.value.facts == {"command": "dance"}


def test_field_that_a_newer_client_sends_is_left_out():
    request = request_from_json(
        "watch", {"client_id": "a", "point_ids": [], "colour": "red"}
    )
    assert request.client_id == "a"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda parts: (
        st.lists(parts, max_size=4)
        | st.dictionaries(
            st.text(max_size=9)
            | st.sampled_from(["client_id", "point_ids", "networks", "value"]),
            parts,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@pytest.mark.parametrize("name", COMMANDS)
@slow
@given(data=anything)
def test_no_request_breaks_the_reader(name: str, data: Any):
    with suppress(MalformedRequestError, ConfigurationError):
        request_from_json(name, data)
