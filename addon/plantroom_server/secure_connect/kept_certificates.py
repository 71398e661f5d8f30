"""Certificates as the engine and our nodes and hubs use them, off the event loop."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, Final, override

from custom_components.plantroom.engine.errors import (
    ConfigurationError,
    PlantroomError,
)
from custom_components.plantroom.engine.listeners import Listeners
from custom_components.plantroom.engine.secure_connect.certificates import (
    AUTHORITY_ID,
    AuthorityOrder,
    AuthoritySummary,
    CertificateStock,
    CredentialsImport,
    CredentialsOrder,
    CredentialsSummary,
    DistrustOrder,
    ExportedCredentials,
    ExportOrder,
    ForeignRequest,
    RequestContents,
    SignedCertificate,
    TrustOrder,
)
from custom_components.plantroom.engine.secure_connect.certificates_port import (
    Certificates,
    RenewalAudit,
    Renewing,
)

from .checks import utc_now
from .credential_book import CredentialBook
from .credential_files import CredentialFiles
from .credential_store import CredentialStore
from .site_authority import SiteAuthority
from .tls import Identity

_LOGGER = logging.getLogger(__name__)

LOOK_SECONDS: Final = 60.0


class KeptCertificates(Certificates):
    """The credentials of a process; a change reaches who uses them at once.

    What `python -m plantroom_server.certificates` changes beside us is seen within a
    minute, and what our authority issued is renewed in time.
    """

    def __init__(
        self, data_folder: Path | None, now: Callable[[], datetime] = utc_now
    ) -> None:
        """Take where they are kept, None keeps nothing; start before anything else."""
        self._book = CredentialBook(CredentialFiles(data_folder), now)
        self._store = CredentialStore(self._book)
        self._authority = SiteAuthority(self._book)
        self._changing = asyncio.Lock()
        self._listeners: Listeners[CertificateStock] = Listeners()
        self._replaced: Listeners[str] = Listeners()
        self._told = CertificateStock()
        self._identities: dict[str, Identity] = {}
        self._looking: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[Any]] = set()
        self._audit: RenewalAudit = _unaudited

    async def start(self) -> None:
        """Read what is kept; raises StorageError."""
        await asyncio.to_thread(self._book.load)
        self._note()
        loop = asyncio.get_running_loop()
        self._looking = loop.create_task(self._look())

    async def stop(self) -> None:
        """Let go; calling it twice does no harm."""
        looking, self._looking = self._looking, None
        if looking is not None:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def identity(self, credentials_id: str) -> Identity:
        """Return what names us; raises ConfigurationError for what cannot be used."""
        found = self._identities.get(credentials_id)
        return self._store.identity(credentials_id) if found is None else found

    def listen_replaced(self, listener: Callable[[str], object]) -> Callable[[], None]:
        """Call listener with the id whose identity is another now, or gone."""
        return self._replaced.add(listener)

    @override
    def stock(self) -> CertificateStock:
        return self._told

    @override
    def listen(
        self, listener: Callable[[CertificateStock], None]
    ) -> Callable[[], None]:
        return self._listeners.add(listener)

    @override
    def audit_renewals(self, audit: RenewalAudit) -> None:
        self._audit = audit

    @override
    async def make_authority(self, order: AuthorityOrder) -> AuthoritySummary:
        made = await self._changed(self._authority.make, order)
        _LOGGER.info("Authority %s signs from now on", made.name)
        return made

    @override
    async def issue(self, order: CredentialsOrder) -> CredentialsSummary:
        issued = await self._changed(self._store.issue, order)
        _LOGGER.info("Issued %s until %s", issued.subject, issued.expires_at)
        return issued

    @override
    async def request(self, order: CredentialsOrder) -> CredentialsSummary:
        return await self._changed(self._store.request, order)

    @override
    async def import_credentials(self, wanted: CredentialsImport) -> CredentialsSummary:
        taken = await self._changed(self._taker_of(wanted), wanted)
        _LOGGER.info("Imported %s of %s", taken.subject, taken.issuer)
        return taken

    @override
    async def read_request(self, request: ForeignRequest) -> RequestContents:
        return await asyncio.to_thread(self._authority.read_request, request)

    @override
    async def sign(self, request: ForeignRequest) -> SignedCertificate:
        signed = await self._changed(self._authority.sign, request)
        _LOGGER.info("Signed a certificate for %s", signed.subject)
        return signed

    @override
    async def export(self, order: ExportOrder) -> ExportedCredentials:
        exported = await asyncio.to_thread(self._giver_of(order), order)
        if exported.pkcs12:
            _LOGGER.info("The key of %s left as PKCS#12", order.credentials_id)
        return exported

    @override
    async def renew(self, credentials_id: str) -> CredentialsSummary:
        renewed = await self._changed(self._store.renew, credentials_id)
        _LOGGER.info("Renewed %s until %s", renewed.subject, renewed.expires_at)
        return renewed

    @override
    async def trust(self, order: TrustOrder) -> CredentialsSummary:
        return await self._changed(self._store.trust, order)

    @override
    async def distrust(self, order: DistrustOrder) -> None:
        if order.credentials_id:
            await self._changed(self._store.distrust, order)
        else:
            await self._changed(self._authority.drop, order.fingerprint)

    @override
    async def remove(self, credentials_id: str, in_use: frozenset[str]) -> None:
        def remove(wanted: str) -> None:
            self._store.remove(wanted, in_use)

        await self._changed(remove, credentials_id)
        _LOGGER.info("Removed credentials %s", credentials_id)

    def _taker_of(
        self, wanted: CredentialsImport
    ) -> Callable[[CredentialsImport], CredentialsSummary]:
        ours = wanted.credentials_id == AUTHORITY_ID
        return self._authority.restore if ours else self._store.import_credentials

    def _giver_of(
        self, order: ExportOrder
    ) -> Callable[[ExportOrder], ExportedCredentials]:
        ours = order.credentials_id == AUTHORITY_ID
        return self._authority.export if ours else self._store.export

    async def look(self) -> None:
        """See what another process changed, and renew what expires soon."""
        async with self._changing:
            if await asyncio.to_thread(lambda: self._book.changed_elsewhere):
                await asyncio.to_thread(self._book.load)
                _LOGGER.info("Certificates were changed beside us and are read anew")
            try:
                for credentials_id in await asyncio.to_thread(self._store.due):
                    await self._unbroken(self._renew_unasked(credentials_id))
                    _LOGGER.info("The certificate of %s is renewed", credentials_id)
            finally:
                self._note()

    async def _look(self) -> None:
        failed = False
        while True:
            try:
                await self.look()
                failed = False
            except PlantroomError as err:
                if not failed:
                    _LOGGER.warning("Cannot look after certificates: %s", err)
                failed = True
            except Exception:
                _LOGGER.exception("Looking after certificates failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def _changed[A, R](self, work: Callable[[A], R], argument: A) -> R:
        """Do what changes something, to its end, and tell who has to know."""

        async def change() -> R:
            async with self._changing:
                try:
                    return await asyncio.to_thread(work, argument)
                finally:
                    self._note()

        # A caller that goes away must not leave the others uninformed
        return await self._unbroken(change())

    async def _renew_unasked(self, credentials_id: str) -> None:
        def renew() -> CredentialsSummary:
            return self._store.renew(credentials_id)

        await self._audit(credentials_id, lambda: asyncio.to_thread(renew))

    async def _unbroken[R](self, work: Coroutine[Any, Any, R]) -> R:
        """Let work come to its end, whoever still waits for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    def _note(self) -> None:
        """Tell whose identity is another, then what there is now."""
        before, self._identities = self._identities, self._usable()
        for credentials_id in before.keys() | self._identities.keys():
            if before.get(credentials_id) != self._identities.get(credentials_id):
                self._replaced.tell(credentials_id)
        stock = self._store.stock()
        if stock != self._told:
            self._told = stock
            self._listeners.tell(stock)

    def _usable(self) -> dict[str, Identity]:
        usable: dict[str, Identity] = {}
        for credentials_id in self._store.ids():
            try:
                usable[credentials_id] = self._store.identity(credentials_id)
            except ConfigurationError as err:
                _LOGGER.debug("Credentials %s: %s", credentials_id, err)
        return usable


async def _unaudited(_credentials_id: str, renewing: Renewing) -> object:
    """Renew where no engine keeps an audit log."""
    return await renewing()
