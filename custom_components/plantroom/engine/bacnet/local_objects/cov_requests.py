"""SubscribeCOV and SubscribeCOVProperty taken apart (clauses 13.14 and 13.15)."""

import math
from dataclasses import dataclass
from typing import Final

from ..names.property_ids import PropertyId
from ..octets.encoding import ObjectId, decode_primitive, walk
from ..octets.parameters import Parameters
from ..octets.tags import ApplicationTag
from .refusals import (
    REJECT_MISSING_PARAMETER,
    VALUE_OUT_OF_RANGE,
    RefusedError,
    RejectedError,
)

PLAIN: Final = -1
"""Instead of a property: present value and status flags, of SubscribeCOV."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CovRequest:
    """What a client wants to be told; lifetime_seconds None cancels, 0 is for ever.

    property_id: PLAIN with SubscribeCOV. increment: None for the object's own.
    """

    process_id: int
    object_id: ObjectId
    property_id: int = PLAIN
    array_index: int | None = None
    confirmed: bool = False
    lifetime_seconds: int | None = None
    increment: float | None = None


def decode_subscribe_cov(body: bytes) -> CovRequest:
    """Return what is asked for; raises MalformedFrameError, RejectedError."""
    asked = Parameters(walk(body))
    confirmed, lifetime = _delivery(asked)
    return CovRequest(
        process_id=asked.unsigned(0),
        object_id=asked.object_id(1),
        confirmed=confirmed,
        lifetime_seconds=lifetime,
    )


def decode_subscribe_cov_property(body: bytes) -> CovRequest:
    """Return what is asked for; raises MalformedFrameError, Refusal."""
    asked = Parameters(walk(body))
    confirmed, lifetime = _delivery(asked)
    if 4 not in asked:
        raise RejectedError(REJECT_MISSING_PARAMETER)
    reference = Parameters(asked.elements(4))
    return CovRequest(
        process_id=asked.unsigned(0),
        object_id=asked.object_id(1),
        property_id=reference.unsigned(0),
        array_index=reference.unsigned(1) if 1 in reference else None,
        confirmed=confirmed,
        lifetime_seconds=lifetime,
        increment=_increment(asked),
    )


def _delivery(asked: Parameters) -> tuple[bool, int | None]:
    """Return whether to confirm, and for how long; without either it is cancelled."""
    if 0 not in asked or 1 not in asked:
        raise RejectedError(REJECT_MISSING_PARAMETER)
    if 2 not in asked:
        if 3 in asked:
            raise RejectedError(REJECT_MISSING_PARAMETER)
        return False, None
    return asked.boolean(2), asked.unsigned(3) if 3 in asked else 0


def _increment(asked: Parameters) -> float | None:
    if 5 not in asked:
        return None
    number = decode_primitive(ApplicationTag.REAL, asked.octets(5))
    if not isinstance(number, float) or not math.isfinite(number) or number < 0:
        raise RefusedError(VALUE_OUT_OF_RANGE)
    return number


def is_present_value(property_id: int) -> bool:
    """Return whether increments apply."""
    return property_id in {PLAIN, PropertyId.PRESENT_VALUE}
