"""What a process lends the engine."""

from pathlib import Path
from typing import Protocol


class EngineHost(Protocol):
    """Home Assistant is one host, the server another, a config flow a third."""

    @property
    def data_folder(self) -> Path | None:
        """Return where the engine may keep files; None: keep nothing."""

    @property
    def time_zone(self) -> str:
        """Return the IANA name of the building's time zone."""
