"""What becomes of the audit log by itself: configurations are told, old rows forgotten."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ..errors import ConfigurationError, StorageError
from ..site_config import SiteConfig, site_config_from_dict, site_config_to_dict
from ..storage.audit_log import AuditEntry, AuditLog
from ..storage.audited_site import AuditedSite
from .configuration import AuditConfig
from .site_changes import SiteChange, site_changes

_LOGGER = logging.getLogger(__name__)

TRIM_SECONDS: Final = 86400.0
OURSELVES: Final = "Plantroom"


class AuditKeeping:
    """Looks after one engine's audit log."""

    def __init__(
        self,
        log: AuditLog,
        told: AuditedSite,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take the log, and where it is kept which configuration was told last."""
        self.log = log
        self._told = told
        self._clock = clock
        self._config = AuditConfig()
        self._wake = asyncio.Event()
        self._trimming: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to forget what is too old, now and every day."""
        self._trimming = asyncio.get_running_loop().create_task(
            self._trim_daily(), name="plantroom audit retention"
        )

    async def stop(self) -> None:
        """Stop; calling it twice does no harm."""
        task, self._trimming = self._trimming, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def configure(self, site: SiteConfig) -> None:
        """Tell what a configuration changes of the one told last, and keep rows by it.

        A log that takes nothing does not keep a building from being served.
        """
        if site.audit != self._config:
            self._config = site.audit
            self._wake.set()
        try:
            await self._tell(site)
        except StorageError as err:
            _LOGGER.error("The audit log does not keep what was configured: %s", err)  # noqa: TRY400

    async def trim(self) -> None:
        """Forget all that is older or more than is asked; raises StorageError."""
        before = self._clock() - timedelta(days=self._config.keep_days)
        rows = last = 0
        while (gone := await self.log.trim(before, self._config.most_rows)).rows:
            rows, last = rows + gone.rows, gone.last
            if gone.broken is not None:
                _LOGGER.error("Row %s of the audit log was changed", gone.broken.number)
                await self.log.append(
                    self._entry("audit_broken", str(gone.broken.number))
                )
        if rows:
            detail = f"{rows} rows up to {last}"
            await self.log.append(self._entry("trim_audit_log", detail))

    async def _tell(self, site: SiteConfig) -> None:
        plain = _plain(site)
        kept = await self._told.load()
        changes = site_changes(_as_of_today(kept), plain)
        if changes or kept is None:
            actor = site.changed_by or OURSELVES
            entries = [self._configured(change, actor) for change in changes]
            await self._told.save(plain, entries)

    async def _trim_daily(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self.trim()
            except StorageError as err:
                _LOGGER.warning("Old audit rows are not forgotten: %s", err)
            try:
                async with asyncio.timeout(TRIM_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _configured(self, change: SiteChange, actor: str) -> AuditEntry:
        return AuditEntry(
            at=self._clock(),
            actor=actor,
            action=change.action,
            point_id=change.subject,
            old=change.old,
            new=change.new,
            priority=None,
            verdict="verified",
            detail=change.option,
        )

    def _entry(self, action: str, detail: str) -> AuditEntry:
        return AuditEntry(
            at=self._clock(),
            actor=OURSELVES,
            action=action,
            point_id="",
            old=None,
            new=None,
            priority=None,
            verdict="verified",
            detail=detail,
        )


def _plain(site: SiteConfig) -> dict[str, Any]:
    """Return a configuration as JSON would give it back."""
    plain: dict[str, Any] = json.loads(json.dumps(site_config_to_dict(site)))
    return plain


def _as_of_today(kept: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return what was told last with options that have come since at their defaults."""
    if kept is None:
        return _plain(SiteConfig())
    try:
        return _plain(site_config_from_dict({**kept}))
    except ConfigurationError:
        return kept
