"""The commands about alarms; the engine is made of these among others."""

from typing import Any

from ..commands import command
from ..field import FieldNetwork
from .alarming import Alarming
from .configuration import AlarmRule
from .models import Alarm, AlarmValues
from .requests import (
    AcknowledgeRequest,
    AlarmReplay,
    AlarmsSinceRequest,
    MaintenanceRequest,
    ShelveRequest,
    UnshelveRequest,
)


class AlarmCommands:
    """What a client may ask about alarms."""

    _alarming: Alarming

    def _network_of(self, device_id: str) -> FieldNetwork[Any]:
        """Return a device's network; raises UnknownTargetError."""
        raise NotImplementedError

    @command("alarms")
    async def alarms(self) -> tuple[Alarm, ...]:
        """Return the alarms that are open."""
        return self._alarming.book.of_clients()

    @command("alarms_since")
    async def alarms_since(self, request: AlarmsSinceRequest) -> AlarmReplay:
        """Return what happened to alarms after a cursor."""
        return await self._alarming.since(request)

    @command("alarm_values")
    async def alarm_values(self, number: int) -> AlarmValues | None:
        """Return what a transition's device showed then, if that is kept."""
        return await self._alarming.values(number)

    @command("acknowledge_alarm")
    async def acknowledge_alarm(self, request: AcknowledgeRequest) -> Alarm:
        """Take note of an alarm, at its device as well, and return how it is then."""
        return await self._alarming.operators.acknowledge(request)

    @command("shelve_alarm")
    async def shelve_alarm(self, request: ShelveRequest) -> None:
        """Hear no more of an alarm for a while."""
        await self._alarming.operators.shelve(request)

    @command("unshelve_alarm")
    async def unshelve_alarm(self, request: UnshelveRequest) -> None:
        """Hear of an alarm again."""
        await self._alarming.operators.unshelve(request)

    @command("set_maintenance")
    async def set_maintenance(self, request: MaintenanceRequest) -> None:
        """Begin or end maintenance, in which alarms call nobody."""
        await self._alarming.operators.set_maintenance(request)

    @command("alarm_suggestions")
    async def alarm_suggestions(self, device_id: str) -> tuple[AlarmRule, ...]:
        """Return rules that suit a device, by its profile or by its own limits."""
        return await self._network_of(device_id).alarm_suggestions(device_id)
