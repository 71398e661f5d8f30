"""Every kind of record that a log may hold, as bacpypes3 encodes it."""

from contextlib import suppress
from typing import Any

import pytest
from bacpypes3.basetypes import (
    DateTime,
    ErrorType,
    LogData,
    LogDataLogData,
    LogMultipleRecord,
    LogRecordLogDatum,
    LogStatus,
    StatusFlags,
)
from bacpypes3.basetypes import (
    LogRecord as StackRecord,
)
from bacpypes3.constructeddata import Any as AnyValue
from bacpypes3.primitivedata import (
    BitString as StackBits,
)
from bacpypes3.primitivedata import Date as StackDate
from bacpypes3.primitivedata import Double, Null, TagList
from bacpypes3.primitivedata import Time as StackTime
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.bacnet.octets.encoding import (
    BitString,
    Date,
    Tagged,
    Time,
    walk,
)
from custom_components.plantroom.engine.bacnet.octets.log_records import (
    DatumKind,
    LogRecord,
    decode_log_multiple_record,
    decode_log_record,
)
from custom_components.plantroom.engine.bacnet.octets.tags import MalformedFrameError

STAMP = DateTime(date=StackDate((126, 11, 21, 6)), time=StackTime((17, 45, 3, 50)))
DATE, TIME = Date(2026, 11, 21, 6), Time(17, 45, 3, 50)
INTERRUPTED = BitString((False, False, True))
FAILURE = ErrorType(errorClass="device", errorCode="deviceBusy")
KIND = DatumKind


def octets_of(made: Any) -> tuple[Tagged, ...]:
    tags: TagList = made.encode()
    raw = b"".join(bytes(tag.encode().pduData) for tag in tags)
    found = walk(raw)
    assert all(isinstance(each, Tagged) for each in found)
    return found  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("datum", "kind", "value"),
    [
        ({"logStatus": LogStatus([0, 0, 1])}, KIND.LOG_STATUS, INTERRUPTED),
        ({"booleanValue": True}, KIND.BOOLEAN, True),
        ({"booleanValue": False}, KIND.BOOLEAN, False),
        ({"realValue": 21.5}, KIND.REAL, 21.5),
        ({"enumValue": 3}, KIND.ENUMERATED, 3),
        ({"unsignedValue": 70_000}, KIND.UNSIGNED, 70_000),
        ({"signedValue": -5}, KIND.SIGNED, -5),
        (
            {"bitstringValue": StackBits([1, 0])},
            KIND.BIT_STRING,
            BitString((True, False)),
        ),
        ({"nullValue": Null(())}, KIND.NULL, None),
        ({"failure": FAILURE}, KIND.FAILURE, "device-busy"),
        ({"timeChange": -3600.0}, KIND.TIME_CHANGE, -3600.0),
        ({"anyValue": AnyValue(Double(1.25))}, KIND.ANY, 1.25),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_record_of_a_trend_log(datum: dict[str, Any], kind: DatumKind, value: Any):
    made = StackRecord(timestamp=STAMP, logDatum=LogRecordLogDatum(**datum))
    found = decode_log_record(octets_of(made))
    assert found == LogRecord(DATE, TIME, kind, value)


def test_status_flags_come_with_a_record():
    made = StackRecord(
        timestamp=STAMP,
        logDatum=LogRecordLogDatum(realValue=1.0),
        statusFlags=StatusFlags([0, 1, 0, 0]),
    )
    found = decode_log_record(octets_of(made))
    assert found.flags == BitString((False, True, False, False))


@pytest.mark.parametrize(
    ("column", "kind", "value"),
    [
        (0, KIND.BOOLEAN, True),
        (1, KIND.REAL, 21.5),
        (2, KIND.ENUMERATED, 2),
        (3, KIND.UNSIGNED, 7),
        (4, KIND.SIGNED, -7),
        (5, KIND.BIT_STRING, BitString((True,))),
        (6, KIND.NULL, None),
        (7, KIND.FAILURE, "device-busy"),
        (8, KIND.ANY, 1.25),
    ],
)
def test_column_of_a_trend_log_multiple(column: int, kind: DatumKind, value: Any):
    columns = [
        LogDataLogData(booleanValue=True),
        LogDataLogData(realValue=21.5),
        LogDataLogData(enumValue=2),
        LogDataLogData(unsignedValue=7),
        LogDataLogData(signedValue=-7),
        LogDataLogData(bitstringValue=StackBits([1])),
        LogDataLogData(nullValue=Null(())),
        LogDataLogData(failure=FAILURE),
        LogDataLogData(anyValue=AnyValue(Double(1.25))),
    ]
    made = LogMultipleRecord(timestamp=STAMP, logData=LogData(logData=columns))
    found = decode_log_multiple_record(octets_of(made), column)
    assert found == LogRecord(DATE, TIME, kind, value)
    with pytest.raises(MalformedFrameError):
        decode_log_multiple_record(octets_of(made), len(columns))


@pytest.mark.parametrize(
    ("data", "kind", "value"),
    [
        ({"logStatus": LogStatus([0, 0, 1])}, KIND.LOG_STATUS, INTERRUPTED),
        ({"timeChange": 0.0}, KIND.TIME_CHANGE, 0.0),
    ],
)
def test_what_happened_to_a_trend_log_multiple_happened_to_every_column(
    data: dict[str, Any], kind: DatumKind, value: Any
):
    made = LogMultipleRecord(timestamp=STAMP, logData=LogData(**data))
    for column in range(3):
        found = decode_log_multiple_record(octets_of(made), column)
        assert found == LogRecord(DATE, TIME, kind, value)


@given(st.binary(max_size=60))
def test_records_that_make_no_sense_are_malformed(raw: bytes):
    with suppress(MalformedFrameError):
        record = [each for each in walk(raw) if isinstance(each, Tagged)]
        decode_log_record(record)
        decode_log_multiple_record(record, 0)
