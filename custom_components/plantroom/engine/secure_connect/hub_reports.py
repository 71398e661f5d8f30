"""What of BACnet/SC a person has to mend: it becomes a problem, with its cause."""

from typing import Final

from ..events import (
    NumberedEvent,
    SecureHubChanged,
    SecureHubRemoved,
    SecureNetworkChanged,
    SecureNetworkRemoved,
)
from ..models import ProblemCode
from ..problems import Problems
from .configuration import SecureConnectConfig
from .models import SecureHubStatus, SecureNetworkStatus
from .troubles import HubTrouble

# What does not mend itself; a hub that is away for a while shows in the status alone
MENDABLE: Final = frozenset(
    {
        HubTrouble.NAME_UNKNOWN,
        HubTrouble.UNTRUSTED,
        HubTrouble.EXPIRED,
        HubTrouble.NOT_YET_VALID,
        HubTrouble.HOST_NAME,
        HubTrouble.CERTIFICATE,
        HubTrouble.CREDENTIALS,
        HubTrouble.OWN_UNTRUSTED,
        HubTrouble.OWN_EXPIRED,
        HubTrouble.OWN_REFUSED,
        HubTrouble.TLS,
        HubTrouble.NOT_A_HUB,
        HubTrouble.VMAC_REFUSED,
        HubTrouble.REFUSED,
        HubTrouble.PROTOCOL,
        HubTrouble.CLOSED_EARLY,
    }
)


class HubReports:
    """Follows the status of networks and hubs."""

    def __init__(self, problems: Problems) -> None:
        """Take where problems are reported."""
        self._problems = problems
        self._names: dict[str, str] = {}
        self._uris: dict[str, str] = {}

    def configure(self, config: SecureConnectConfig) -> None:
        """Learn what networks and hubs are called."""
        self._names = {each.network_id: each.name for each in config.networks}
        self._uris = {each.network_id: each.primary for each in config.networks}
        self._names |= {each.hub_id: each.name for each in config.hubs}

    def hear(self, numbered: NumberedEvent) -> None:
        """Report what stands in the way, and withdraw it once it is gone."""
        match numbered.event:
            case SecureNetworkChanged(status=network):
                self._report_network(network)
            case SecureNetworkRemoved(network_id=network_id):
                self._problems.solve(network_id, ProblemCode.HUB_NOT_JOINED)
            case SecureHubChanged(status=hub):
                self._report_hub(hub)
            case SecureHubRemoved(hub_id=hub_id):
                self._problems.solve(hub_id, ProblemCode.HUB_NOT_LISTENING)

    def _report_network(self, status: SecureNetworkStatus) -> None:
        network_id = status.network_id
        if status.reason not in MENDABLE:
            self._problems.solve(network_id, ProblemCode.HUB_NOT_JOINED)
            return
        self._problems.report(
            ProblemCode.HUB_NOT_JOINED,
            network_id,
            name=self._names.get(network_id, network_id),
            hub=self._uris.get(network_id, status.hub_uri),
            reason=status.reason,
            detail=status.detail,
        )

    def _report_hub(self, status: SecureHubStatus) -> None:
        if status.listening or not status.reason:
            self._problems.solve(status.hub_id, ProblemCode.HUB_NOT_LISTENING)
            return
        self._problems.report(
            ProblemCode.HUB_NOT_LISTENING,
            status.hub_id,
            name=self._names.get(status.hub_id, status.hub_id),
            reason=status.reason,
            detail=status.detail,
        )
