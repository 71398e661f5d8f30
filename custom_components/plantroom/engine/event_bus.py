"""Numbers every event, keeps the latest, hands them to the listeners."""

from collections import deque
from collections.abc import Callable

from .events import EngineEvent, NumberedEvent
from .listeners import Listeners

type EventListener = Callable[[NumberedEvent], None]

EVENTS_KEPT = 4096


class EventBus:
    """One writer of event numbers; listeners are called in order, in the loop."""

    def __init__(self, first_number: int = 1) -> None:
        """Start numbering at first_number."""
        self._next = first_number
        self._kept: deque[NumberedEvent] = deque(maxlen=EVENTS_KEPT)
        self._listeners: Listeners[NumberedEvent] = Listeners()
        self._untold: deque[NumberedEvent] = deque()
        self._telling = False

    @property
    def cursor(self) -> int:
        """Return the number of the latest event, first_number - 1 before any."""
        return self._next - 1

    def publish(self, event: EngineEvent) -> None:
        """Number the event and hand it to every listener, after those before it."""
        numbered = NumberedEvent(number=self._next, event=event)
        self._next += 1
        self._kept.append(numbered)
        self._untold.append(numbered)
        if self._telling:
            # A listener published it: the others first hear the event it listens to
            return
        self._telling = True
        try:
            while self._untold:
                self._listeners.tell(self._untold.popleft())
        finally:
            self._telling = False

    def listen(self, listener: EventListener) -> Callable[[], None]:
        """Call listener with every event from now on; return the unsubscribe."""
        return self._listeners.add(listener)

    def since(self, cursor: int) -> tuple[NumberedEvent, ...] | None:
        """Return the events after cursor, or None when some are no longer kept."""
        if cursor >= self.cursor:
            return () if cursor == self.cursor else None
        if not self._kept or self._kept[0].number > cursor + 1:
            return None
        return tuple(event for event in self._kept if event.number > cursor)
