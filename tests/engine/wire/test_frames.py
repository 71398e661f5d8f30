"""Frames say what they said, and hostile ones are refused with a typed error."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.errors import (
    AuthenticationError,
    DeviceOfflineError,
    MalformedRequestError,
    PlantroomError,
    SchemaError,
)
from custom_components.plantroom.engine.wire.frames import (
    MINIMUM_SCHEMA,
    SCHEMA,
    Answer,
    Call,
    Cancel,
    Hello,
    Welcome,
    answer_from_json,
    answer_text,
    call_text,
    cancel_text,
    farewell_text,
    hello_text,
    read_client_frame,
    read_hello,
    read_welcome,
    welcome_text,
)
from custom_components.plantroom.engine.wire.json_values import read_json, write_json

HELLO = Hello(schema=SCHEMA, minimum=MINIMUM_SCHEMA, token="secret", client="c")
WELCOME = Welcome(
    schema=SCHEMA, minimum=MINIMUM_SCHEMA, instance="i", may_configure=True
)


def test_first_frames_come_out_as_they_went_in():
    assert read_hello(hello_text(HELLO)) == HELLO
    assert read_welcome(welcome_text(WELCOME)) == WELCOME


def test_token_is_not_shown():
    assert "secret" not in repr(HELLO)


def test_farewell_raises_its_error():
    with pytest.raises(AuthenticationError):
        read_welcome(farewell_text(AuthenticationError("no")))


@pytest.mark.parametrize(
    ("schema", "minimum", "side"),
    [(MINIMUM_SCHEMA - 1, 0, "client"), (SCHEMA + 1, SCHEMA + 1, "server")],
)
def test_who_is_too_old_is_said_whatever_else_a_hello_holds(
    schema: int, minimum: int, side: str
):
    with pytest.raises(SchemaError) as caught:
        read_hello(write_json({"schema": schema, "minimum": minimum}))
    assert caught.value.facts["side"] == side


@pytest.mark.parametrize(
    ("schema", "minimum", "side"),
    [(MINIMUM_SCHEMA - 1, 0, "server"), (SCHEMA + 1, SCHEMA + 1, "client")],
)
def test_who_is_too_old_is_said_whatever_else_a_welcome_holds(
    schema: int, minimum: int, side: str
):
    with pytest.raises(SchemaError) as caught:
        read_welcome(write_json({"schema": schema, "minimum": minimum}))
    assert caught.value.facts["side"] == side


def test_newer_side_that_still_knows_our_schema_is_welcome():
    newer = replace(WELCOME, schema=SCHEMA + 5, minimum=SCHEMA)
    assert read_welcome(welcome_text(newer)[:-1] + ',"colour":"red"}') == newer


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "1", "null", "{}", "NaN",
        '{"schema":1,"minimum":1}',
        '{"schema":true,"minimum":1,"token":"t","client":"c"}',
        '{"schema":1,"minimum":1,"token":5,"client":"c"}',
        '{"schema":1,"minimum":1,"token":"t","client":null}',
        '{"schema":1,"minimum":1,"token":"t","client":""}',
        '{"schema":1,"minimum":1,"token":"t","client":"a/b"}',
        '{"schema":1,"minimum":1,"token":"t","client":"a\\nroot logged in"}',
        pytest.param(
            '{"schema":1,"minimum":1,"token":"t","client":"' + "x" * 65 + '"}', id="long"
        ),
    ],
)  # fmt: skip
def test_what_is_no_hello_is_refused_without_a_word_of_what_it_held(text: str):
    with pytest.raises(MalformedRequestError) as caught:
        read_hello(text)
    assert text not in str(caught.value) or not text


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"instance":1}'])
def test_what_is_no_welcome_is_a_value_error(text: str):
    with pytest.raises(ValueError, match=r"\w"):
        read_welcome(text)


def test_calls_and_cancels_come_out_as_they_went_in():
    call = Call(number=1, command="survey", request="n:1")
    assert read_client_frame(call_text(call)) == call
    assert read_client_frame(cancel_text(Cancel(number=1))) == Cancel(number=1)


def test_answers_come_out_as_they_went_in():
    result = Answer(number=1, result=[1, None])
    assert answer_from_json(read_json(answer_text(result))) == result
    error = Answer(number=1, error=DeviceOfflineError("gone", device="n:1"))
    back = answer_from_json(read_json(answer_text(error)))
    assert (back.number, type(back.error)) == (1, DeviceOfflineError)


@given(st.text(max_size=30) | st.sampled_from(['{"call":"1"}', '{"answer":1}', "[]"]))
def test_what_is_neither_call_nor_cancel_is_refused(text: str):
    with pytest.raises(PlantroomError) as caught:
        read_client_frame(text)
    assert type(caught.value) is MalformedRequestError


@pytest.mark.parametrize("data", [{}, {"answer": "1"}, {"answer": 1}, []])
def test_what_is_no_answer_is_a_value_error(data: dict[str, object]):
    with pytest.raises(ValueError, match="not an answer"):
        answer_from_json(data)
