"""The commands about the audit log; the engine is made of these among others."""

from ..commands import command
from ..requests import AuditQuery, AuditRow
from ..site_config import SiteConfig
from ..storage.audit_log import AuditLog
from .models import AuditVerification, VerifyRequest


class AuditCommands:
    """What a client may ask of the audit log."""

    _audit: AuditLog
    _site: SiteConfig

    @command("audit_log")
    async def audit_log(self, query: AuditQuery) -> tuple[AuditRow, ...]:
        """Return audit rows, newest first; a device's with those of its alarm rules."""
        return await self._audit.rows(query, self._rules_of(query.device_id))

    @command("verify_audit_log")
    async def verify_audit_log(self, request: VerifyRequest) -> AuditVerification:
        """Return whether every row is what was appended, and none is missing."""
        return await self._audit.verify(request)

    def _rules_of(self, device_id: str) -> tuple[str, ...]:
        """Return the alarm ids of the rules on a device or network, () without one."""
        if not device_id:
            return ()
        return tuple(
            rule.alarm_id
            for rule in self._site.alarming.rules
            if rule.point_id.startswith(f"{device_id}:")
        )
