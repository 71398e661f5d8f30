"""The commands about the audit log; the engine is made of these among others."""

from ..commands import command
from ..requests import AuditQuery, AuditRow
from ..storage.audit_log import AuditLog
from .models import AuditVerification, VerifyRequest


class AuditCommands:
    """What a client may ask of the audit log."""

    _audit: AuditLog

    @command("audit_log")
    async def audit_log(self, query: AuditQuery) -> tuple[AuditRow, ...]:
        """Return audit rows, newest first."""
        return await self._audit.rows(query)

    @command("verify_audit_log")
    async def verify_audit_log(self, request: VerifyRequest) -> AuditVerification:
        """Return whether every row is what was appended, and none is missing."""
        return await self._audit.verify(request)
