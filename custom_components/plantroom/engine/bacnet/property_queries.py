"""Any property of any object, read for a person."""

from ..errors import DeviceRefusedError, UnknownTargetError
from ..requests import PropertyAnswer, ReadPropertyRequest
from .description.object_types import object_id_of
from .description.property_text import readable_property
from .names.property_ids import property_name, property_number
from .octets.rpm import PropertyRef, PropertyResult
from .reading.device_limits import TOO_LONG_REASONS
from .reading.property_reader import PropertyReader


async def read_any_property(
    reader: PropertyReader, request: ReadPropertyRequest
) -> PropertyAnswer:
    """Return the property's value as JSON has it; raises DeviceError.

    Raises UnknownTargetError for a name that is no object or property.
    """
    object_id = object_id_of(request.reference)
    property_id = property_number(request.property_name)
    if property_id is None:
        raise UnknownTargetError(
            f"{request.property_name!r} names no property", target=request.property_name
        )
    ref = PropertyRef(*object_id, property_id, request.index)
    (result,) = await reader.read([ref])
    if result.error in TOO_LONG_REASONS and request.index is None:
        values = await reader.read_array(*object_id, property_id)
        result = PropertyResult(ref, tuple(values))
    if result.error:
        raise DeviceRefusedError(
            f"{request.device_id} refused {request.property_name} of"
            f" {request.reference}: {result.error}",
            device=request.device_id,
            reason=result.error,
        )
    return PropertyAnswer(
        device_id=request.device_id,
        reference=request.reference,
        property_name=property_name(property_id),
        value=readable_property(ref, result.values),
    )
