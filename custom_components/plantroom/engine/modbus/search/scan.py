"""Which units of a line answer, and what they are: one at a time, likely ids first."""

import asyncio
import logging
import random
from collections.abc import Collection, Iterable
from typing import Final

from ...errors import DeviceError, NetworkError
from ...field import ProgressListener
from ...models import FoundDevice, Protocol
from ...requests import ScanRequest
from ..configuration import ModbusLineConfig, ModbusTransport
from ..knowledge.profile import DeviceProfile
from ..unit.device_description import address_of
from .found_unit import describe_unit
from .unit_probe import Answer, AskUnit, UnitProbe

_LOGGER = logging.getLogger(__name__)

LOWEST: Final = 1
HIGHEST: Final = 247
# Where makers put their devices when they leave the factory
LIKELY: Final = (*range(1, 11), 100, 126, 200, 240, 247)
# A Modbus TCP device itself, beside what may hang behind it
OF_THE_HOST: Final = (255, 0)
# Nobody has all of these: who answers to each does not look at the id
PROBES_OF_A_HOST: Final = 5
UNLIKELY: Final = range(128, 240)
# Leaves the line to those who poll, write and look at it
SPACING_SECONDS: Final = 0.02


async def scan_line(
    config: ModbusLineConfig,
    request: ScanRequest,
    ask: AskUnit,
    profiles: Collection[DeviceProfile],
    progress: ProgressListener,
    configured: Collection[int] = (),
) -> tuple[FoundDevice, ...]:
    """Return the units that answer, described, without those already configured.

    A host that answers alike to whatever id is found once, and marked so. progress
    hears a fraction and the number found so far. What was found before the line broke
    is returned; raises NetworkError when that is nothing.
    """
    scan = _LineScan(config, ask, profiles, progress)
    try:
        if config.transport in (ModbusTransport.TCP, ModbusTransport.TLS):
            await scan.search_host(request, configured)
        else:
            await scan.search(scan_order(request.low, request.high, configured))
    except NetworkError:
        if not scan.found:
            raise
        _LOGGER.warning(
            "The search on %s ended early with %d found", config.name, len(scan.found)
        )
    progress(1.0, str(len(scan.found)))
    return tuple(sorted(scan.found, key=lambda device: device.instance))


def scan_order(low: int, high: int, without: Collection[int]) -> list[int]:
    """Return the ids from low to high that a unit can have, likely ones first; pure."""
    wanted = range(max(low, LOWEST), min(high, HIGHEST) + 1)
    ordered = (*(unit_id for unit_id in LIKELY if unit_id in wanted), *wanted)
    return [unit_id for unit_id in dict.fromkeys(ordered) if unit_id not in without]


class _LineScan:
    """One search on one line."""

    def __init__(
        self,
        config: ModbusLineConfig,
        ask: AskUnit,
        profiles: Collection[DeviceProfile],
        progress: ProgressListener,
    ) -> None:
        self.found: list[FoundDevice] = []
        self._config = config
        self._profiles = profiles
        self._progress = progress
        self._probe = UnitProbe(config, ask)

    async def search_host(
        self, request: ScanRequest, configured: Collection[int]
    ) -> None:
        """Search behind a TCP host, which may be one device whatever it is asked."""
        ids = scan_order(request.low, request.high, configured)
        if len(ids) > PROBES_OF_A_HOST and await self._ignores_ids(configured):
            _LOGGER.info("%s answers to every unit id", self._config.name)
            if not configured:
                await self._describe(ids[0], answers_every_id=True)
            return
        await self.search(ids)
        if not self.found and not configured and request.high >= HIGHEST:
            await self.search(OF_THE_HOST)

    async def search(self, ids: Iterable[int]) -> None:
        """Ask every id and describe those that answer."""
        wanted = list(ids)
        for done, unit_id in enumerate(wanted):
            self._progress(done / len(wanted), str(len(self.found)))
            if await self._probe.answers(unit_id):
                await self._describe(unit_id)
            await asyncio.sleep(SPACING_SECONDS)

    async def _ignores_ids(self, configured: Collection[int]) -> bool:
        """Return whether ids that nobody has are answered."""
        unlikely = [unit_id for unit_id in UNLIKELY if unit_id not in configured]
        answers = set()
        for unit_id in random.sample(unlikely, PROBES_OF_A_HOST):
            answer = await self._probe.ask(unit_id)
            if answer is Answer.SILENT:
                return False
            answers.add(answer)
        if answers == {Answer.STRUGGLES}:
            self._probe.take_struggling_for_absent()
            return False
        return True

    async def _describe(self, unit_id: int, *, answers_every_id: bool = False) -> None:
        """Find out what a unit is; one that is gone again is found all the same."""
        reader = self._probe.reader(unit_id)
        bare = FoundDevice(
            network_id=self._config.network_id,
            instance=unit_id,
            address=address_of(self._config, unit_id),
            protocol=Protocol.MODBUS,
            answers_every_id=answers_every_id,
        )
        self.found.append(bare)
        try:
            self.found[-1] = await describe_unit(bare, reader, self._profiles)
        except DeviceError as err:
            _LOGGER.debug("Unit %s was found and lost: %s", unit_id, err)
