"""How a request to our device is turned down, as its answer has it (clause 18).

Refusal
├── RefusedError      Error-PDU: what was asked for is not to be had
├── WriteFailedError  the Error-PDU of WritePropertyMultiple, naming the first failure
├── RejectedError     Reject-PDU: the request makes no sense
└── AbortedError      Abort-PDU: the answer cannot be given this way
"""

from typing import Final, NamedTuple, override

from ..octets.encoding import ObjectId, encode_context

ERROR: Final = 0x50
REJECT: Final = 0x60
ABORT_BY_SERVER: Final = 0x71

REJECT_INVALID_TAG: Final = 4
REJECT_MISSING_PARAMETER: Final = 5
REJECT_OUT_OF_RANGE: Final = 6
REJECT_UNRECOGNIZED_SERVICE: Final = 9
ABORT_SEGMENTATION: Final = 4
ABORT_OUT_OF_RESOURCES: Final = 9


class ErrorReason(NamedTuple):
    """Class and code of an error (clause 18, BACnetErrorClass and -Code)."""

    error_class: int
    error_code: int

    @property
    def octets(self) -> bytes:
        """Return both under their application tags."""
        return bytes((0x91, self.error_class, 0x91, self.error_code))


UNKNOWN_OBJECT: Final = ErrorReason(1, 31)
UNKNOWN_PROPERTY: Final = ErrorReason(2, 32)
NOT_AN_ARRAY: Final = ErrorReason(2, 50)
INVALID_ARRAY_INDEX: Final = ErrorReason(2, 42)
INVALID_DATA_TYPE: Final = ErrorReason(2, 9)
VALUE_OUT_OF_RANGE: Final = ErrorReason(2, 37)
WRITE_ACCESS_DENIED: Final = ErrorReason(2, 40)
NO_COV_OF_OBJECT: Final = ErrorReason(1, 45)
NO_SPACE_FOR_SUBSCRIPTION: Final = ErrorReason(3, 19)
OPERATIONAL_PROBLEM: Final = ErrorReason(0, 25)


class Refusal(Exception):  # noqa: N818
    """A request is turned down."""

    def octets(self, invoke_id: int, service: int) -> bytes:
        """Return the APDU that says so."""
        raise NotImplementedError


class RefusedError(Refusal):
    """An error, with its class and code."""

    def __init__(self, reason: ErrorReason) -> None:
        """Take the class and the code."""
        super().__init__(f"class {reason.error_class}, code {reason.error_code}")
        self.reason = reason

    @override
    def octets(self, invoke_id: int, service: int) -> bytes:
        return bytes((ERROR, invoke_id, service)) + self.reason.octets


class WriteFailedError(Refusal):
    """The first property of a WritePropertyMultiple that could not be written."""

    def __init__(
        self,
        reason: ErrorReason,
        object_id: ObjectId,
        property_id: int,
        array_index: int | None,
    ) -> None:
        """Take why, and the property."""
        super().__init__(f"class {reason.error_class}, code {reason.error_code}")
        self.reason = reason
        self._reference = encode_context(0, object_id) + encode_context(1, property_id)
        if array_index is not None:
            self._reference += encode_context(2, array_index)

    @override
    def octets(self, invoke_id: int, service: int) -> bytes:
        header = bytes((ERROR, invoke_id, service))
        error = b"\x0e" + self.reason.octets + b"\x0f"
        return header + error + b"\x1e" + self._reference + b"\x1f"


class RejectedError(Refusal):
    """A reject, with its reason."""

    def __init__(self, reason: int) -> None:
        """Take a BACnetRejectReason."""
        super().__init__(f"reject {reason}")
        self.reason = reason

    @override
    def octets(self, invoke_id: int, service: int) -> bytes:
        return bytes((REJECT, invoke_id, self.reason))


class AbortedError(Refusal):
    """An abort, with its reason."""

    def __init__(self, reason: int) -> None:
        """Take a BACnetAbortReason."""
        super().__init__(f"abort {reason}")
        self.reason = reason

    @override
    def octets(self, invoke_id: int, service: int) -> bytes:
        return bytes((ABORT_BY_SERVER, invoke_id, self.reason))
