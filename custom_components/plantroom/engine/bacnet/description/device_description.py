"""A device made of what its device object says."""

from ...models import Device
from ..names.property_ids import PropertyId
from ..names.service_names import service_names
from ..octets.rpm import PropertyRef
from ..reading.property_source import PropertySource
from ..who_is import IAm, segments_replies
from ..wire.addresses import BacnetAddress
from .object_types import DEVICE
from .property_results import ObjectProperties

LEAST_APDU = 50
MOST_APDU = 65535
DEFAULT_APDU = 480
_NO_SEGMENTATION = 3

_PROPERTIES = (
    PropertyId.OBJECT_NAME,
    PropertyId.VENDOR_NAME,
    PropertyId.VENDOR_IDENTIFIER,
    PropertyId.MODEL_NAME,
    PropertyId.FIRMWARE_REVISION,
    PropertyId.APPLICATION_SOFTWARE_VERSION,
    PropertyId.SERIAL_NUMBER,
    PropertyId.DESCRIPTION,
    PropertyId.LOCATION,
    PropertyId.PROTOCOL_SERVICES_SUPPORTED,
    PropertyId.MAX_APDU_LENGTH_ACCEPTED,
    PropertyId.SEGMENTATION_SUPPORTED,
    PropertyId.DATABASE_REVISION,
)


async def read_device(
    source: PropertySource,
    network_id: str,
    instance: int,
    address: BacnetAddress,
    i_am: IAm | None,
) -> Device:
    """Read the device object; what it does not tell comes from its I-Am or is empty.

    Raises DeviceOfflineError.
    """
    refs = [PropertyRef(DEVICE, instance, item) for item in _PROPERTIES]
    properties = ObjectProperties(await source.read(refs))
    known = i_am or IAm(
        instance=instance,
        address=str(address),
        max_apdu=DEFAULT_APDU,
        segmentation=_NO_SEGMENTATION,
        vendor_id=0,
    )
    return describe_device(network_id, address, known, properties)


def describe_device(
    network_id: str, address: BacnetAddress, i_am: IAm, properties: ObjectProperties
) -> Device:
    """Return the device of the properties read of its device object."""
    segmentation = properties.whole(PropertyId.SEGMENTATION_SUPPORTED)
    vendor_id = properties.whole(PropertyId.VENDOR_IDENTIFIER)
    return Device(
        device_id=f"{network_id}:{i_am.instance}",
        network_id=network_id,
        instance=i_am.instance,
        name=properties.text(PropertyId.OBJECT_NAME) or f"device,{i_am.instance}",
        address=str(address),
        vendor=properties.text(PropertyId.VENDOR_NAME),
        vendor_id=i_am.vendor_id if vendor_id is None else vendor_id,
        model=properties.text(PropertyId.MODEL_NAME),
        firmware=properties.text(PropertyId.FIRMWARE_REVISION),
        software=properties.text(PropertyId.APPLICATION_SOFTWARE_VERSION),
        serial_number=properties.text(PropertyId.SERIAL_NUMBER),
        description=properties.text(PropertyId.DESCRIPTION),
        location=properties.text(PropertyId.LOCATION),
        max_apdu=_max_apdu(i_am, properties),
        segmentation=segments_replies(
            i_am.segmentation if segmentation is None else segmentation
        ),
        services=service_names(properties.bits(PropertyId.PROTOCOL_SERVICES_SUPPORTED)),
        router=address.router,
        database_revision=properties.whole(PropertyId.DATABASE_REVISION),
    )


def _max_apdu(i_am: IAm, properties: ObjectProperties) -> int:
    for size in (
        properties.whole(PropertyId.MAX_APDU_LENGTH_ACCEPTED),
        i_am.max_apdu,
    ):
        if size is not None and LEAST_APDU <= size <= MOST_APDU:
            return size
    return DEFAULT_APDU
