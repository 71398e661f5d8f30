"""ReadRange as bacpypes3 reads and writes it, and whatever else may come."""

from contextlib import suppress

import pytest
from bacpypes3.apdu import ReadRangeACK, ReadRangeRequest
from bacpypes3.basetypes import (
    DateTime,
    Range,
    RangeByPosition,
    RangeBySequenceNumber,
    RangeByTime,
    ResultFlags,
)
from bacpypes3.constructeddata import Any as AnyValue
from bacpypes3.primitivedata import Date as StackDate
from bacpypes3.primitivedata import TagList
from bacpypes3.primitivedata import Time as StackTime
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.bacnet.octets.encoding import (
    Date,
    ObjectId,
    Tagged,
    Time,
)
from custom_components.plantroom.engine.bacnet.octets.read_range import (
    ByPosition,
    BySequenceNumber,
    ByTime,
    RangePage,
    RangeStart,
    decode_range_page,
    encode_read_range,
    records_of,
)
from custom_components.plantroom.engine.bacnet.octets.tags import MalformedFrameError

LOG, LOG_BUFFER = ObjectId(20, 3), 131
DATE, TIME = Date(2026, 11, 21, 6), Time(17, 45, 3, 50)


@pytest.mark.parametrize(
    ("start", "stack"),
    [
        (
            ByPosition(7),
            Range(byPosition=RangeByPosition(referenceIndex=7, count=-300)),
        ),
        (
            BySequenceNumber(4_294_967_295),
            Range(
                bySequenceNumber=RangeBySequenceNumber(
                    referenceSequenceNumber=4_294_967_295, count=-300
                )
            ),
        ),
        (
            ByTime(DATE, TIME),
            Range(
                byTime=RangeByTime(
                    referenceTime=DateTime(
                        date=StackDate((126, 11, 21, 6)),
                        time=StackTime((17, 45, 3, 50)),
                    ),
                    count=-300,
                )
            ),
        ),
    ],
    ids=["position", "sequence number", "time"],
)
def test_request_is_what_bacpypes3_sends(start: RangeStart, stack: Range):
    wanted = ReadRangeRequest(
        objectIdentifier=("trend-log", 3), propertyIdentifier="logBuffer", range=stack
    )
    octets = encode_read_range(LOG, LOG_BUFFER, start, -300)
    assert octets == bytes(wanted.encode().pduData)


def test_answer_of_bacpypes3_is_understood():
    items = TagList()
    answer = ReadRangeACK(
        objectIdentifier=("trend-log", 3),
        propertyIdentifier="logBuffer",
        resultFlags=ResultFlags([1, 0, 1]),
        itemCount=0,
        itemData=AnyValue(items),
        firstSequenceNumber=17,
    )
    page = decode_range_page(bytes(answer.encode().pduData))
    assert page == RangePage(items=(), last=False, first_number=17)


def test_items_are_told_apart_by_their_first_tag():
    page = RangePage(
        items=(Tagged(0, b"a"), Tagged(1, b"b"), Tagged(0, b"c")),
        last=True,
        first_number=None,
    )
    assert records_of(page) == ((Tagged(0, b"a"), Tagged(1, b"b")), (Tagged(0, b"c"),))


@pytest.mark.parametrize("items", [(Tagged(1, b""),), (3,), (Tagged(0, b""), None)])
def test_items_that_are_no_records_are_malformed(items):
    with pytest.raises(MalformedFrameError):
        records_of(RangePage(items=items, last=True, first_number=None))


@given(st.binary(max_size=80))
def test_octets_that_make_no_sense_are_malformed(body: bytes):
    with suppress(MalformedFrameError):
        records_of(decode_range_page(body))
