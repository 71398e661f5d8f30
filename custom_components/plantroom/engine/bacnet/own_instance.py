"""Notices a device that has the instance Plantroom itself has on a network."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from ..models import FoundDevice, ProblemCode
from ..problems import Problems
from ..site_config import BacnetConfig
from .local_objects.own_device import OwnDevice
from .who_is import IAm

OURSELVES: Final = "Plantroom"


class OwnInstance:
    """Makes a claim to our instance a problem until a whole census brings none."""

    def __init__(
        self,
        config: BacnetConfig,
        problems: Problems,
        own_device: OwnDevice | None = None,
    ) -> None:
        """Take the network, where problems go, and what may be silent for another."""
        self._config = config
        self._problems = problems
        self._own_device = own_device
        self._claimed = False

    def heard(self, i_am: IAm) -> bool:
        """Return whether an I-Am of somebody else claims our instance."""
        if i_am.instance != self._config.instance:
            return False
        if self._own_device is not None and not self._own_device.objects.live:
            # The server that is this device now
            return True
        self._claimed = True
        self._problems.report(
            ProblemCode.DUPLICATE_INSTANCE,
            self._config.network_id,
            instance=str(i_am.instance),
            name=self._config.name,
            first=OURSELVES,
            second=i_am.address,
        )
        return True

    def begin_census(self) -> None:
        """Withdraw the problem when nobody made the claim since the census before."""
        if not self._claimed:
            self._problems.solve(
                self._config.network_id, ProblemCode.DUPLICATE_INSTANCE
            )
        self._claimed = False

    def mark(self, found: Iterable[FoundDevice], host: str) -> tuple[FoundDevice, ...]:
        """Return the devices of a scan, those with our instance as our duplicates.

        host: our own address.
        """
        return tuple(
            replace(device, duplicate_of=f"{OURSELVES}, {host}")
            if device.instance == self._config.instance
            else device
            for device in found
        )
