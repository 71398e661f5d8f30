"""Where what an object shows came from."""

from dataclasses import dataclass, field
from datetime import datetime

from .kept_objects import CommandMark


@dataclass(slots=True)
class ObjectEntry:
    """Where an object's last definition and value came from."""

    defined: int
    sensor: str = ""
    shown: int = 0
    told_at: dict[str, datetime] = field(default_factory=dict)
    commanded: dict[str, int] = field(default_factory=dict)
    command: CommandMark | None = None

    def has(self, command: CommandMark, at: int) -> bool:
        """Return whether what was kept of the object has a command in it.

        at: position of the last event that was used before the command.
        """
        if self.command is None:
            return self.defined > at
        if self.command.ledger == command.ledger:
            return self.command.number >= command.number
        # Of a server that took over: whatever it used is after our commands
        return max(self.shown, self.defined) > at
