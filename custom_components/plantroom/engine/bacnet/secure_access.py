"""Access to a BACnet/SC network: a node whose hub may go and come back."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final, override

from ..backoff import backoff_seconds
from ..errors import NetworkError
from ..models import Health
from ..records import Records
from ..secure_connect.configuration import SecureNetworkConfig
from ..secure_connect.models import HubConnection, SecureNetworkStatus
from ..secure_connect.port import SecureLink, SecureLinkUser
from .network_access import NetworkAccess
from .wire.addresses import vmac_text
from .wire.carrier import Carrier
from .wire.secure_carrier import SecureCarrier

_LOGGER = logging.getLogger(__name__)

# A node that loses its hub has another one well before
HUB_CHANGE_SECONDS: Final = 2.0


class SecureAccess(NetworkAccess, SecureLinkUser):
    """A node that stays; each connection with a VMAC of its own is a link.

    A hub that is lost and found again, or another one in its place, within
    HUB_CHANGE_SECONDS is no loss: no device was unavailable to anybody.
    """

    def __init__(
        self,
        config: SecureNetworkConfig,
        node: SecureLink,
        publish: Callable[[SecureNetworkStatus], None],
        records: Records,
    ) -> None:
        """Take the network, its node, and where the facts go."""
        self._config = config
        self._node = node
        self._publish = publish
        self._health = records.health
        self._status = node.status
        self._changed = asyncio.Event()
        self._moments = 0
        self._carrier: SecureCarrier | None = None
        self._is_node_open = False
        self._failure = ""

    @property
    @override
    def own_address(self) -> str:
        return vmac_text(self._node.vmac) if self._is_connected else ""

    @override
    def starting(self) -> None:
        self._health.network(self._config.network_id, Health.STARTING)
        self._publish(self._status)

    @override
    async def carrier(self) -> Carrier:
        if not self._is_node_open:
            await self._node.open(self)
            self._is_node_open = True
        if not self._is_connected:
            raise self.down_error()
        self._carrier = SecureCarrier(self._node)
        return self._carrier

    @override
    def opened(self) -> None:
        self._failure = ""
        self._show()

    @override
    def failed(self, err: NetworkError) -> None:
        self._carrier = None
        status = self._status
        if self._is_node_open and not status.reason and status.drops == 0:
            # Connecting for the first time
            return
        reason = status.reason or err.code
        facts = {"name": self._config.name, "detail": status.detail or str(err)}
        self._health.network(self._config.network_id, Health.DOWN, reason, facts)
        # A node that is open says itself what it has not
        if not self._is_node_open and self._failure != str(err):
            self._failure = str(err)
            _LOGGER.warning("BACnet/SC network %s is down: %s", self._config.name, err)

    @override
    async def until_worth_trying(self, failures: int) -> None:
        if not self._is_node_open:
            await asyncio.sleep(backoff_seconds(failures))
            return
        while not self._is_connected:
            await self._next_change()

    @override
    async def until_lost(self) -> NetworkError | None:
        seen = self._moments
        while self._moments == seen and self._is_connected:
            await self._next_change()
        try:
            async with asyncio.timeout(HUB_CHANGE_SECONDS):
                while not self._is_connected:
                    await self._next_change()
        except TimeoutError:
            return self.down_error()
        if self._carrier is None or self._carrier.own.octets != self._node.vmac:
            return NetworkError(
                f"Our node on {self._config.name} has another VMAC",
                network=self._config.name,
            )
        return None

    @override
    async def stop(self) -> None:
        self._carrier = None
        await self._node.close()

    @override
    def down_error(self) -> NetworkError:
        name, status = self._config.name, self._status
        why = status.detail or status.reason or "not connected yet"
        return NetworkError(
            f"BACnet/SC network {name} has no hub: {why}",
            network=name,
            reason=status.reason,
        )

    @override
    def received(self, npdu: bytes, source: bytes, *, broadcast: bool) -> None:
        if self._carrier is not None:
            self._carrier.take(npdu, source, broadcast=broadcast)

    @override
    def stands(self, status: SecureNetworkStatus) -> None:
        before, self._status = self._status, status
        self._publish(status)
        if (before.connection, before.since) != (status.connection, status.since):
            self._moments += 1
        self._changed.set()
        if self._carrier is not None:
            self._show()
        elif not self._is_connected and self._is_node_open:
            self.failed(self.down_error())

    @property
    def _is_connected(self) -> bool:
        return self._status.connection is not HubConnection.NONE

    def _show(self) -> None:
        """State how well the network does that we are connected to."""
        status = self._status
        match status.connection:
            case HubConnection.PRIMARY:
                health, reason, detail = Health.HEALTHY, "", ""
            case HubConnection.FAILOVER:
                health, reason, detail = Health.DEGRADED, status.reason, status.detail
            case HubConnection.NONE:
                # Lost for a moment, or for longer: until_lost says which
                return
        facts = {"name": self._config.name, "detail": detail} if reason else {}
        self._health.network(self._config.network_id, health, reason, facts)

    async def _next_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()
