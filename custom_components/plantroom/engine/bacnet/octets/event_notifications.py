"""Event notifications in octets (clauses 13.8 and 13.9)."""

from typing import NamedTuple

from .encoding import ObjectId, Tagged, walk
from .parameters import Parameters
from .tags import MalformedFrameError
from .time_stamps import TimeStamp, decode_time_stamp

_MOST_PRIORITY = 255


class EventNotification(NamedTuple):
    """What a device says of one of its objects, numbers as the standard has them.

    from_state: None in an acknowledgement's notification. event_values: the choice
    that the event type has, None without one.
    """

    process_id: int
    device: ObjectId
    event_object: ObjectId
    time_stamp: TimeStamp
    notification_class: int
    priority: int
    event_type: int
    message_text: str
    notify_type: int
    ack_required: bool
    from_state: int | None
    to_state: int
    event_values: Tagged | None


def decode_event_notification(body: bytes) -> EventNotification:
    """Return the parameters both services share, or raise MalformedFrameError."""
    parameters = Parameters(walk(body))
    return EventNotification(
        process_id=parameters.unsigned(0),
        device=parameters.object_id(1),
        event_object=parameters.object_id(2),
        time_stamp=_time_stamp(parameters),
        notification_class=parameters.unsigned(4),
        priority=min(parameters.unsigned(5), _MOST_PRIORITY),
        event_type=parameters.unsigned(6),
        message_text=parameters.text(7),
        notify_type=parameters.unsigned(8),
        ack_required=parameters.boolean(9) if 9 in parameters else False,
        from_state=parameters.unsigned(10) if 10 in parameters else None,
        to_state=parameters.unsigned(11),
        event_values=_event_values(parameters),
    )


def _time_stamp(parameters: Parameters) -> TimeStamp:
    elements = parameters.elements(3)
    if len(elements) != 1:
        raise MalformedFrameError("a notification without a time stamp")
    return decode_time_stamp(elements[0])


def _event_values(parameters: Parameters) -> Tagged | None:
    """Return what there is: values that nobody can read make no alarm go unheard."""
    if 12 not in parameters:
        return None
    match parameters.elements(12):
        case (Tagged() as choice,):
            return choice
    return None
