"""The other end of the control channel, and a building in a process of its own; needs no bacpypes3."""

import asyncio
import json
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90
ANSWER_SECONDS = 30


class SimulatorError(Exception):
    """The simulator refused a command."""


class SimulatorControl:
    """Sends commands to a running building."""

    def __init__(
        self, port: int, *, process: asyncio.subprocess.Process | None = None
    ) -> None:
        self.control_port = port
        self.port = 0
        self.devices: list[dict[str, Any]] = []
        self.modbus: dict[str, Any] = {}
        self._process = process
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._lock = asyncio.Lock()

    @classmethod
    async def spawn(cls, *arguments: str, module: str = "tests.simulators") -> Self:
        """Start a simulator in its own process and connect; port, devices and modbus are filled in."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *arguments,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 24,
        )
        assert process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            line = await process.stdout.readline()
        if not line:
            raise SimulatorError(f"the simulator ended with {await process.wait()}")
        ready = json.loads(line)
        control = cls(ready["control_port"], process=process)
        control.port, control.devices = ready["port"], ready["devices"]
        control.modbus = ready.get("modbus", {})
        await control.start()
        return control

    @property
    def returncode(self) -> int | None:
        """Return how the spawned process ended; None while it runs."""
        return self._process.returncode if self._process else None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Connect, if not connected."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                "127.0.0.1", self.control_port, limit=1 << 24
            )

    async def stop(self) -> None:
        """Disconnect, and end the process when it was spawned here; idempotent."""
        if self._writer:
            self._writer.close()
            self._writer = None
        if self._process and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def command(self, command: str, /, **arguments: Any) -> Any:
        """Send any command; return its result or raise SimulatorError."""
        if self._writer is None or self._reader is None:
            raise SimulatorError("not connected")
        async with self._lock, asyncio.timeout(ANSWER_SECONDS):
            self._writer.write(
                json.dumps({"command": command} | arguments).encode() + b"\n"
            )
            answer = json.loads(await self._reader.readline())
        if not answer["ok"]:
            raise SimulatorError(answer["error"])
        return answer["result"]

    async def set(
        self,
        device: int | str,
        object_id: str,
        value: Any,
        property_name: str = "presentValue",
    ) -> float:
        """Change a property from inside; a present value is held until release().

        Returns when, by time.monotonic, which is the same in every process.
        """
        at: float = await self.command(
            "set", device=device, object=object_id, property=property_name, value=value
        )
        return at

    async def release(self, device: int | str, object_id: str) -> None:
        """Give a held present value back to the physics."""
        await self.command("release", device=device, object=object_id)

    async def get(self, device: int | str, object_id: str) -> dict[str, Any]:
        """Return the truth: value, priority_array, relinquish_default, name, reliability, out_of_service."""
        result: dict[str, Any] = await self.command(
            "get", device=device, object=object_id
        )
        return result

    async def override(
        self, device: int | str, object_id: str, priority: int, value: Any
    ) -> None:
        """Occupy a priority from inside; None frees it."""
        await self.command(
            "override", device=device, object=object_id, priority=priority, value=value
        )

    async def rename(self, device: int | str, object_id: str, name: str) -> None:
        """Give an object another name."""
        await self.command("rename", device=device, object=object_id, name=name)

    async def add_object(self, device: int | str, **point: Any) -> None:
        """Add an object; point holds the fields of points.Point."""
        await self.command("add_object", device=device, point=point)

    async def remove_object(self, device: int | str, object_id: str) -> None:
        """Take an object away."""
        await self.command("remove_object", device=device, object=object_id)

    async def restart(
        self,
        device: int | str,
        silent_seconds: float = 1.0,
        *,
        new_revision: bool = False,
    ) -> None:
        """Restart a device; returns when it has announced itself."""
        await self.command(
            "restart",
            device=device,
            silent_seconds=silent_seconds,
            new_revision=new_revision,
        )

    async def unplug(self, device: int | str) -> None:
        """Stop a device answering."""
        await self.command("unplug", device=device)

    async def plug(self, device: int | str) -> None:
        """Let a device answer again."""
        await self.command("plug", device=device)

    async def pass_time(self, seconds: float) -> None:
        """Let simulated time pass at once."""
        await self.command("pass_time", seconds=seconds)

    async def statistics(self) -> dict[str, dict[str, int]]:
        """Return the requests seen, by device address and service."""
        result: dict[str, dict[str, int]] = await self.command("statistics")
        return result

    async def cov_subscriptions(self, device: int | str) -> list[dict[str, Any]]:
        """Return a device's open subscriptions."""
        result: list[dict[str, Any]] = await self.command(
            "cov_subscriptions", device=device
        )
        return result
