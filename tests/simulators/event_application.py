"""The application of a device with alarms: acknowledges, and tells of all that are open."""

from typing import Any

from bacpypes3.apdu import (
    GetEventInformationACK,
    GetEventInformationEventSummary,
    SimpleAckPDU,
)
from bacpypes3.errors import ExecutionError

from .application import SERVICES, SimulatedApplication
from .events import PRIORITIES, Events, EventState

EVENT_SERVICES = ("acknowledgeAlarm", "getEventInformation")


class EventApplication(SimulatedApplication):
    """Answers AcknowledgeAlarm and GetEventInformation from the device's events."""

    services: tuple[str, ...] = SERVICES + EVENT_SERVICES
    events: Events
    refuses_acknowledgements = ""

    async def do_AcknowledgeAlarmRequest(self, apdu: Any) -> None:  # noqa: N802
        """Take note, or say why not (clause 13.5)."""
        reason = self.refuses_acknowledgements or self.events.acknowledge(
            apdu.eventObjectIdentifier,
            int(apdu.eventStateAcknowledged),
            apdu.timeStamp,
            str(apdu.acknowledgmentSource),
        )
        if reason:
            raise ExecutionError(errorClass="services", errorCode=reason)
        await self.response(SimpleAckPDU(context=apdu))

    async def do_GetEventInformationRequest(self, apdu: Any) -> None:  # noqa: N802
        """Tell of a page of open events (clause 13.12)."""
        page, more = self.events.page(apdu.lastReceivedObjectIdentifier)
        answer = GetEventInformationACK(
            listOfEventSummaries=[_summary(event) for event in page],
            moreEvents=more,
            context=apdu,
        )
        await self.response(answer)


def _summary(event: EventState) -> Any:
    return GetEventInformationEventSummary(
        objectIdentifier=event.object_id, eventState=event.state, acknowledgedTransitions=list(event.acked),
        eventTimeStamps=list(event.stamps), notifyType=0, eventEnable=[1, 1, 1],
        eventPriorities=[event.priority, PRIORITIES[1], PRIORITIES[2]],
    )  # fmt: skip
