"""Certificates within the engine: who keeps them, what clients know, what expires."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from ..errors import ConfigurationError
from ..event_bus import EventBus
from ..events import CertificatesChanged
from ..models import ProblemCode
from ..problems import Problems
from ..storage.audit_log import AuditLog
from .certificate_audit import CertificateAudit
from .certificates import CertificateStock
from .certificates_port import Certificates
from .expiry import problems_of

LOOK_SECONDS: Final = 3600.0


class Certifying:
    """Tells clients what certificates there are, and people before they expire."""

    def __init__(
        self,
        events: EventBus,
        problems: Problems,
        certificates: Certificates | None,
        log: AuditLog,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take who keeps certificates; None: this process cannot."""
        self._events = events
        self._problems = problems
        self._certificates = certificates
        self._audited = None
        if certificates is not None:
            self._audited = CertificateAudit(certificates, log)
            certificates.audit_renewals(self._audited.renew_unasked)
        self._now = now
        self._unlisten: Callable[[], None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._reported: set[tuple[ProblemCode, str]] = set()

    def start(self) -> None:
        """Begin to look at what expires; what keeps certificates has started."""
        if self._certificates is None or self._looking is not None:
            return
        self._unlisten = self._certificates.listen(self._changed)
        self._looking = asyncio.get_running_loop().create_task(self._look())

    async def stop(self) -> None:
        """Let go and withdraw what was reported; calling it twice does no harm."""
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        looking, self._looking = self._looking, None
        if looking is not None:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
        if self._audited is not None:
            await self._audited.stop()
        self._solve(self._reported)

    @property
    def kept(self) -> CertificateAudit:
        """Return who keeps certificates; raises ConfigurationError without one."""
        if self._audited is None:
            raise ConfigurationError(
                "certificates: they need the Plantroom server", field="certificates"
            )
        return self._audited

    @property
    def told(self) -> CertificateStock:
        """Return what clients mirror: all but what was issued to others."""
        if self._certificates is None:
            return CertificateStock()
        return replace(self._certificates.stock(), issued=())

    def report(self) -> None:
        """Report what expires or has lost its key, and withdraw what is mended."""
        found = problems_of(self.told, self._now())
        stands = {(each.code, each.subject) for each in found}
        self._solve(self._reported - stands)
        self._reported = stands
        for each in found:
            self._problems.report(each.code, each.subject, **each.facts)

    async def _look(self) -> None:
        while True:
            self.report()
            await asyncio.sleep(LOOK_SECONDS)

    def _changed(self, _stock: CertificateStock) -> None:
        self._events.publish(CertificatesChanged(stock=self.told))
        self.report()

    def _solve(self, gone: set[tuple[ProblemCode, str]]) -> None:
        for code, subject in gone:
            self._problems.solve(subject, code)
        self._reported = self._reported - gone
