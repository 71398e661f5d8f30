"""A full reading of a device: itself, its points, and what else it holds."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import batched
from typing import Final

from ...errors import DeviceOfflineError, DeviceRefusedError, MalformedReplyError
from ...models import Device, Point
from ..names.property_ids import PropertyId, property_name
from ..octets.encoding import ObjectId, Primitive
from ..octets.rpm import PropertyResult
from ..reading.property_source import PropertySource
from ..who_is import IAm
from ..wire.addresses import BacnetAddress
from .device_description import read_device
from .object_names import MOST_STATES, unique_names
from .object_types import DEVICE, OBJECT_TYPES, WILDCARD_INSTANCE, reference_of
from .point_description import describe_point, description_refs
from .property_results import UNKNOWN_OBJECT, UNKNOWN_PROPERTY, ObjectProperties

_LOGGER = logging.getLogger(__name__)

OBJECTS_A_BATCH: Final = 40
_OBJECTS_START: Final = 0.1

type SurveyProgress = Callable[[float, str], None]
type _ObjectResults = dict[ObjectId, list[PropertyResult]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyFailure:
    """A property that a device has but would not give, and why."""

    reference: str
    property_name: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a device is and holds; others: references of objects that are no points."""

    device: Device
    points: tuple[Point, ...]
    others: tuple[str, ...] = ()
    failures: tuple[SurveyFailure, ...] = ()


async def survey_device(
    source: PropertySource,
    *,
    network_id: str,
    instance: int,
    address: BacnetAddress,
    i_am: IAm | None = None,
    progress: SurveyProgress = lambda _fraction, _text: None,
) -> Survey:
    """Read a device and all of its objects; what it refuses is missing, no more.

    progress: called with a fraction (0 to 1) and "objects read/objects". Raises
    DeviceError when the device is silent or the object list cannot be read.
    """
    device = await read_device(source, network_id, instance, address, i_am)
    held = _object_ids(
        await source.read_array(DEVICE, instance, PropertyId.OBJECT_LIST)
    )
    wanted = [object_id for object_id in held if object_id.object_type in OBJECT_TYPES]
    progress(_OBJECTS_START, f"0/{len(wanted)}")
    results = await _read_objects(source, wanted, progress)
    progress(1.0, f"{len(results)}/{len(wanted)}")
    present = {key: value for key, value in results.items() if not _is_gone(value)}
    return Survey(
        device=device,
        points=await _describe(device.device_id, present),
        others=_others(held, present),
        failures=tuple(_failures(present)),
    )


async def _read_objects(
    source: PropertySource, object_ids: list[ObjectId], progress: SurveyProgress
) -> _ObjectResults:
    """Return the results of every object, one batch after the other."""
    results: _ObjectResults = {}
    for batch in batched(object_ids, OBJECTS_A_BATCH, strict=False):
        refs = [ref for object_id in batch for ref in description_refs(object_id)]
        for ref, result in zip(refs, await source.read(refs), strict=True):
            object_id = ObjectId(ref.object_type, ref.instance)
            complete = await _complete(source, result)
            results.setdefault(object_id, []).append(complete)
        share = len(results) / len(object_ids)
        progress(
            _OBJECTS_START + (1 - _OBJECTS_START) * share,
            f"{len(results)}/{len(object_ids)}",
        )
    return results


async def _complete(source: PropertySource, result: PropertyResult) -> PropertyResult:
    """Read state texts that would not come at once one by one."""
    ref = result.ref
    if ref.property_id != PropertyId.STATE_TEXT or result.error in _FINAL_ERRORS:
        return result
    try:
        texts = await source.read_array(
            ref.object_type, ref.instance, PropertyId.STATE_TEXT
        )
    except (DeviceOfflineError, DeviceRefusedError, MalformedReplyError) as err:
        _LOGGER.debug("State texts of %s stay unread: %s", ref[:2], err)
        return result
    return PropertyResult(ref, tuple(texts[:MOST_STATES]))


def _object_ids(values: Iterable[Primitive]) -> list[ObjectId]:
    """Return the objects in an object list, each once."""
    return list(
        dict.fromkeys(
            value
            for value in values
            if isinstance(value, ObjectId) and value.instance != WILDCARD_INSTANCE
        )
    )


def _others(held: Iterable[ObjectId], present: Iterable[ObjectId]) -> tuple[str, ...]:
    points = set(present)
    return tuple(reference_of(each) for each in held if each not in points)


def _is_gone(results: Iterable[PropertyResult]) -> bool:
    """Tell whether the device lists an object that it does not have."""
    return all(result.error == UNKNOWN_OBJECT for result in results)


async def _describe(device_id: str, results: _ObjectResults) -> tuple[Point, ...]:
    """Return the points, letting others run in between."""
    described = {key: ObjectProperties(value) for key, value in results.items()}
    names = unique_names(
        [
            (reference_of(key), properties.text(PropertyId.OBJECT_NAME))
            for key, properties in described.items()
        ]
    )
    points: list[Point] = []
    for (key, properties), name in zip(described.items(), names, strict=True):
        points.append(describe_point(device_id, key, name, properties))
        if len(points) % OBJECTS_A_BATCH == 0:
            await asyncio.sleep(0)
    return tuple(points)


def _failures(results: _ObjectResults) -> Iterator[SurveyFailure]:
    for object_id, properties in results.items():
        for result in properties:
            if result.error not in _NO_FAILURES:
                yield SurveyFailure(
                    reference=reference_of(object_id),
                    property_name=property_name(result.ref.property_id),
                    error=result.error,
                )


_NO_FAILURES: Final = frozenset({"", UNKNOWN_PROPERTY})
_FINAL_ERRORS: Final = frozenset({"", UNKNOWN_PROPERTY, UNKNOWN_OBJECT})
