"""The steps that fill in the past of a device that is there from its Trend Logs."""

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import probatio
from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)

from ..engine.errors import PlantroomError
from ..engine.events import EngineEvent, Progress
from ..engine.history.models import TrendLogSummary
from ..failure_text import Failure, failure_text
from ..runtime import PlantroomConfigEntry
from ..site import device_id_of_subentry

if TYPE_CHECKING:
    from ..statistics.backfill import Backfilled


class DeviceHistorySteps(ConfigSubentryFlow):
    """Say what the device keeps, read it with progress, say what came of it."""

    _filling: asyncio.Task[Backfilled] | None = None
    _outcome: tuple[str, dict[str, str]] = ("history_failed", {"reason": ""})

    async def async_step_history(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say what the device keeps."""
        if "recorder" not in self.hass.config.components:
            return self.async_abort(reason="no_recorder")
        entry: PlantroomConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        if user_input is not None:
            return await self.async_step_filling()
        try:
            logs = await entry.runtime_data.client.trend_logs(self._device_id)
        except PlantroomError as err:
            return await self._failed(err)
        kept = [log for log in logs if log.records]
        if not kept:
            return self.async_abort(reason="no_trend_logs")
        return self.async_show_form(
            step_id="history",
            data_schema=probatio.Schema({}),
            description_placeholders=self._facts(kept),
        )

    async def async_step_filling(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Read the logs and show how far it is."""
        if self._filling is None:
            self._filling = self.hass.async_create_task(
                self._fill(), f"plantroom history {self._device_id}", eager_start=False
            )
        if not self._filling.done():
            return self.async_show_progress(
                step_id="filling",
                progress_action="filling",
                description_placeholders=self._facts(()),
                progress_task=self._filling,
            )
        filling, self._filling = self._filling, None
        try:
            self._outcome = _outcome(filling.result())
        except PlantroomError as err:
            self._outcome = "history_failed", await self._reason(err)
        return self.async_show_progress_done(next_step_id="filled")

    async def async_step_filled(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say what came of it."""
        reason, facts = self._outcome
        return self.async_abort(reason=reason, description_placeholders=facts)

    async def _fill(self) -> Backfilled:
        # Imports SQLAlchemy, which nobody has to have installed who has no recorder
        from ..statistics.backfill import backfill  # noqa: PLC0415

        entry: PlantroomConfigEntry = self._get_entry()
        runtime, task_id = entry.runtime_data, uuid4().hex

        def on_change(event: EngineEvent) -> None:
            if isinstance(event, Progress) and event.task_id == task_id:
                self.async_update_progress(min(max(event.fraction, 0.0), 1.0))

        unsubscribe = runtime.client.listen_changes(on_change)
        try:
            return await backfill(
                self.hass,
                runtime.adapter,
                runtime.client,
                self._device_id,
                task_id=task_id,
            )
        finally:
            unsubscribe()

    @property
    def _device_id(self) -> str:
        return device_id_of_subentry(self._get_reconfigure_subentry())

    def _facts(self, logs: tuple[TrendLogSummary, ...] | list[TrendLogSummary]) -> Any:
        return {
            "device": self._get_reconfigure_subentry().title,
            "logs": str(len(logs)),
            "records": str(sum(log.records for log in logs)),
        }

    async def _failed(self, err: Failure) -> SubentryFlowResult:
        return self.async_abort(
            reason="history_failed", description_placeholders=await self._reason(err)
        )

    async def _reason(self, err: Failure) -> dict[str, str]:
        return {"reason": await failure_text(self.hass, err)}


def _outcome(done: Backfilled) -> tuple[str, dict[str, str]]:
    """Return the text that says what came of it, and what it names."""
    if done.unread:
        return "history_failed", {"reason": done.unread}
    if done.statistics:
        facts = {"statistics": str(done.statistics), "hours": str(done.hours)}
        return "history_filled", facts
    return ("history_too_early" if done.waiting else "history_known"), {}
