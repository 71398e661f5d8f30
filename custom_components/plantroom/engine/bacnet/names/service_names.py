"""The services a device may say it executes."""

from collections.abc import Sequence
from typing import Final

from .number_names import NumberNames


def service_names(bits: Sequence[bool]) -> tuple[str, ...]:
    """Return the names of the bits that are set in protocol-services-supported."""
    return tuple(
        SERVICES.name(number) for number, supported in enumerate(bits) if supported
    )


SERVICES: Final = NumberNames(
    (
        0,
        """
        acknowledge-alarm confirmed-cov-notification confirmed-event-notification
        get-alarm-summary get-enrollment-summary subscribe-cov atomic-read-file
        atomic-write-file add-list-element remove-list-element create-object
        delete-object read-property read-property-conditional
        read-property-multiple write-property write-property-multiple
        device-communication-control confirmed-private-transfer
        confirmed-text-message reinitialize-device vt-open vt-close vt-data
        authenticate request-key i-am i-have unconfirmed-cov-notification
        unconfirmed-event-notification unconfirmed-private-transfer
        unconfirmed-text-message time-synchronization who-has who-is read-range
        utc-time-synchronization life-safety-operation subscribe-cov-property
        get-event-information write-group subscribe-cov-property-multiple
        confirmed-cov-notification-multiple unconfirmed-cov-notification-multiple
        confirmed-audit-notification audit-log-query
        unconfirmed-audit-notification who-am-i you-are
        """,
    ),
    unknown="service-{}",
)
"""BACnetServicesSupported of clause 21; the numbers are those of the bits."""
