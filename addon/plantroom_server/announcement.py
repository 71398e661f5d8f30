"""Who is told of a server, and what."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from custom_components.plantroom.engine.wire.frames import MINIMUM_SCHEMA, SCHEMA

from .certificate import FILE_NAME, fingerprint
from .options import Options
from .server import PlantroomServer
from .supervisor import Announcement, SupervisorAnnouncer, supervisor_of

THIS_MACHINE: Final = "127.0.0.1"


class Announcer(Protocol):
    """Tells somebody of the server for as long as it runs."""

    async def start(self) -> None:
        """Begin to tell; what goes wrong is logged, never raised."""

    async def stop(self) -> None:
        """Tell no more; calling it twice does no harm."""


async def seen_by_supervisor(
    options: Options, environment: Mapping[str, str]
) -> Options:
    """Return options with the second port where the Supervisor's watchdog asks."""
    supervisor = supervisor_of(environment)
    if supervisor is None or options.health_host:
        return options
    return replace(options, health_host=await supervisor.own_address())


@asynccontextmanager
async def announced(
    options: Options, server: PlantroomServer, environment: Mapping[str, str]
) -> AsyncIterator[None]:
    """Tell of a server that listens while the context lasts; raises OSError."""
    announcers = await announcers_of(options, server, environment)
    try:
        for announcer in announcers:
            await announcer.start()
        yield
    finally:
        for announcer in announcers:
            await announcer.stop()


async def announcers_of(
    options: Options, server: PlantroomServer, environment: Mapping[str, str]
) -> list[Announcer]:
    """Return those who tell of a server that listens; raises OSError, ValueError."""
    found: list[Announcer] = []
    supervisor = supervisor_of(environment)
    if supervisor is not None:
        announcement = Announcement(
            host=options.host or THIS_MACHINE,
            port=server.port,
            token=server.token,
            fingerprint=await asyncio.to_thread(shown_fingerprint, options),
            server_id=server.server_id,
        )
        found.append(SupervisorAnnouncer(supervisor, announcement))
    if options.announce and not options.on_this_machine:
        found += _on_local_network(options, server)
    return found


def _on_local_network(options: Options, server: PlantroomServer) -> list[Announcer]:
    # Who stays on this machine is spared what this needs
    from .local_network import (  # noqa: PLC0415
        FoundServer,
        LocalNetworkAnnouncer,
        is_announceable,
    )

    if not is_announceable(options.host):
        return []
    found = FoundServer(
        server_id=server.server_id,
        schema=SCHEMA,
        minimum=MINIMUM_SCHEMA,
        tls=options.encrypted,
        port=server.port,
        host=options.host.replace("0.0.0.0", ""),  # noqa: S104
    )
    return [LocalNetworkAnnouncer(found)]


def shown_fingerprint(options: Options) -> str:
    """Return the fingerprint of the certificate that clients are shown, "" for none.

    Blocks; raises OSError, ValueError.
    """
    if not options.encrypted:
        return ""
    return fingerprint(Path(options.certificate or options.data_folder / FILE_NAME))
