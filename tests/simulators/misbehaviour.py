"""Applications that break one rule each."""

from typing import Any, override

from bacpypes3.errors import ExecutionError, UnrecognizedService

from .application import SERVICES, SimulatedApplication

COV_SLOTS = 5


def _without(*names: str) -> tuple[str, ...]:
    return tuple(name for name in SERVICES if name not in names)


class RejectsCov(SimulatedApplication):
    """Rejects SubscribeCOV as a service it does not know."""

    services = _without("subscribeCOV")

    @override
    async def do_SubscribeCOVRequest(self, apdu: Any) -> None:
        raise UnrecognizedService("SubscribeCOV")


class RefusesCov(SimulatedApplication):
    """Answers SubscribeCOV with an error, though it claims the service."""

    @override
    async def do_SubscribeCOVRequest(self, apdu: Any) -> None:
        raise ExecutionError(errorClass="services", errorCode="serviceRequestDenied")


class FiveCovSlots(SimulatedApplication):
    """Holds five subscriptions and refuses the sixth."""

    @override
    async def do_SubscribeCOVRequest(self, apdu: Any) -> None:
        cancels = apdu.issueConfirmedNotifications is None and apdu.lifetime is None
        key = (
            apdu.pduSource,
            apdu.subscriberProcessIdentifier,
            apdu.monitoredObjectIdentifier,
        )
        held = {(s.client_addr, s.proc_id, s.obj_id) for s in self.subscriptions()}
        if not cancels and key not in held and len(held) >= COV_SLOTS:
            raise ExecutionError(
                errorClass="resources", errorCode="noSpaceToAddListElement"
            )
        await super().do_SubscribeCOVRequest(apdu)


class SilentCov(SimulatedApplication):
    """Accepts subscriptions and never sends a notification."""

    @override
    def cov_notification(self, cov: Any, apdu: Any) -> None:
        """Send nothing."""


class NoReadMultiple(SimulatedApplication):
    """Rejects ReadPropertyMultiple as a service it does not know."""

    services = _without("readPropertyMultiple")

    @override
    async def do_ReadPropertyMultipleRequest(self, apdu: Any) -> None:
        raise UnrecognizedService("ReadPropertyMultiple")
