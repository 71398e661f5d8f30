"""Which records a ReadRange request asks for, and its answer (clause 15.8)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bacpypes3.apdu import ReadRangeACK
from bacpypes3.basetypes import ResultFlags
from bacpypes3.constructeddata import Any as AnyValue
from bacpypes3.errors import ExecutionError
from bacpypes3.primitivedata import TagList

from .trend_logs import LOG_BUFFER, SimulatedLog, encoded

# Of the answer beside its items, with some to spare
HEADER_OCTETS = 32


def answer_read_range(
    logs: dict[str, SimulatedLog],
    apdu: Any,
    max_apdu: int,
    local_time: Callable[[float], datetime],
) -> Any:
    """Return the acknowledgement, of as many of the items asked for as fit one APDU."""
    name = f"{apdu.objectIdentifier[0]},{apdu.objectIdentifier[1]}"
    log = logs.get(name)
    if log is None:
        raise ExecutionError(errorClass="object", errorCode="unknownObject")
    if int(apdu.propertyIdentifier) != LOG_BUFFER:
        raise ExecutionError(errorClass="services", errorCode="propertyIsNotAList")
    records = log.records
    first, last = _asked(apdu.range, records, local_time)
    room = max_apdu - HEADER_OCTETS
    tags: list[Any] = []
    given = first
    while given < last:
        item = list(
            encoded(log, records[given], local_time(records[given].at)).encode()
        )
        room -= sum(len(bytes(tag.encode().pduData)) for tag in item)
        if room < 0:
            break
        tags += item
        given += 1
    count = given - first
    flags = [
        int(count > 0 and first == 0),
        int(count > 0 and given == len(records)),
        int(given < last),
    ]
    numbered = count and apdu.range and not apdu.range.byPosition
    return ReadRangeACK(
        objectIdentifier=apdu.objectIdentifier,
        propertyIdentifier=apdu.propertyIdentifier,
        resultFlags=ResultFlags(flags),
        itemCount=count,
        itemData=AnyValue(TagList(tags)),
        firstSequenceNumber=records[first].number if numbered else None,
        context=apdu,
    )


def _asked(
    wanted: Any, records: list[Any], local_time: Callable[[float], datetime]
) -> tuple[int, int]:
    """Return the indexes from and before which items are asked for."""
    if wanted is None:
        return 0, len(records)
    if wanted.byPosition is not None:
        at, count = (
            int(wanted.byPosition.referenceIndex) - 1,
            int(wanted.byPosition.count),
        )
        if not 0 <= at < len(records):
            return 0, 0
    elif wanted.bySequenceNumber is not None:
        found = wanted.bySequenceNumber
        count = int(found.count)
        at = int(found.referenceSequenceNumber) - (records[0].number if records else 0)
        if not 0 <= at < len(records):
            return 0, 0
    else:
        count = int(wanted.byTime.count)
        moments = [local_time(record.at) for record in records]
        reference = _local(wanted.byTime.referenceTime)
        newer = [n for n, moment in enumerate(moments) if moment > reference]
        older = [n for n, moment in enumerate(moments) if moment < reference]
        chosen = newer[:1] if count > 0 else older[-1:]
        if not chosen:
            return 0, 0
        at = chosen[0]
    if count > 0:
        return at, min(at + count, len(records))
    return max(0, at + count + 1), at + 1


def _local(stamp: Any) -> datetime:
    year, month, day, _ = stamp.date
    hour, minute, second, hundredth = stamp.time
    return datetime(  # noqa: DTZ001 - a device's local time has no zone
        year + 1900, month, day, hour, minute, second, hundredth * 10_000
    )
