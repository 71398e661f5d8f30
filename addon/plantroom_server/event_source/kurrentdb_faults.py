"""Why a KurrentDB does not answer, in a sentence that says what to mend."""

import asyncio
import ssl
from typing import Final

from kurrentdbclient.exceptions import (
    AccessDeniedError,
    DiscoveryFailedError,
    ServiceUnavailableError,
    UnauthenticatedError,
)

from ..gateway_errors import EventSourceError
from .kurrentdb_options import Reach, refused

PROBE_SECONDS: Final = 3.0


async def explained(err: BaseException, reach: Reach) -> EventSourceError:
    """Return what an error of the client means; asks the server how its TLS is."""
    if isinstance(err, EventSourceError):
        return err
    match err:
        case UnauthenticatedError() if reach.config.user:
            return refused("password", "or user is not accepted by KurrentDB")
        case UnauthenticatedError():
            return refused("user", "is missing: KurrentDB wants to know who we are")
        case AccessDeniedError():
            return refused("user", "may not do this in KurrentDB")
        case ServiceUnavailableError() | DiscoveryFailedError():
            return await _tls_fault(reach) or _gone(err)
        case _:
            return _gone(err)


def _gone(err: BaseException) -> EventSourceError:
    return EventSourceError("KurrentDB does not answer", reason=type(err).__name__)


async def _tls_fault(reach: Reach) -> EventSourceError | None:
    """Return what is wrong with TLS, None when it is something else."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await _shake_hands(reach, _context(reach))
    except ssl.SSLCertVerificationError as err:
        wrong = "do not vouch for the server" if reach.config.root_certificates else (
            "are missing: the server's certificate is not of a public authority"
        )  # fmt: skip
        return refused("root_certificates", f"{wrong} ({err.verify_message})")
    except ssl.SSLError as err:
        if reach.tls and err.reason in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"}:
            return refused("uri", "wants TLS, which the server has not: add Tls=false")
        return None
    except OSError, TimeoutError:
        return None
    if not reach.tls:
        return refused("uri", "has Tls=false, and the server wants TLS")
    return None


def _context(reach: Reach) -> ssl.SSLContext:
    """Return what the client checks; without TLS, nothing."""
    if not reach.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    context = ssl.create_default_context(cadata=reach.config.root_certificates or None)
    # gRPC does not want key usages in an authority's certificate
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


async def _shake_hands(reach: Reach, context: ssl.SSLContext) -> None:
    _, writer = await asyncio.open_connection(
        reach.host, reach.port, ssl=context, server_hostname=reach.host
    )
    # A goodbye of TLS would wait for the server's
    writer.transport.abort()
    await writer.wait_closed()
