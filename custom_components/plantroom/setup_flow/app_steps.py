"""The steps that install and start the Plantroom app, and wait until it serves."""

import asyncio
import logging
from typing import Any, Final

from homeassistant.components.hassio import AddonError, AddonState
from homeassistant.data_entry_flow import FlowContext, FlowResult

from ..app import APP_SLUG, app_manager
from .discovered_server import app_settings
from .server_check import ServerFaultError, ask_server
from .server_steps import ServerSteps

_LOGGER = logging.getLogger(__name__)

START_SECONDS: Final = 180.0
LOOK_SECONDS: Final = 2.0


class AppSteps[C: FlowContext, R: FlowResult[Any, Any], H](ServerSteps[C, R, H]):
    """Ends in `_use_server`, with the app as the server."""

    def __init__(self) -> None:
        """Start with nothing under way."""
        super().__init__()
        self._app_work: asyncio.Task[Any] | None = None
        self._app_failure = ""
        self._slug = APP_SLUG

    async def async_step_app(self, _user_input: dict[str, Any] | None = None) -> R:
        """See what there is of the app."""
        try:
            info = await app_manager(self.hass, self._slug).async_get_addon_info()
        except AddonError as err:
            self._app_failure = str(err)
            return await self.async_step_app_failed()
        if info.state is AddonState.NOT_INSTALLED:
            return await self.async_step_install_app()
        return await self.async_step_start_app()

    async def async_step_install_app(
        self, _user_input: dict[str, Any] | None = None
    ) -> R:
        """Install the app and show that it takes a while."""
        manager = app_manager(self.hass, self._slug)
        if self._app_work is None:
            self._app_work = manager.async_schedule_install_addon()
        return self._show_app_work("install_app", "start_app")

    async def async_step_start_app(
        self, _user_input: dict[str, Any] | None = None
    ) -> R:
        """Start the app and wait until it serves."""
        if self._app_work is None:
            self._app_work = self.hass.async_create_task(
                self._start_app(), "plantroom start app", eager_start=False
            )
        return self._show_app_work("start_app", "use_app")

    async def async_step_use_app(self, _user_input: dict[str, Any] | None = None) -> R:
        """Go on with the app."""
        return await self._try_server()

    async def async_step_app_failed(
        self, _user_input: dict[str, Any] | None = None
    ) -> R:
        """Say why there is no app."""
        return self.async_abort(
            reason="app_failed", description_placeholders={"message": self._app_failure}
        )

    def _show_app_work(self, step: str, after: str) -> R:
        work = self._app_work
        if work is not None and not work.done():
            return self.async_show_progress(
                step_id=step, progress_action=step, progress_task=work
            )
        self._app_work = None
        try:
            if work is not None:
                work.result()
        except (AddonError, ServerFaultError, TimeoutError) as err:
            self._app_failure = str(err) or "timeout"
            _LOGGER.warning("The app cannot be used: %s", self._app_failure)
            return self.async_show_progress_done(next_step_id="app_failed")
        return self.async_show_progress_done(next_step_id=after)

    async def _start_app(self) -> None:
        """Start the app unless it runs; raises AddonError or TimeoutError."""
        manager = app_manager(self.hass, self._slug)
        info = await manager.async_get_addon_info()
        if info.state is not AddonState.RUNNING:
            await manager.async_schedule_start_addon()
        async with asyncio.timeout(START_SECONDS):
            answers = await self._app_answers()
            while not answers:
                await asyncio.sleep(LOOK_SECONDS)
                answers = await self._app_answers()

    async def _app_answers(self) -> bool:
        """Take where the app says it is; return whether it answers there."""
        manager = app_manager(self.hass, self._slug)
        try:
            found = await manager.async_get_addon_discovery_info()
            settings = app_settings(found, await self._shown(), self._slug)
            self._facts = await ask_server(self.hass, settings)
        except (AddonError, ServerFaultError, ValueError) as err:
            _LOGGER.debug("The app does not answer yet: %s", err)
            return False
        self._settings = settings
        return True
