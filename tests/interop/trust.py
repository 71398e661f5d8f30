"""Who gets in without a certificate of the site."""

import asyncio

from .peer import Client, Place

READ_SECONDS = 5.0


async def is_refused(client: Client, place: Place) -> bool:
    """Return whether a hub keeps a client out whose certificate is of another site."""
    try:
        async with asyncio.timeout(READ_SECONDS):
            await client.open(place)
            # With TLS 1.3 a client may believe for a moment that it is in
            await asyncio.sleep(0.5)
            return not await client.hub()
    except Exception:  # noqa: BLE001  makers raise what they like
        return True
    finally:
        await client.close()
