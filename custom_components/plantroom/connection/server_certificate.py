"""Which certificate a server shows, for a person to compare before it is trusted."""

import asyncio
import hashlib
import ssl
from typing import Final

from ..engine.errors import ConnectionLostError

LOOK_SECONDS: Final = 10.0


async def shown_fingerprint(host: str, port: int) -> str:
    """Return the SHA-256 of the certificate that a server shows, in hexadecimal.

    Nothing is sent to the server but the handshake. Raises ConnectionLostError.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
    except (OSError, TimeoutError) as err:
        raise ConnectionLostError(
            f"Cannot see the certificate of {host} port {port}: {err}",
            host=host,
            port=port,
            reason=str(err) or type(err).__name__,
        ) from err
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.transport.abort()
    return hashlib.sha256(shown).hexdigest()
