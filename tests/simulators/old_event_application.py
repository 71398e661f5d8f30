"""The application of a controller from 2004: alarms, and no GetEventInformation yet."""

from typing import Any, override

from bacpypes3.apdu import GetAlarmSummaryACK, GetEnrollmentSummaryACK, RejectPDU
from bacpypes3.basetypes import (
    EventTransitionBits,
    GetAlarmSummaryAlarmSummary,
    GetEnrollmentSummaryEnrollmentSummary,
)

from .application import SERVICES
from .event_application import EventApplication
from .events import CHANGE_OF_STATE, CLASS_INSTANCE, NORMAL

UNRECOGNIZED_SERVICE = 9
NOT_ACKNOWLEDGED = 2


class OldEventApplication(EventApplication):
    """Answers GetAlarmSummary and GetEnrollmentSummary (clauses 13.6 and 13.7)."""

    services = (
        *SERVICES,
        "acknowledgeAlarm",
        "getAlarmSummary",
        "getEnrollmentSummary",
    )

    @override
    async def do_GetEventInformationRequest(self, apdu: Any) -> None:
        """Know nothing of such a service."""
        await self.response(RejectPDU(reason=UNRECOGNIZED_SERVICE, context=apdu))

    async def do_GetAlarmSummaryRequest(self, apdu: Any) -> None:  # noqa: N802
        """Tell of what is in alarm, be it acknowledged or not."""
        summaries = [
            GetAlarmSummaryAlarmSummary(
                objectIdentifier=event.object_id, alarmState=event.state,
                acknowledgedTransitions=EventTransitionBits(event.acked),
            )
            for event in self.events.states.values() if event.state != NORMAL
        ]  # fmt: skip
        answer = GetAlarmSummaryACK(listOfAlarmSummaries=summaries, context=apdu)
        await self.response(answer)

    async def do_GetEnrollmentSummaryRequest(self, apdu: Any) -> None:  # noqa: N802
        """Tell of what waits for acknowledgement, or of everything."""
        waiting = int(apdu.acknowledgmentFilter) == NOT_ACKNOWLEDGED
        summaries = [
            GetEnrollmentSummaryEnrollmentSummary(
                objectIdentifier=event.object_id, eventType=CHANGE_OF_STATE, eventState=event.state,
                priority=event.priority, notificationClass=CLASS_INSTANCE,
            )
            for event in self.events.states.values() if not waiting or 0 in event.acked
        ]  # fmt: skip
        answer = GetEnrollmentSummaryACK(
            listOfEnrollmentSummaries=summaries, context=apdu
        )
        await self.response(answer)
