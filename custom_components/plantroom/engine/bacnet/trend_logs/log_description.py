"""The logs that a device keeps, as it describes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Final

from ...errors import DeviceRefusedError, MalformedReplyError
from ...history.models import TrendLogSummary
from ..description.object_types import DEVICE, reference_of
from ..description.property_results import ObjectProperties
from ..names.property_ids import PropertyId
from ..octets.encoding import Constructed, Element, ObjectId, Primitive, Tagged, walk
from ..octets.parameters import Parameters
from ..octets.rpm import PropertyRef, PropertyResult
from ..octets.tags import MalformedFrameError
from ..reading.property_source import PropertySource
from .record_reader import TREND_LOG, TREND_LOG_MULTIPLE

MOST_LOGS: Final = 2000
MOST_COLUMNS: Final = 256
LOGS_A_BATCH: Final = 20
# Log_Interval is in hundredths of a second
INTERVAL_UNIT_SECONDS: Final = 0.01
_TRIGGERED = 2
_DESCRIBED: Final = (
    PropertyId.OBJECT_NAME,
    PropertyId.RECORD_COUNT,
    PropertyId.LOG_INTERVAL,
    PropertyId.LOGGING_TYPE,
    PropertyId.ENABLE,
    PropertyId.LOG_DEVICE_OBJECT_PROPERTY,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDescription:
    """A Trend Log, or a Trend Log Multiple with a point for each column.

    points: reference of each column's object, "" for what is no present value of an
    object of this device. triggered: it logs when somebody says so.
    """

    log: ObjectId
    name: str
    points: tuple[str, ...]
    records: int
    interval_seconds: float
    enabled: bool
    triggered: bool = False

    def summaries(self, device_id: str) -> tuple[TrendLogSummary, ...]:
        """Return what a client is told, one of each column."""
        return tuple(
            TrendLogSummary(
                device_id=device_id,
                reference=reference_of(self.log),
                name=self.name,
                point_id=f"{device_id}:{point}" if point else "",
                records=self.records,
                interval_seconds=self.interval_seconds,
                enabled=self.enabled,
            )
            for point in self.points or ("",)
        )


async def read_logs(source: PropertySource, instance: int) -> list[LogDescription]:
    """Return the logs of a device; raises DeviceError."""
    held = await source.read_array(DEVICE, instance, PropertyId.OBJECT_LIST)
    logs = [
        each
        for each in held
        if isinstance(each, ObjectId)
        and each.object_type in (TREND_LOG, TREND_LOG_MULTIPLE)
    ][:MOST_LOGS]
    found: list[LogDescription] = []
    for batch in batched(dict.fromkeys(logs), LOGS_A_BATCH, strict=False):
        refs = [PropertyRef(*log, each) for log in batch for each in _DESCRIBED]
        results = iter(await source.read(refs))
        for log in batch:
            properties = [next(results) for _ in _DESCRIBED]
            found.append(await _described(source, log, properties, instance))
    return found


async def _described(
    source: PropertySource,
    log: ObjectId,
    results: Sequence[PropertyResult],
    instance: int,
) -> LogDescription:
    properties = ObjectProperties(results)
    columns = properties.values(PropertyId.LOG_DEVICE_OBJECT_PROPERTY)
    if not columns and log.object_type == TREND_LOG_MULTIPLE:
        columns = await _read_columns(source, log)
    interval = properties.whole(PropertyId.LOG_INTERVAL) or 0
    return LogDescription(
        log=log,
        name=properties.text(PropertyId.OBJECT_NAME) or reference_of(log),
        points=_points(columns, instance),
        records=properties.whole(PropertyId.RECORD_COUNT) or 0,
        interval_seconds=interval * INTERVAL_UNIT_SECONDS,
        enabled=_is_true(properties, PropertyId.ENABLE),
        triggered=properties.whole(PropertyId.LOGGING_TYPE) == _TRIGGERED,
    )


async def _read_columns(source: PropertySource, log: ObjectId) -> tuple[Primitive, ...]:
    """Return columns that do not come at once, none where the device refuses."""
    try:
        columns = await source.read_array(*log, PropertyId.LOG_DEVICE_OBJECT_PROPERTY)
    except DeviceRefusedError, MalformedReplyError:
        return ()
    return tuple(columns)


def _is_true(properties: ObjectProperties, property_id: PropertyId) -> bool:
    values = properties.values(property_id)
    return bool(values) and values[0] is True


def _points(columns: Sequence[Primitive], instance: int) -> tuple[str, ...]:
    """Return what is logged; a column's parameters are one element each, or several."""
    raw = b"".join(each.raw for each in columns if isinstance(each, Constructed))
    try:
        elements = walk(raw)
    except MalformedFrameError:
        return ()
    split: list[list[Element]] = []
    for element in elements:
        if isinstance(element, Tagged) and element.tag == 0:
            split.append([])
        if split:
            split[-1].append(element)
    return tuple(_point(Parameters(each), instance) for each in split[:MOST_COLUMNS])


def _point(parameters: Parameters, instance: int) -> str:
    """Return the reference of a column's object, if it is its present value."""
    try:
        logged = parameters.object_id(0)
        if parameters.unsigned(1) != PropertyId.PRESENT_VALUE or 2 in parameters:
            return ""
        if 3 in parameters and parameters.object_id(3) != (DEVICE, instance):
            return ""
    except MalformedFrameError:
        return ""
    return reference_of(logged)
