"""What a client asks an engine about alarms."""

from ..connection.base import Connection
from ..engine.alarms.configuration import AlarmRule
from ..engine.alarms.models import Alarm, AlarmValues
from ..engine.alarms.requests import (
    AcknowledgeRequest,
    AlarmReplay,
    AlarmsSinceRequest,
    MaintenanceRequest,
    ShelveRequest,
    UnshelveRequest,
)


class AlarmCalls:
    """The commands about alarms, typed."""

    _connection: Connection

    async def alarms(self) -> tuple[Alarm, ...]:
        """Return the alarms that are open, as the mirror has them too."""
        alarms: tuple[Alarm, ...] = await self._connection.call("alarms")
        return alarms

    async def alarms_since(self, request: AlarmsSinceRequest) -> AlarmReplay:
        """Return what happened to alarms after a cursor, oldest first."""
        replay: AlarmReplay = await self._connection.call("alarms_since", request)
        return replay

    async def alarm_values(self, number: int) -> AlarmValues | None:
        """Return what a transition's device showed then, None when it is not kept."""
        values: AlarmValues | None = await self._connection.call("alarm_values", number)
        return values

    async def acknowledge_alarm(self, request: AcknowledgeRequest) -> Alarm:
        """Take note of an alarm, at its device as well, and return how it is then."""
        alarm: Alarm = await self._connection.call("acknowledge_alarm", request)
        return alarm

    async def shelve_alarm(self, request: ShelveRequest) -> None:
        """Hear no more of an alarm for a while."""
        await self._connection.call("shelve_alarm", request)

    async def unshelve_alarm(self, request: UnshelveRequest) -> None:
        """Hear of an alarm again."""
        await self._connection.call("unshelve_alarm", request)

    async def set_maintenance(self, request: MaintenanceRequest) -> None:
        """Begin or end maintenance, in which alarms call nobody."""
        await self._connection.call("set_maintenance", request)

    async def alarm_suggestions(self, device_id: str) -> tuple[AlarmRule, ...]:
        """Return rules that suit a device, by its profile or by its own limits."""
        rules: tuple[AlarmRule, ...] = await self._connection.call(
            "alarm_suggestions", device_id
        )
        return rules
