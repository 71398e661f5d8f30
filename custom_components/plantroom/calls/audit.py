"""What a client asks an engine about its audit log."""

from ..connection.base import Connection
from ..engine.audit.models import AuditVerification, VerifyRequest
from ..engine.requests import AuditQuery, AuditRow


class AuditCalls:
    """The commands about the audit log, typed."""

    _connection: Connection

    async def audit_log(self, query: AuditQuery) -> tuple[AuditRow, ...]:
        """Return audit rows, newest first."""
        rows: tuple[AuditRow, ...] = await self._connection.call("audit_log", query)
        return rows

    async def verify_audit_log(self, request: VerifyRequest) -> AuditVerification:
        """Return whether every row is what was appended, and none is missing."""
        found: AuditVerification = await self._connection.call(
            "verify_audit_log", request
        )
        return found
