"""Links of KurrentDB: what they lead to, where they are, and which lead nowhere."""

from uuid import UUID

from kurrentdbclient import AsyncKurrentDBClient, RecordedEvent
from kurrentdbclient.exceptions import NotFoundError

from .kurrentdb_places import link_target


async def resolved(
    client: AsyncKurrentDBClient, link: RecordedEvent
) -> RecordedEvent | None:
    """Return the event a link leads to, None when it is gone."""
    try:
        stream, position = link_target(link)
        found = await client.get_stream(stream, stream_position=position, limit=1)
    except ValueError, NotFoundError:
        return None
    return next((each for each in found if each.stream_position == position), None)


async def without_event(
    client: AsyncKurrentDBClient, stream: str, first: int, count: int
) -> list[UUID]:
    """Return the ids of links that lead nowhere, among so many from a position on."""
    try:
        links = await client.get_stream(stream, stream_position=first, limit=count)
        there = await client.get_stream(
            stream, stream_position=first, resolve_links=True, limit=count
        )
    except NotFoundError:
        return []
    alive = {each.ack_id for each in there}
    return [each.id for each in links if each.is_link_event and each.id not in alive]


async def found_at(
    client: AsyncKurrentDBClient, stream: str, event: RecordedEvent
) -> int | None:
    """Return where a stream has the link to an event, None when nowhere.

    Reads the stream from its end: what is replayed was there not long ago.
    """
    wanted = (event.stream_name, event.stream_position)
    try:
        async with await client.read_stream(stream, backwards=True) as links:
            async for link in links:
                if link.is_link_event and link_target(link) == wanted:
                    return link.stream_position
    except ValueError, NotFoundError:
        return None
    return None
