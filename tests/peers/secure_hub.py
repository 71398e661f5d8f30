"""BACnet/SC hubs in processes of their own: ours, rusty-bacnet's, bac-py's.

python -m tests.peers.secure_hub KIND PORT FOLDER; the folder has own.pem, own.key and
authorities.pem.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.simulators.client import ROOT

HOST: Final = "127.0.0.1"
# Python starts slowly where many others run
START_SECONDS: Final = 120.0
_LISTENS: Final = b"listens"
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class SecureHubProcess:
    """A hub that can be killed, stopped for a while and started again."""

    def __init__(self, kind: str, port: int, folder: Path) -> None:
        """Take whose hub it is: own, rusty or bacpy."""
        self.kind = kind
        self.port = port
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    @property
    def uri(self) -> str:
        return f"wss://{HOST}:{self.port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.kill()

    async def start(self) -> None:
        """Start it, and wait until it listens."""
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.peers.secure_hub", self.kind),
            *(str(self.port), str(self._folder)),
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'addon'}"},
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            line = await process.stdout.readline()
        if line.strip() != _LISTENS:
            await self.kill()
            raise RuntimeError(f"The {self.kind} hub does not listen")

    async def kill(self) -> None:
        """Kill it, without a word to anybody; calling it twice does no harm."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()
            # Its pipe is closed by this, not by the garbage collector
            await process.communicate()

    def freeze(self) -> None:
        """Let it neither run nor end."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it run again."""
        self._signal(signal.SIGCONT)

    @property
    def cpu_seconds(self) -> float:
        """Return the CPU time of all its threads, in user mode and in the kernel."""
        assert self._process is not None
        text = Path(f"/proc/{self._process.pid}/stat").read_text()
        after_name = text.rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / _TICKS

    @property
    def resident_mib(self) -> float:
        """Return what it has in RAM."""
        assert self._process is not None
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


async def run_own(port: int, folder: Path) -> None:
    """Run our hub."""
    from plantroom_server.__main__ import find_engine

    find_engine()
    from plantroom_server.secure_connect.hub import Hub
    from plantroom_server.secure_connect.node_identity import new_identity
    from plantroom_server.secure_connect.tls import Identity

    from custom_components.plantroom.engine.secure_connect.configuration import (
        SecureHubConfig,
    )

    config = SecureHubConfig(
        hub_id="hub", name="Hub", credentials="hub", host=HOST, port=port
    )
    hub = Hub(config, new_identity(), lambda: None)
    await hub.start(
        Identity(
            certificate=(folder / "own.pem").read_text(),
            key=(folder / "own.key").read_text(),
            authorities=(folder / "authorities.pem").read_text(),
        )
    )


async def run_rusty(port: int, folder: Path) -> None:
    """Run rusty-bacnet's hub, its limits out of the way of what is measured."""
    from rusty_bacnet import ScHub

    global _kept  # noqa: PLW0603
    _kept = ScHub(
        f"{HOST}:{port}",
        str(folder / "own.pem"),
        str(folder / "own.key"),
        b"\x02" + os.urandom(5),
        str(folder / "authorities.pem"),
        device_uuid=os.urandom(16),
        max_clients=4096,
        max_handshakes=4096,
        broadcast_sender_burst=1_000_000,
        broadcast_sender_per_second=1_000_000,
        broadcast_global_burst=1_000_000,
        broadcast_global_per_second=1_000_000,
    )
    await _kept.start()


async def run_bacpy(port: int, folder: Path) -> None:
    """Run bac-py's hub."""
    from bac_py.transport.sc.hub_function import SCHubConfig, SCHubFunction
    from bac_py.transport.sc.tls import SCTLSConfig
    from bac_py.transport.sc.vmac import SCVMAC, DeviceUUID

    tls = SCTLSConfig(
        private_key_path=str(folder / "own.key"),
        certificate_path=str(folder / "own.pem"),
        ca_certificates_path=str(folder / "authorities.pem"),
    )
    config = SCHubConfig(bind_address=HOST, bind_port=port, tls_config=tls)
    global _kept  # noqa: PLW0603
    _kept = SCHubFunction(SCVMAC.random(), DeviceUUID.generate(), config)
    await _kept.start()


KINDS: Final[dict[str, Callable[[int, Path], Awaitable[None]]]] = {
    "own": run_own,
    "rusty": run_rusty,
    "bacpy": run_bacpy,
}
_kept: Any = None


async def main() -> None:
    """Listen until killed."""
    kind, port, folder = sys.argv[1:]
    await KINDS[kind](int(port), Path(folder))
    print(_LISTENS.decode(), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
