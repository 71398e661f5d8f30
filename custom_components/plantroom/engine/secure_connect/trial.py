"""A hub is tried before it is configured."""

import asyncio
from typing import Final, override

from .models import HubConnection, SecureNetworkStatus
from .port import SecureLink, SecureLinkUser

# A TLS handshake with a slow controller, and the hub's answer after it
TRIAL_SECONDS: Final = 20.0


class LinkTrial(SecureLinkUser):
    """Opens a link until it stands or says why it does not, then closes it."""

    def __init__(self, link: SecureLink) -> None:
        """Take a link that nobody has opened."""
        self._link = link
        self._settled = asyncio.Event()

    async def run(self) -> SecureNetworkStatus:
        """Return how the connection stood; raises NetworkError."""
        try:
            async with asyncio.timeout(TRIAL_SECONDS):
                await self._link.open(self)
                await self._settled.wait()
        except TimeoutError:
            pass
        finally:
            status = self._link.status
            await self._link.close()
        return status

    @override
    def received(self, npdu: bytes, source: bytes, *, broadcast: bool) -> None:
        """Take no note of what is said on the network."""

    @override
    def stands(self, status: SecureNetworkStatus) -> None:
        if status.connection is not HubConnection.NONE or status.reason:
            self._settled.set()
