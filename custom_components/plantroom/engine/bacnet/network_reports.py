"""What people hear of a BACnet network: its health and the problems it has."""

import logging
from typing import Final

from ..errors import (
    BbmdRefusedError,
    InterfaceGoneError,
    NetworkError,
    PortInUseError,
)
from ..models import Health, ProblemCode
from ..records import Records
from ..site_config import BacnetNetworkConfig

_LOGGER = logging.getLogger(__name__)

PROBLEM_OF: Final = {
    PortInUseError: ProblemCode.PORT_IN_USE,
    InterfaceGoneError: ProblemCode.INTERFACE_GONE,
}


class NetworkReports:
    """Tells the records how a network is doing; a failure is logged once."""

    def __init__(self, config: BacnetNetworkConfig, records: Records) -> None:
        """Take the network and where to tell."""
        self._config = config
        self._health = records.health
        self._problems = records.problems
        self._failure = ""

    def starting(self) -> None:
        """State that the network is about to be opened."""
        self._health.network(self._config.network_id, Health.STARTING)

    def opened(self) -> None:
        """State that the network is open; a foreign device still has to register."""
        network_id = self._config.network_id
        self._failure = ""
        self._problems.solve(
            network_id, ProblemCode.PORT_IN_USE, ProblemCode.INTERFACE_GONE
        )
        if not self._config.bbmd:
            self._health.network(network_id, Health.HEALTHY)

    def failed(self, err: NetworkError) -> None:
        """State why the network cannot be used."""
        network_id = self._config.network_id
        self._health.network(network_id, Health.DOWN, err.code, err.facts)
        code = PROBLEM_OF.get(type(err))
        if code is not None:
            facts = {"name": self._config.name, **err.facts}
            self._problems.report(code, network_id, **facts)
        if self._failure != str(err):
            self._failure = str(err)
            _LOGGER.warning("BACnet network %s is down: %s", self._config.name, err)

    def registered(self, outcome: str) -> None:
        """State what the BBMD said to our registration, "" for yes."""
        network_id = self._config.network_id
        if outcome == "":
            self._problems.solve(network_id, ProblemCode.BBMD_REFUSED)
            self._health.network(network_id, Health.HEALTHY)
            return
        facts = {"bbmd": self._config.bbmd, "reason": outcome}
        self._health.network(network_id, Health.DEGRADED, BbmdRefusedError.code, facts)
        self._problems.report(
            ProblemCode.BBMD_REFUSED, network_id, name=self._config.name, **facts
        )
