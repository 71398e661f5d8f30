"""A group of consumers in KurrentDB: made if we may, and set as order needs it."""

import logging
from typing import Any, Final

from kurrentdbclient import AsyncKurrentDBClient
from kurrentdbclient.exceptions import (
    AccessDeniedError,
    AlreadyExistsError,
    NotFoundError,
)
from kurrentdbclient.persistent import SubscriptionInfo

from custom_components.plantroom.engine.gateway.configuration import (
    StreamKind,
    SubscriptionConfig,
)

from .kurrentdb_options import refused
from .kurrentdb_places import filter_of, stream_of

_LOGGER = logging.getLogger(__name__)

# Enough to go on while those before are written to the recovery cache
EVENTS_AHEAD: Final = 500
# One consumer, or there is no order. A checkpoint for whatever was acknowledged within a
# second. Whatever we do not acknowledge is wanted again for ever: it is we who park.
SETTINGS: Final[dict[str, Any]] = {
    "max_subscriber_count": 1,
    "min_checkpoint_count": 1,
    "max_checkpoint_count": 500,
    "checkpoint_after": 1.0,
    "message_timeout": 60.0,
    "max_retry_count": 1_000_000,
}


async def make_group(client: AsyncKurrentDBClient, config: SubscriptionConfig) -> None:
    """Make a group that begins with the first event; raises EventSourceRefusedError."""
    stream = stream_of(config)
    try:
        if stream is None:
            await client.create_subscription_to_all(
                config.group, filter_include=filter_of(config), **SETTINGS
            )
        else:
            await client.create_subscription_to_stream(
                config.group, stream, resolve_links=True, **SETTINGS
            )
    except AlreadyExistsError:
        return
    except AccessDeniedError as err:
        raise refused(
            "user",
            f"may not make the group {config.group}, and there is none: $ops may",
        ) from err


async def mend_group(client: AsyncKurrentDBClient, config: SubscriptionConfig) -> None:
    """Set a group that others made as order needs it; says so where we may not.

    Its consumers are let go when it is changed, and come back.
    """
    stream = stream_of(config)
    try:
        info = await client.get_subscription_info(config.group, stream)
        if _is_right(info, config):
            return
        _LOGGER.warning("The group %s is set as order needs it", config.group)
        wanted = SETTINGS | {"resolve_links": config.stream_kind is not StreamKind.ALL}
        if stream is None:
            await client.update_subscription_to_all(config.group, **wanted)
        else:
            await client.update_subscription_to_stream(config.group, stream, **wanted)
    except NotFoundError:
        return
    except AccessDeniedError:
        _LOGGER.warning(
            "The group %s is used as it is: only $ops may look at its settings",
            config.group,
        )


def _is_right(info: SubscriptionInfo, config: SubscriptionConfig) -> bool:
    links = info.resolve_links or config.stream_kind is not StreamKind.CATEGORY
    return links and all(
        getattr(info, name) == value for name, value in SETTINGS.items()
    )
