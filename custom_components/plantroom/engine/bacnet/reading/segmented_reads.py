"""ReadProperty through bacpypes3, for a value too long for one segment."""

from bacpypes3.apdu import ReadPropertyRequest
from bacpypes3.basetypes import PropertyIdentifier
from bacpypes3.primitivedata import ObjectIdentifier

from ...errors import DeviceRefusedError, MalformedReplyError
from ..octets.encoding import decode_values
from ..octets.rpm import MALFORMED_VALUE, PropertyRef, PropertyResult
from ..octets.tags import MalformedFrameError
from ..wire.addresses import BacnetAddress
from ..wire.application import PlantroomApplication


async def read_segmented(
    app: PlantroomApplication, address: BacnetAddress, ref: PropertyRef
) -> PropertyResult:
    """Read one property, segmented if need be; raises DeviceOfflineError."""
    request = ReadPropertyRequest(
        objectIdentifier=ObjectIdentifier((ref.object_type, ref.instance)),
        propertyIdentifier=PropertyIdentifier(ref.property_id),
    )
    if ref.index is not None:
        request.propertyArrayIndex = ref.index
    try:
        answer = await app.ask(request, address)
        octets = bytes(answer.propertyValue.tagList.encode().pduData)
        # Within the brackets of the parameter that carries the value
        return PropertyResult(ref, decode_values(octets, 1, len(octets) - 1))
    except DeviceRefusedError as err:
        return PropertyResult(ref, (), err.reason)
    except MalformedReplyError, MalformedFrameError:
        return PropertyResult(ref, (), MALFORMED_VALUE)
