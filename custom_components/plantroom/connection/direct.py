"""The wire of length zero: the engine runs in this process."""

from collections.abc import Callable
from typing import Any, override
from uuid import uuid4

from ..engine.engine import Engine
from ..engine.errors import ConnectionLostError
from .base import Connection


class DirectConnection(Connection):
    """Owns the engine it talks to: connect starts it, disconnect stops it."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine that is not started."""
        super().__init__()
        self._instance = uuid4().hex
        self._engine = engine
        self._unsubscribe: Callable[[], None] | None = None

    @override
    async def connect(self) -> None:
        if self.connected:
            return
        await self._engine.start()
        self._unsubscribe = self._engine.events.listen(self._deliver)
        self._set_connected(True)

    @override
    async def disconnect(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._set_connected(False)
        await self._engine.stop()

    @override
    async def call(self, command: str, request: Any = None) -> Any:
        if not self.connected:
            raise ConnectionLostError("The engine does not run", command=command)
        return await self._engine.call(command, request)
