"""What a unit's exceptions are called, and what else a request comes back as."""

from typing import Final

from modbus_connection import ExceptionCode, ModbusExceptionError

from ...errors import DeviceError, DeviceOfflineError, DeviceRefusedError

# V1.1b3, 7
EXCEPTION_NAMES: Final = {
    ExceptionCode.ILLEGAL_FUNCTION: "illegal-function",
    ExceptionCode.ILLEGAL_DATA_ADDRESS: "illegal-data-address",
    ExceptionCode.ILLEGAL_DATA_VALUE: "illegal-data-value",
    ExceptionCode.SERVER_DEVICE_FAILURE: "server-device-failure",
    ExceptionCode.ACKNOWLEDGE: "acknowledge",
    ExceptionCode.SERVER_DEVICE_BUSY: "server-device-busy",
    ExceptionCode.MEMORY_PARITY_ERROR: "memory-parity-error",
    ExceptionCode.GATEWAY_PATH_UNAVAILABLE: "gateway-path-unavailable",
    ExceptionCode.GATEWAY_TARGET_DEVICE_FAILED_TO_RESPOND: "gateway-target-silent",
}
_GATEWAY: Final = frozenset(
    {
        ExceptionCode.GATEWAY_PATH_UNAVAILABLE,
        ExceptionCode.GATEWAY_TARGET_DEVICE_FAILED_TO_RESPOND,
    }
)
ILLEGAL_FUNCTION: Final = EXCEPTION_NAMES[ExceptionCode.ILLEGAL_FUNCTION]
SERVER_DEVICE_FAILURE: Final = EXCEPTION_NAMES[ExceptionCode.SERVER_DEVICE_FAILURE]
BUSY: Final = frozenset(
    {
        EXCEPTION_NAMES[ExceptionCode.ACKNOWLEDGE],
        EXCEPTION_NAMES[ExceptionCode.SERVER_DEVICE_BUSY],
    }
)
# What a device answers to addresses that it does not have, or not together
ILLEGAL_RANGE: Final = frozenset(
    {
        EXCEPTION_NAMES[ExceptionCode.ILLEGAL_DATA_ADDRESS],
        EXCEPTION_NAMES[ExceptionCode.ILLEGAL_DATA_VALUE],
    }
)


class DroppedError(DeviceOfflineError):
    """The connection broke while the unit was asked."""


class StalledError(DeviceOfflineError):
    """The wait ended late: this process was busy, so that silence proves nothing."""


class GatewayError(DeviceOfflineError):
    """A gateway says that the unit does not answer it."""


def error_of_exception(err: ModbusExceptionError, unit: str) -> DeviceError:
    """Return a gateway's exception as a unit that is silent, others as a refusal."""
    code = err.exception_code
    if code in _GATEWAY:
        return GatewayError(f"{unit} does not answer its gateway", device=unit)
    reason = EXCEPTION_NAMES.get(ExceptionCode(code)) if code in _KNOWN else None
    return DeviceRefusedError(
        f"{unit} refuses: {reason or code}",
        device=unit,
        reason=reason or f"exception-{code}",
    )


_KNOWN: Final = frozenset(code.value for code in ExceptionCode)
