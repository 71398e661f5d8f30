"""Work on a line that takes longer than a step may: it is shown as it goes on."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult

from ..client import EngineClient
from ..engine.errors import PlantroomError
from ..engine.modbus.configuration import ModbusLineConfig
from .network_check import NetworkFaultError

FAILURES: Final = (PlantroomError, NetworkFaultError, TimeoutError)


class LineWork[C: FlowContext, R: FlowResult[Any, Any], H](FlowHandler[C, R, H]):
    """One piece of work at a time, with an engine that runs the line."""

    def __init__(self) -> None:
        """Start with nothing to do."""
        super().__init__()
        self._work: asyncio.Task[Any] | None = None
        self._work_facts: dict[str, str] = {}

    @abstractmethod
    def _line(self) -> ModbusLineConfig:
        """Return the line."""

    @abstractmethod
    def _line_engine(self) -> AbstractAsyncContextManager[EngineClient]:
        """Lend a client whose engine runs the line."""

    def _begin(
        self, work: Callable[[], Coroutine[Any, Any, Any]], **facts: str
    ) -> None:
        """Begin; facts: what the text shown meanwhile names."""
        name = f"plantroom {self._line().name}"
        self._work_facts = facts
        # Not eager: work that is over at once would hand the answers of the form
        # before it to the step after it.
        self._work = self.hass.async_create_task(work(), name, eager_start=False)

    def _show_work(self, step: str, after: Callable[[asyncio.Task[Any]], str]) -> R:
        """Show how far it is; after: returns the step that follows its end."""
        work = self._work
        if work is None or not work.done():
            return self.async_show_progress(
                step_id=step,
                progress_action=step,
                description_placeholders=self._work_facts,
                progress_task=work,
            )
        self._work = None
        return self.async_show_progress_done(next_step_id=after(work))
