"""The confirmed services of the fleet: request octets in, answer octets out."""

from collections.abc import Callable
from dataclasses import dataclass

from . import fleet_codec as codec
from .fleet_device import DEVICE, FleetDevice, ObjectKey, PropertyError

READ_PROPERTY, READ_MULTIPLE, WRITE_PROPERTY, SUBSCRIBE_COV = 12, 14, 15, 5
ALL, REQUIRED, OPTIONAL = 8, 105, 80
WILDCARD_INSTANCE = 4_194_303
REJECT_UNRECOGNIZED, REJECT_BAD_SYNTAX = 9, 4
ABORT_SEGMENTATION = 4
RESPONSE_SIZES = (50, 128, 206, 480, 1024, 1476)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """A SubscribeCOV request; lifetime None cancels."""

    process_id: int
    key: ObjectKey
    confirmed: bool
    lifetime_seconds: int | None


def answer_confirmed(
    device: FleetDevice, apdu: bytes, subscribe: Callable[[Subscribe], None]
) -> tuple[int, bytes]:
    """Return (service, answer APDU) for a confirmed request, never segmented."""
    invoke, service, body = apdu[2], apdu[3], apdu[4:]
    try:
        answer = _serve(device, service, body, subscribe)
    except PropertyError as err:
        error_class, code = err.args
        head = bytes((0x50, invoke, service))
        return service, head + codec.enumerated(error_class) + codec.enumerated(code)
    except ValueError, IndexError:
        return service, bytes((0x60, invoke, REJECT_BAD_SYNTAX))
    if answer is None:
        return service, bytes((0x60, invoke, REJECT_UNRECOGNIZED))
    if not answer:
        return service, bytes((0x20, invoke, service))
    if len(answer) + 3 > RESPONSE_SIZES[min(apdu[1] & 0x0F, 5)]:
        return service, bytes((0x71, invoke, ABORT_SEGMENTATION))
    return service, bytes((0x30, invoke, service)) + answer


def _serve(
    device: FleetDevice,
    service: int,
    body: bytes,
    subscribe: Callable[[Subscribe], None],
) -> bytes | None:
    if service == READ_PROPERTY:
        return _read(device, body)
    if service == READ_MULTIPLE:
        return _read_multiple(device, body)
    if service == WRITE_PROPERTY:
        return _write(device, body)
    if service == SUBSCRIBE_COV:
        subscribe(_subscription(device, body))
        return b""
    return None


def _key(device: FleetDevice, tag: codec.Tag) -> ObjectKey:
    raw = codec.number_in(tag)
    key = raw >> 22, raw & 0x3FFFFF
    return (DEVICE, device.instance) if key == (DEVICE, WILDCARD_INSTANCE) else key


def _result(property_id: int, index: int | None, tags: tuple[int, int]) -> bytes:
    encoded = codec.context(tags[0], codec.unsigned_octets(property_id))
    if index is not None:
        encoded += codec.context(tags[1], codec.unsigned_octets(index))
    return encoded


def _read(device: FleetDevice, body: bytes) -> bytes:
    tags = list(codec.read_tags(body))
    key, property_id = _key(device, tags[0]), codec.number_in(tags[1])
    index = codec.number_in(tags[2]) if len(tags) > 2 else None
    value = device.read(key, property_id, index)
    head = codec.context(0, codec.object_octets(*key))
    return head + _result(property_id, index, (1, 2)) + b"\x3e" + value + b"\x3f"


def _read_multiple(device: FleetDevice, body: bytes) -> bytes:
    answer = bytearray()
    tags = list(codec.read_tags(body))
    position = 0
    while position < len(tags):
        key = _key(device, tags[position])
        position += 2
        answer += codec.context(0, codec.object_octets(*key)) + b"\x1e"
        while not tags[position].bracket:
            property_id, index = codec.number_in(tags[position]), None
            position += 1
            if not tags[position].bracket and tags[position].number == 1:
                index = codec.number_in(tags[position])
                position += 1
            answer += _results(device, key, property_id, index)
        answer += b"\x1f"
        position += 1
    return bytes(answer)


def _results(
    device: FleetDevice, key: ObjectKey, property_id: int, index: int | None
) -> bytes:
    wanted: tuple[int, ...] = (property_id,)
    if property_id in (ALL, REQUIRED) and device.has(key):
        wanted = device.properties_of(key)
    elif property_id == OPTIONAL:
        wanted = ()
    answer = b""
    for each in wanted:
        answer += _result(each, index, (2, 3))
        try:
            answer += b"\x4e" + device.read(key, each, index) + b"\x4f"
        except PropertyError as err:
            error_class, code = err.args
            encoded = codec.enumerated(error_class) + codec.enumerated(code)
            answer += b"\x5e" + encoded + b"\x5f"
    return answer


def _write(device: FleetDevice, body: bytes) -> bytes:
    tags = list(codec.read_tags(body))
    opening = next(i for i, tag in enumerate(tags) if tag.bracket == "(")
    closing = next(i for i, tag in enumerate(tags) if tag.bracket == ")")
    priority = codec.number_in(tags[closing + 1]) if closing + 1 < len(tags) else 16
    key = _key(device, tags[0])
    device.write(key, codec.number_in(tags[1]), tags[opening + 1], priority)
    return b""


def _subscription(device: FleetDevice, body: bytes) -> Subscribe:
    tags = {tag.number: tag for tag in codec.read_tags(body)}
    key = _key(device, tags[1])
    if not device.has(key):
        raise PropertyError(1, 31)
    cancels = 2 not in tags and 3 not in tags
    lifetime = codec.number_in(tags[3]) if 3 in tags else 0
    return Subscribe(
        process_id=codec.number_in(tags[0]),
        key=key,
        confirmed=2 in tags and bool(codec.number_in(tags[2])),
        lifetime_seconds=None if cancels else lifetime,
    )
