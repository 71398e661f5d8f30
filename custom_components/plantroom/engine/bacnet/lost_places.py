"""How often somebody took us out of a device's recipient lists; pure."""

from typing import Final

LOSSES: Final = 3
WITHIN_SECONDS: Final = 86400.0


class LostPlaces:
    """Losses by Notification Class; forgotten after a day without so many."""

    def __init__(self) -> None:
        """Start with none."""
        self._lost_at: dict[int, list[float]] = {}

    def note(self, number: int, now: float) -> None:
        """Take that we stand in a class no more; now: seconds of a steady clock."""
        lost_at = self._lost_at.setdefault(number, [])
        lost_at.append(now)
        del lost_at[:-LOSSES]

    def forget(self, number: int) -> None:
        """Take that we want no place in a class."""
        self._lost_at.pop(number, None)

    def lost_again_and_again(self, now: float) -> int | None:
        """Return a class in which our place was lost three times within a day."""
        for number, lost_at in self._lost_at.items():
            if len(lost_at) == LOSSES and now - lost_at[0] < WITHIN_SECONDS:
                return number
        return None
