"""Whose nodes and hubs there are, and who meets whom."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .bacpy import BacPyClient, BacPyDevice
from .own import OwnClient, OwnDevice, fast_pace
from .peer import Client, Device
from .rusty import RustyClient, RustyDevice

NAMES: Final = {"own": "Plantroom", "rusty": "rusty-bacnet", "bacpy": "bac-py"}
CLIENTS: Final[dict[str, Callable[[], Client]]] = {
    "own": lambda: OwnClient(fast_pace()),
    "rusty": RustyClient,
    "bacpy": BacPyClient,
}
DEVICES: Final[dict[str, Callable[[], Device]]] = {
    "own": lambda: OwnDevice(fast_pace()),
    "rusty": RustyDevice,
    "bacpy": BacPyDevice,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trio:
    """Whose hub, whose client and whose device; each a key of NAMES."""

    hub: str
    client: str
    device: str


def all_trios() -> list[Trio]:
    """Return every trio in which something is ours."""
    return [
        Trio(hub=hub, client=client, device=device)
        for hub in NAMES
        for client in NAMES
        for device in NAMES
        if "own" in {hub, client, device}
    ]
