"""Who is there: the devices that answer Who-Is, with a short description of each."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from ..errors import DeviceError
from ..models import FoundDevice
from ..requests import ScanRequest
from .description.object_types import DEVICE, WILDCARD_INSTANCE
from .description.property_results import ObjectProperties
from .names.property_ids import PropertyId
from .octets.encoding import ObjectId
from .octets.rpm import PropertyRef
from .reading.property_source import PropertySource
from .who_is import Census, IAm, ScanProgress, WhoIsNetwork, collect_i_ams

__all__ = ["IAm", "WhoIsNetwork", "describe_found", "find_devices", "mark_duplicates"]

_LOGGER = logging.getLogger(__name__)

DESCRIBED_AT_ONCE: Final = 8
_LISTENING_SHARE: Final = 0.5
_NO_SEGMENTATION: Final = 3
_LEAST_APDU: Final = 480

type ReaderFor = Callable[[IAm], PropertySource]


async def find_devices(
    network: WhoIsNetwork,
    request: ScanRequest,
    reader_for: ReaderFor,
    progress: ScanProgress,
    *,
    parts: int = 1,
) -> list[FoundDevice]:
    """Return the devices that answer, described as far as they let themselves be.

    progress: called with a fraction (0 to 1) and the number of devices so far.
    parts: ask so many ranges one after the other, so that not all answer at once.
    Two addresses that claim an instance are both returned, the later one with the
    first one's address in duplicate_of.
    """

    def listening(share: float, text: str) -> None:
        progress(share * _LISTENING_SHARE, text)

    answers = await collect_i_ams(network, request, listening, parts=parts)
    if not answers and request.address:
        answers = await _ask_for_identity(request, reader_for)
    found = mark_duplicates(request.network_id, answers)
    slots = asyncio.Semaphore(DESCRIBED_AT_ONCE)
    done = 0

    async def describe(device: FoundDevice, i_am: IAm) -> FoundDevice:
        nonlocal done
        async with slots:
            described = await describe_found(device, reader_for(i_am))
        done += 1
        share = _LISTENING_SHARE + (1 - _LISTENING_SHARE) * done / len(found)
        progress(share, str(len(found)))
        return described

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(describe(*pair)) for pair in found]
    progress(1.0, str(len(found)))
    return [task.result() for task in tasks]


def mark_duplicates(
    network_id: str, answers: Iterable[IAm]
) -> list[tuple[FoundDevice, IAm]]:
    """Return each answer as a device by instance; later claims of one name the first."""
    first: dict[int, str] = {}
    pairs: list[tuple[FoundDevice, IAm]] = []
    for i_am in answers:
        address = first.setdefault(i_am.instance, i_am.address)
        found = FoundDevice(
            network_id=network_id,
            instance=i_am.instance,
            address=i_am.address,
            vendor_id=i_am.vendor_id,
            duplicate_of="" if address == i_am.address else address,
        )
        pairs.append((found, i_am))
    return sorted(pairs, key=lambda pair: pair[0].instance)


async def describe_found(found: FoundDevice, source: PropertySource) -> FoundDevice:
    """Return the device with what it says of itself; what it does not say stays empty."""
    refs = [
        PropertyRef(DEVICE, found.instance, PropertyId.OBJECT_NAME),
        PropertyRef(DEVICE, found.instance, PropertyId.VENDOR_NAME),
        PropertyRef(DEVICE, found.instance, PropertyId.MODEL_NAME),
        PropertyRef(DEVICE, found.instance, PropertyId.FIRMWARE_REVISION),
        PropertyRef(DEVICE, found.instance, PropertyId.OBJECT_LIST, 0),
    ]
    try:
        properties = ObjectProperties(await source.read(refs))
    except DeviceError as err:
        _LOGGER.debug("Device %s at %s: %s", found.instance, found.address, err)
        return found
    objects = properties.whole(PropertyId.OBJECT_LIST)
    return replace(
        found,
        name=properties.text(PropertyId.OBJECT_NAME),
        vendor=properties.text(PropertyId.VENDOR_NAME),
        model=properties.text(PropertyId.MODEL_NAME),
        firmware=properties.text(PropertyId.FIRMWARE_REVISION),
        # The list holds the device itself as well
        points=max(objects - 1, 0) if objects is not None else None,
    )


async def _ask_for_identity(request: ScanRequest, reader_for: ReaderFor) -> list[IAm]:
    """Read the device object of an address whose I-Am did not reach us.

    Many devices broadcast their I-Am, which containers and firewalls drop; to
    ReadProperty, instance 4194303 stands for the device's own.
    """
    unknown = IAm(
        instance=WILDCARD_INSTANCE,
        address=request.address,
        max_apdu=_LEAST_APDU,
        segmentation=_NO_SEGMENTATION,
        vendor_id=0,
    )
    refs = [
        PropertyRef(DEVICE, WILDCARD_INSTANCE, PropertyId.OBJECT_IDENTIFIER),
        PropertyRef(DEVICE, WILDCARD_INSTANCE, PropertyId.MAX_APDU_LENGTH_ACCEPTED),
        PropertyRef(DEVICE, WILDCARD_INSTANCE, PropertyId.SEGMENTATION_SUPPORTED),
        PropertyRef(DEVICE, WILDCARD_INSTANCE, PropertyId.VENDOR_IDENTIFIER),
    ]
    try:
        properties = ObjectProperties(await reader_for(unknown).read(refs))
    except DeviceError as err:
        _LOGGER.debug("No device at %s: %s", request.address, err)
        return []
    values = properties.values(PropertyId.OBJECT_IDENTIFIER)
    if not values or not isinstance(values[0], ObjectId):
        return []
    segmentation = properties.whole(PropertyId.SEGMENTATION_SUPPORTED)
    i_am = replace(
        unknown,
        instance=values[0].instance,
        max_apdu=properties.whole(PropertyId.MAX_APDU_LENGTH_ACCEPTED) or _LEAST_APDU,
        segmentation=_NO_SEGMENTATION if segmentation is None else segmentation,
        vendor_id=properties.whole(PropertyId.VENDOR_IDENTIFIER) or 0,
    )
    census = Census(request)
    census.take(i_am)
    return census.answers
