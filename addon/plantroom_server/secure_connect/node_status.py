"""How a node's connection is, told when it changes and logged once."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

from custom_components.plantroom.engine.secure_connect.models import (
    HubConnection,
    SecureNetworkStatus,
)
from custom_components.plantroom.engine.secure_connect.troubles import HubTrouble

from .dial_errors import LinkError
from .frames import MAX_NPDU
from .node_connector import Found

_LOGGER = logging.getLogger(__name__)


class NodeStatus:
    """What clients see of a node."""

    def __init__(
        self, network_id: str, name: str, tell: Callable[[SecureNetworkStatus], None]
    ) -> None:
        """Take the network's id and name, and whom to tell of a change."""
        self.now = SecureNetworkStatus(network_id=network_id, since=datetime.now(UTC))
        self._name = name
        self._hub_takes = MAX_NPDU
        self._tell = tell

    def connected(self, found: Found) -> None:
        """Take note of a hub, or of another reason why it is not the primary one."""
        trouble = found.trouble
        peer, ours = found.connection.peer, found.connection.vmac
        moved = replace(
            self.now,
            connection=found.hub,
            reason="" if trouble is None else trouble.code,
            detail="" if trouble is None else trouble.detail,
            vmac=ours.hex(":"),
            hub_vmac=peer.vmac.hex(":"),
            hub_uri=found.uri,
        )
        self._change(moved)
        takes = found.connection.max_npdu
        if takes < MAX_NPDU and takes != self._hub_takes:
            _LOGGER.warning(
                "%s: the hub takes no more than %d octets, longer ones are dropped",
                self._name,
                takes,
            )
        self._hub_takes = takes

    def lost(self, trouble: LinkError) -> None:
        """Take note of why there is no hub."""
        had = self.now.connection is not HubConnection.NONE
        moved = replace(
            self.now,
            connection=HubConnection.NONE,
            reason=trouble.code,
            detail=trouble.detail,
            hub_vmac="",
            hub_uri=trouble.facts["uri"],
            drops=self.now.drops + had,
        )
        self._change(moved)

    def closed(self) -> None:
        """Take note that we left of our own accord."""
        self.now = replace(
            self.now,
            connection=HubConnection.NONE,
            since=datetime.now(UTC),
            reason="",
            hub_vmac="",
            hub_uri="",
            direct_peers=(),
        )

    def direct(self, vmacs: Iterable[bytes]) -> None:
        """Take note of who is connected directly."""
        peers = tuple(sorted(each.hex(":") for each in vmacs))
        self._change(replace(self.now, direct_peers=peers))

    def _change(self, moved: SecureNetworkStatus) -> None:
        before = self.now
        if moved == before:
            return
        if (moved.connection, moved.hub_vmac) != (before.connection, before.hub_vmac):
            moved = replace(moved, since=datetime.now(UTC))
        self.now = moved
        self._log(before, moved)
        self._tell(moved)

    def _log(self, before: SecureNetworkStatus, now: SecureNetworkStatus) -> None:
        told = (before.connection, before.reason)
        if told == (now.connection, now.reason):
            return
        if now.connection is HubConnection.NONE:
            level = (
                logging.INFO if now.reason == HubTrouble.GOODBYE else logging.WARNING
            )
            _LOGGER.log(
                level,
                "%s has no hub: %s %s (%s)",
                self._name,
                now.reason,
                now.detail,
                now.hub_uri,
            )
            return
        why = f", the primary one: {now.reason} {now.detail}" if now.reason else ""
        _LOGGER.info(
            "%s is connected to the %s hub %s%s",
            self._name,
            now.connection,
            now.hub_uri,
            why,
        )
