"""Turns the engine's errors and verdicts into what Home Assistant shows a person."""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, Final

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .engine.errors import (
    CertificateRefusedError,
    ConfigurationError,
    PlantroomError,
    UnknownTargetError,
    WriteRefusedError,
)
from .engine.models import Verdict, WriteResult
from .engine.secure_connect.certificates import CertificateFault

TRANSLATED_CODES: Final = frozenset(
    {
        "authentication",
        "bbmd_refused",
        "certificate",
        "certificate_refused",
        "configuration",
        "connection_lost",
        "device",
        "device_offline",
        "device_refused",
        "interface_gone",
        "line_in_use",
        "line_unreachable",
        "malformed_reply",
        "malformed_request",
        "network",
        "port_in_use",
        "read_only",
        "schema",
        "server_busy",
        "storage",
        "unknown_command",
        "unknown_target",
        "write_refused",
    }
)
TRANSLATED_REFUSALS: Final = frozenset(
    {
        "above_maximum",
        "below_minimum",
        "invalid_value",
        "not_commandable",
        "not_writable",
        "nothing_before",
        "priority",
        "reserved_priority",
        "too_many_leases",
    }
)
# Reasons of a failed write that tell a person where to look; by their texts' keys
TRANSLATED_FAILURES: Final = frozenset(
    {
        "device_offline",
        "network",
        "not_released",
        "present_value_differs",
        "value_not_taken",
        "write_access_denied",
    }
)
# Every fact that a message names: one that an error does not give must not break it
_FACTS: Final = (
    "address",
    "bbmd",
    "characters",
    "credentials",
    "date",
    "device",
    "limit",
    "issuer",
    "line",
    "name",
    "owner",
    "point",
    "port",
    "priority",
    "reason",
    "subject",
    "value",
    "what",
)
_WRONG_INPUT: Final = (ConfigurationError, UnknownTargetError, WriteRefusedError)


def translated_errors[**P, R](
    method: Callable[P, Awaitable[R]],
) -> Callable[P, Coroutine[Any, Any, R]]:
    """Raise the engine's errors as Home Assistant's, in the person's language."""

    @wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await method(*args, **kwargs)
        except PlantroomError as err:
            raise translated(err) from err

    return call


def translated(err: PlantroomError) -> HomeAssistantError:
    """Return the error that tells a person what went wrong."""
    kind = (
        ServiceValidationError if isinstance(err, _WRONG_INPUT) else HomeAssistantError
    )
    unsaid = dict.fromkeys(_FACTS, "?")
    return kind(
        translation_domain=DOMAIN,
        translation_key=_key(err),
        translation_placeholders={
            **unsaid,
            **err.facts,
            "message": str(err),
        },
    )


def raise_unless_verified(result: WriteResult, name: str) -> None:
    """Raise what kept a write from taking effect; name: what the person calls it."""
    if result.verdict is Verdict.VERIFIED:
        return
    if result.verdict is Verdict.OVERRIDDEN:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="overridden",
            translation_placeholders={
                "point": name,
                "priority": str(result.priority or ""),
                "overridden_by": str(result.overridden_by or ""),
                "value": str(result.present_value),
            },
        )
    raise HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=_failure_key(result.reason),
        translation_placeholders={"point": name, "reason": result.reason},
    )


def invalid_value(name: str, given: object) -> ServiceValidationError:
    """Return the error for a value that a point cannot take."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="write_refused_invalid_value",
        translation_placeholders={"point": name, "value": str(given)},
    )


def release_failed(names: list[str]) -> HomeAssistantError:
    """Return the error for points that could not be released."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="release_failed",
        translation_placeholders={"points": ", ".join(names)},
    )


def _failure_key(reason: str) -> str:
    known = reason.replace("-", "_")
    return f"write_failed_{known}" if known in TRANSLATED_FAILURES else "write_failed"


def _key(err: PlantroomError) -> str:
    if isinstance(err, WriteRefusedError) and err.reason in TRANSLATED_REFUSALS:
        return f"write_refused_{err.reason}"
    if isinstance(err, CertificateRefusedError) and err.reason in CertificateFault:
        return f"certificate_{err.reason}"
    return err.code if err.code in TRANSLATED_CODES else "engine"
