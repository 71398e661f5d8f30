"""The Supervisor's API as the AddonManager asks it; the app itself is a real server."""

from types import SimpleNamespace
from typing import Any

from aiohasupervisor import SupervisorError
from aiohasupervisor.models import AddonState

from custom_components.plantroom.app import APP_SLUG

from .server_process import ServerProcess


class FakeSupervisor:
    """Has the app, installed or not; starting it starts the server."""

    def __init__(self, server: ServerProcess) -> None:
        """Take the server that the app runs."""
        self.server = server
        self.installed = False
        self.update_available = False
        self.failing: set[str] = set()
        self.done: list[str] = []
        self.store = SimpleNamespace(
            addon_info=self._store_info,
            install_addon=self._install,
            update_addon=self._update,
            addon_availability=self._available,
        )
        self.addons = SimpleNamespace(
            addon_info=self._info,
            start_addon=self._start,
            set_addon_options=self._set_options,
        )
        self.discovery = SimpleNamespace(list=self._discovery)
        self.backups = SimpleNamespace(partial_backup=self._backup)

    @property
    def config(self) -> dict[str, Any]:
        """Return what the app tells of itself."""
        return {
            "host": "127.0.0.1",
            "port": self.server.port,
            "token": self.server.token,
            "id": self.server.server_id,
        }

    def _do(self, name: str) -> None:
        if name in self.failing:
            raise SupervisorError(f"{name} is broken")
        self.done.append(name)

    async def _store_info(self, slug: str) -> Any:
        self._check(slug)
        if "info" in self.failing:
            raise SupervisorError("info is broken")
        return SimpleNamespace(installed=self.installed, available=True, to_dict=dict)

    async def _info(self, slug: str) -> Any:
        self._check(slug)
        running = self.server.is_running
        return SimpleNamespace(
            state=AddonState.STARTED if running else AddonState.STOPPED,
            available=True,
            hostname="core",
            options={},
            update_available=self.update_available,
            version="0.1.0",
        )

    async def _install(self, slug: str) -> None:
        self._check(slug)
        self._do("install")
        self.installed = True

    async def _start(self, slug: str) -> None:
        self._check(slug)
        self._do("start")
        await self.server.start()

    async def _update(self, slug: str, _options: Any) -> None:
        self._check(slug)
        self._do("update")
        self.update_available = False

    async def _available(self, slug: str) -> None:
        self._check(slug)

    async def _set_options(self, slug: str, _options: Any) -> None:
        self._check(slug)
        self._do("set_options")

    async def _backup(self, _options: Any) -> None:
        self._do("backup")

    async def _discovery(self) -> list[Any]:
        if not self.server.is_running:
            return []
        return [SimpleNamespace(addon=APP_SLUG, config=self.config)]

    def _check(self, slug: str) -> None:
        assert slug == APP_SLUG
