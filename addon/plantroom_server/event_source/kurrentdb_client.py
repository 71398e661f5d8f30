"""The client of a KurrentDB as we want it, and the end of it."""

import asyncio
from contextlib import suppress
from typing import Final

import grpc
from kurrentdbclient import AsyncKurrentDBClient
from kurrentdbclient.exceptions import KurrentDBClientError, ProgrammingError

from .kurrentdb_options import Reach

CLOSE_SECONDS: Final = 2.0
# What a call may end with beside an answer. A call that somebody else cancelled ends with
# CancelledError too: raise_if_cancelled tells that from our own end.
CALL_ERRORS: Final = (
    KurrentDBClientError,
    ProgrammingError,
    OSError,
    grpc.RpcError,
    grpc.aio.UsageError,
    asyncio.InvalidStateError,
    asyncio.CancelledError,
)


class ReachingClient(AsyncKurrentDBClient):
    """A client that notices a hung server in seconds and is back as fast.

    The library takes certificates of clients from files only, and decodes nothing of
    the name and password in a URI; so all of these are put where it puts them.
    """

    def __init__(self, reach: Reach) -> None:
        """Take how the store is reached; connects when it is first used."""
        config = reach.config
        super().__init__(reach.uri, config.root_certificates or None)
        if config.client_certificate:
            self.certificate_chain = config.client_certificate.encode()
            self.private_key = config.client_key.encode()
        self.grpc_options += (
            # The keepalive of an idle connection never stops
            ("grpc.http2.max_pings_without_data", 0),
            ("grpc.keepalive_permit_without_calls", 1),
            # The backoff of another connection is not ours
            ("grpc.use_local_subchannel_pool", 1),
        )
        self._call_credentials = self.construct_call_credentials(
            config.user, config.password
        )


async def close(client: AsyncKurrentDBClient) -> None:
    """Close a client, connected or not, whatever its calls ended with."""
    with suppress(*CALL_ERRORS):
        async with asyncio.timeout(CLOSE_SECONDS):
            await client.close()
    raise_if_cancelled()


def raise_if_cancelled() -> None:
    """Raise CancelledError when it is this task that is cancelled."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
