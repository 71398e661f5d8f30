"""An I/O module: relays, contacts that follow them, outputs, and switches in one register."""

from dataclasses import dataclass, field

from ..physics import Values

CHANNELS = range(1, 9)
FOLLOWS_AFTER_SECONDS = 1.0


@dataclass(slots=True)
class Relays:
    """What is written stays; contact n closes when relay n has been on for a second."""

    written: Values = field(
        default_factory=lambda: {
            f"{kind}_{n}": 0 for kind in ("relay", "output", "switch") for n in CHANNELS
        }
    )
    _closed: dict[int, float] = field(
        default_factory=lambda: dict.fromkeys(CHANNELS, 0.0)
    )

    def step(self, dt_seconds: float) -> None:
        """Let the contacts follow."""
        for n in CHANNELS:
            on = bool(self.written[f"relay_{n}"])
            self._closed[n] = self._closed[n] + dt_seconds if on else 0.0

    def write(self, name: str, value: float) -> None:
        """Take what a client wrote; raises LookupError for a contact."""
        if name not in self.written:
            raise LookupError(f"{name} is not writable")
        self.written[name] = value

    def values(self) -> Values:
        """Return every channel: 0 and 1, percent for outputs."""
        contacts: Values = {
            f"contact_{n}": seconds >= FOLLOWS_AFTER_SECONDS
            for n, seconds in self._closed.items()
        }
        return self.written | contacts
