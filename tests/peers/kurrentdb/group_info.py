"""A group of consumers as clients ask about it."""

from kurrentdbclient.protos.v1 import persistent_pb2

from .group import Consumer, Group
from .group_settings import FROM_END, FROM_START

Info = persistent_pb2.SubscriptionInfo


def info_of(group: Group) -> Info:
    """Return all that is known of a group."""
    settings = group.settings
    return Info(
        event_source=settings.stream,
        group_name=settings.group,
        status="Live",
        connections=[_connection(each) for each in group.consumers],
        last_checkpointed_event_position=_place(group, group.checkpoint),
        last_known_event_position=_place(group, len(group.records) - 1),
        resolve_link_tos=settings.resolve_links,
        start_from=_start(group),
        message_timeout_milliseconds=round(settings.message_timeout_seconds * 1000),
        extra_statistics=settings.extra_statistics,
        max_retry_count=settings.max_retry_count,
        live_buffer_size=settings.live_buffer_size,
        buffer_size=settings.history_buffer_size,
        read_batch_size=settings.read_batch_size,
        check_point_after_milliseconds=round(settings.checkpoint_after_seconds * 1000),
        min_check_point_count=settings.min_checkpoint_count,
        max_check_point_count=settings.max_checkpoint_count,
        retry_buffer_count=group.waiting_again,
        total_in_flight_messages=group.in_flight,
        outstanding_messages_count=group.in_flight,
        named_consumer_strategy=settings.strategy,
        max_subscriber_count=settings.max_subscriber_count,
        parked_message_count=len(group.parked),
    )


def _connection(consumer: Consumer) -> Info.ConnectionInfo:
    return Info.ConnectionInfo(
        available_slots=consumer.slots - len(consumer.in_flight),
        in_flight_messages=len(consumer.in_flight),
        connection_name=consumer.name,
    )


def _place(group: Group, order: int | None) -> str:
    """Return a place as the server writes it, "" for none."""
    if order is None or order < 0:
        return ""
    if group.settings.stream != "$all":
        return str(order)
    position = group.records[order].position
    return f"C:{position}/P:{position}"


def _start(group: Group) -> str:
    start = group.settings.start
    place = {FROM_START: 0, FROM_END: -1}.get(start, start)
    return f"C:{place}/P:{place}" if group.settings.stream == "$all" else str(place)
