"""The only way to certificates: audit, do, audit what became of it, answer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from ..audit.keeping import OURSELVES
from ..errors import PlantroomError, StorageError
from ..storage.audit_log import AuditEntry, AuditLog
from .certificate_rows import (
    LONGEST_FINGERPRINT,
    authority_row,
    credentials_row,
    done_row,
    failed_row,
    fingerprint_in,
    fingerprint_of,
    joined,
    reason_of,
    signed_row,
    subject_of,
    trust_row,
    wanted_row,
)
from .certificates import (
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
    RemoveOrder,
    RenewOrder,
    RequestContents,
    SignedCertificate,
    TrustOrder,
)
from .certificates_port import Certificates, Renewing

_LOGGER = logging.getLogger(__name__)


class CertificateAudit:
    """Each order leaves a row before it is carried out, and one with its verdict.

    What cannot be audited is not begun (StorageError: nothing was done), and a key or
    a signature is handed out only once the row that says so is kept. A caller that is
    cancelled leaves its order to end, and to be audited, without it.
    """

    def __init__(self, certificates: Certificates, log: AuditLog) -> None:
        """Take who keeps certificates, and where rows go."""
        self._certificates = certificates
        self._log = log
        self._under_way: set[asyncio.Task[Any]] = set()
        self._failed: dict[tuple[str, str | None], str] = {}

    async def stop(self) -> None:
        """Wait for the orders under way; calling it twice does no harm."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def stock(self) -> CertificateStock:
        """Return what there is."""
        return self._certificates.stock()

    async def read_request(self, request: ForeignRequest) -> RequestContents:
        """Return what another device asks to be signed; changes nothing."""
        return await self._certificates.read_request(request)

    async def make_authority(self, order: AuthorityOrder) -> AuthoritySummary:
        """Make our authority, or the next one."""
        signing = next((each.fingerprint for each in self.stock().authorities), None)
        row = wanted_row(
            "make_authority",
            order,
            old=signing,
            detail=joined(order.name, f"{order.days} days"),
        )
        return await self._audited(
            row,
            lambda: self._certificates.make_authority(order),
            lambda made: authority_row(row, made),
        )

    async def issue(self, order: CredentialsOrder) -> CredentialsSummary:
        """Make a key and a certificate of our authority for it."""
        row, before = _ordered("issue_credentials", order), self.stock()
        return await self._audited(
            row,
            lambda: self._certificates.issue(order),
            lambda issued: credentials_row(row, issued, before),
        )

    async def request(self, order: CredentialsOrder) -> CredentialsSummary:
        """Make a key that stays here and a request to be signed elsewhere."""
        row = _ordered("request_credentials", order)
        return await self._audited(
            row,
            lambda: self._certificates.request(order),
            lambda made: done_row(row, subject_of(made.credentials_id)),
        )

    async def import_credentials(self, wanted: CredentialsImport) -> CredentialsSummary:
        """Take certificates issued elsewhere, once they pass every check."""
        before, given = self.stock(), wanted.credentials_id
        old = fingerprint_in(before, given)
        subject = subject_of(given) if given else ""
        row = wanted_row("import_credentials", wanted, subject, old=old)
        return await self._audited(
            row,
            lambda: self._certificates.import_credentials(wanted),
            lambda taken: credentials_row(row, taken, before),
        )

    async def sign(self, request: ForeignRequest) -> SignedCertificate:
        """Sign another device's request with our authority."""
        hosts = ", ".join(request.host_names)
        signing = next((each.fingerprint for each in self.stock().authorities), "")
        row = wanted_row(
            "sign_request",
            request,
            f"authority:{signing}",
            detail=joined(hosts, f"{request.days} days"),
        )
        return await self._audited(
            row,
            lambda: self._certificates.sign(request),
            lambda signed: signed_row(row, signed),
            hands_out=True,
        )

    async def export(self, order: ExportOrder) -> ExportedCredentials:
        """Return what others need, and the key only under a passphrase."""
        named = fingerprint_in(self.stock(), order.credentials_id)
        row = wanted_row(
            "export_key" if order.passphrase else "export_credentials",
            order,
            subject_of(order.credentials_id, named),
            new=named,
        )
        return await self._audited(
            row,
            lambda: self._certificates.export(order),
            lambda given: done_row(row, new=fingerprint_of(given.certificate)),
            hands_out=True,
        )

    async def renew(self, order: RenewOrder) -> CredentialsSummary:
        """Issue anew what our authority issued."""
        row, before = self._about("renew_credentials", order), self.stock()
        return await self._audited(
            row,
            lambda: self._certificates.renew(order.credentials_id),
            lambda renewed: credentials_row(row, renewed, before),
        )

    async def remove(self, order: RemoveOrder, in_use: frozenset[str]) -> None:
        """Forget credentials and their key; refused for those in use."""
        row = self._about("remove_credentials", order)
        await self._audited(
            row,
            lambda: self._certificates.remove(order.credentials_id, in_use),
            lambda _: done_row(row),
        )

    async def trust(self, order: TrustOrder) -> CredentialsSummary:
        """Have credentials trust more authorities."""
        before, subject = self.stock(), subject_of(order.credentials_id)
        row = wanted_row("trust_authority", order, subject)
        return await self._audited(
            row,
            lambda: self._certificates.trust(order),
            lambda found: trust_row(row, found, before),
        )

    async def distrust(self, order: DistrustOrder) -> None:
        """Trust an authority no longer; refused while anything of ours hangs on it."""
        fingerprint = order.fingerprint[:LONGEST_FINGERPRINT]
        subject = f"authority:{fingerprint}"
        if order.credentials_id:
            subject = subject_of(order.credentials_id)
        row = wanted_row("distrust_authority", order, subject, old=fingerprint)
        await self._audited(
            row, lambda: self._certificates.distrust(order), lambda _: done_row(row)
        )

    async def renew_unasked(self, credentials_id: str, renewing: Renewing) -> None:
        """Audit a renewal that nobody asked for; it is tried again until it is done.

        Attempts leave no row of their own until one ends in another way.
        """
        order = RenewOrder(actor=OURSELVES, credentials_id=credentials_id)
        row, before = self._about("renew_credentials", order), self.stock()
        attempt = credentials_id, fingerprint_in(before, credentials_id)
        if attempt not in self._failed:
            await self._log.append(row)
        try:
            renewed = await renewing()
        except PlantroomError as err:
            reason = reason_of(err)
            if self._failed.get(attempt) != reason:
                await self._end(failed_row(row, err))
            self._failed[attempt] = reason
            raise
        self._failed.pop(attempt, None)
        await self._end(credentials_row(row, renewed, before))

    def _about(self, action: str, order: RenewOrder | RemoveOrder) -> AuditEntry:
        """Return the row of an order about credentials that there should be."""
        old = fingerprint_in(self.stock(), order.credentials_id)
        return wanted_row(action, order, subject_of(order.credentials_id), old=old)

    async def _audited[R](
        self,
        row: AuditEntry,
        work: Callable[[], Awaitable[R]],
        row_of: Callable[[R], AuditEntry],
        *,
        hands_out: bool = False,
    ) -> R:
        return await self._unbroken(self._carried_out(row, work, row_of, hands_out))

    async def _carried_out[R](
        self,
        row: AuditEntry,
        work: Callable[[], Awaitable[R]],
        row_of: Callable[[R], AuditEntry],
        hands_out: bool,
    ) -> R:
        await self._log.append(row)
        try:
            result = await work()
        except PlantroomError as err:
            await self._end(failed_row(row, err))
            raise
        if hands_out:
            await self._log.append(row_of(result))
        else:
            await self._end(row_of(result))
        return result

    async def _end(self, row: AuditEntry) -> None:
        try:
            await self._log.append(row)
        except StorageError as err:
            # It is done by now: that is what the caller must hear
            _LOGGER.error(  # noqa: TRY400
                "The audit log does not keep the end of %s of %s, which was %s: %s",
                row.action,
                row.point_id,
                row.verdict,
                err,
            )

    async def _unbroken[R](self, work: Coroutine[Any, Any, R]) -> R:
        """Let work come to its end, and be audited, whoever still waits for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)


def _ordered(action: str, order: CredentialsOrder) -> AuditEntry:
    """Return the row of credentials that are to be made."""
    hosts = ", ".join(order.host_names)
    days = f"{order.days} days" if action == "issue_credentials" else ""
    subject = subject_of(order.credentials_id) if order.credentials_id else ""
    return wanted_row(action, order, subject, detail=joined(order.name, hosts, days))
