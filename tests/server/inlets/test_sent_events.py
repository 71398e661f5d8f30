"""What senders write is read as events, or refused with the place and the reason."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from plantroom_server.inlets.sent_events import SentEventsError, read_events

from tests.engine.wire.shapes import trees
from tests.server.gateway.following_bench import SUPPLY, told

from .senders import plain, sent

LONG = 300_000


def octets(content: object) -> bytes:
    return content if isinstance(content, bytes) else json.dumps(content).encode()


def with_data(data: bytes) -> bytes:
    return b'{"stream": "s", "type": "t", "data": ' + data + b"}"


@pytest.mark.parametrize(
    ("content", "reason", "item"),
    [
        pytest.param(b"", "invalid-json", None, id="nothing"),
        pytest.param(b"\xff\xfe\x00", "invalid-json", None, id="no text"),
        pytest.param(b"null", "invalid-json", None, id="null"),
        pytest.param(b"[" * LONG, "invalid-json", None, id="open arrays"),
        pytest.param(b"[" * LONG + b"]" * LONG, "invalid-json", None, id="deep arrays"),
        pytest.param(b"{}x", "invalid-json", None, id="more than JSON"),
        pytest.param(b" " * (1024**2 + 1), "too-large", None, id="large"),
        pytest.param([], "batch-size", None, id="no event"),
        pytest.param([plain(0)] * 1001, "batch-size", None, id="many events"),
        pytest.param({}, "invalid-event", 0, id="empty"),
        pytest.param([plain(0), 7], "invalid-event", 1, id="a number"),
        pytest.param(plain(0, id="7"), "invalid-event", 0, id="no UUID"),
        pytest.param(plain(0, at="now"), "invalid-event", 0, id="unknown field"),
        pytest.param(plain(0) | {"stream": ""}, "invalid-event", 0, id="no stream"),
        pytest.param(plain(0) | {"stream": "a\nb"}, "invalid-event", 0, id="lines"),
        pytest.param({"stream": "s", "data": {}}, "no-type", 0, id="no type"),
        pytest.param(plain(0) | {"data": "x" * LONG}, "too-large", 0, id="large data"),
        pytest.param(with_data(b"1e999"), "invalid-event", 0, id="infinite"),
        pytest.param(with_data(b"9" * 9999), "invalid-event", 0, id="huge integer"),
        pytest.param(
            with_data(b"[" * 120_000 + b"]" * 120_000), "invalid-json", 0, id="deep"
        ),
        pytest.param(with_data(b'"\xff"'), "invalid-json", 0, id="no UTF-8"),
        pytest.param(
            plain(0) | {"type": "ValueUpdate"}, "invalid-field", 0, id="no envelope"
        ),
        pytest.param(
            sent(told(SUPPLY, 1.0)) | {"type": "ObjectDelete"},
            "type-mismatch",
            0,
            id="two types",
        ),
        pytest.param(
            sent(told(SUPPLY, None)) | {"type": "odd"}, "no-value", 0, id="inside"
        ),
    ],
)
def test_what_is_no_event_is_refused_with_place_and_reason(content, reason, item):
    with pytest.raises(SentEventsError) as caught:
        read_events(octets(content), "k")
    assert (caught.value.reason, caught.value.item) == (reason, item)


@given(st.binary(max_size=200))
@example(b"[" * 2000 + b"]" * 2000)
def test_whatever_comes_is_read_or_refused(body):
    refused_or_read(body)


@given(
    st.lists(st.one_of(trees, st.fixed_dictionaries({"stream": trees, "data": trees})))
)
def test_whatever_json_comes_is_read_or_refused(content):
    refused_or_read(octets(content))


def refused_or_read(body: bytes) -> None:
    try:
        events = read_events(body, "k")
    except SentEventsError:
        return
    assert events


def test_data_is_kept_as_it_was_written():
    (arrival,) = read_events(with_data(b'{ "a":1.50 }'), "k")
    assert arrival.event.data == b'{ "a":1.50 }'


def test_types_that_nobody_here_knows_are_kept_unread():
    (arrival,) = read_events(octets(plain(3)), "k")
    assert (arrival.event.event_type, arrival.stream) == ("Noted", plain(3)["stream"])


def test_ids_follow_from_the_key_and_the_place():
    first, second = read_events(octets([plain(1), plain(1)]), "k")
    assert first.event.event_id != second.event.event_id
    assert read_events(octets(plain(9)), "k")[0].event.event_id == first.event.event_id
    assert read_events(octets(plain(1)), "x")[0].event.event_id != first.event.event_id


def test_one_id_is_one_however_it_is_written():
    written = "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"
    for each in (written, written.lower()):
        (arrival,) = read_events(octets(plain(1, id=each)), "k")
        assert arrival.event.event_id == written.lower()
