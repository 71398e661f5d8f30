"""A site whose certificates our own authority made, as files that every maker reads."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from plantroom_server.secure_connect.kept_certificates import KeptCertificates
from plantroom_server.secure_connect.tls import Identity

from custom_components.plantroom.engine.secure_connect.certificates import (
    AuthorityOrder,
    CredentialsOrder,
)
from tests.server.secure_connect.certificates import IdentityFiles, write_identity

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class InteropSite:
    """Folders and files of identities; untrusted: of another site, trusting this one."""

    hub: Path
    second_hub: Path
    client: IdentityFiles
    device: IdentityFiles
    untrusted: IdentityFiles
    client_identity: Identity


@asynccontextmanager
async def interop_site(folder: Path) -> AsyncIterator[InteropSite]:
    """Yield a site."""
    async with _kept(folder / "site") as ours, _kept(folder / "other") as others:
        made = {
            name: await _issue(ours, name)
            for name in ("hub", "second hub", "client", "device")
        }
        stranger = replace(
            await _issue(others, "untrusted"), authorities=made["hub"].authorities
        )
        for name in ("hub", "second hub"):
            write_identity(made[name], folder / name)
        yield InteropSite(
            hub=folder / "hub",
            second_hub=folder / "second hub",
            client=write_identity(made["client"], folder / "client"),
            device=write_identity(made["device"], folder / "device"),
            untrusted=write_identity(stranger, folder / "untrusted"),
            client_identity=made["client"],
        )


@asynccontextmanager
async def _kept(folder: Path) -> AsyncIterator[KeptCertificates]:
    await asyncio.to_thread(folder.mkdir, parents=True)
    certificates = KeptCertificates(folder)
    await certificates.start()
    try:
        await certificates.make_authority(AuthorityOrder(name="Interoperability"))
        yield certificates
    finally:
        await certificates.stop()


async def _issue(certificates: KeptCertificates, name: str) -> Identity:
    order = CredentialsOrder(name=name, host_names=(HOST,))
    made = await certificates.issue(order)
    return certificates.identity(made.credentials_id)
