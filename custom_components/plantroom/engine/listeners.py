"""Who wants to be told, and the telling."""

import logging
from collections.abc import Callable

_LOGGER = logging.getLogger(__name__)


class Listeners[*Args]:
    """Callables that are told the same, in the order in which they came."""

    def __init__(self) -> None:
        """Start with none."""
        self._listeners: dict[object, Callable[[*Args], object]] = {}

    def __bool__(self) -> bool:
        """Return whether anybody listens."""
        return bool(self._listeners)

    def add(self, listener: Callable[[*Args], object]) -> Callable[[], None]:
        """Tell listener from now on; return the unsubscribe."""
        key = object()
        self._listeners[key] = listener

        def unsubscribe() -> None:
            self._listeners.pop(key, None)

        return unsubscribe

    def tell(self, *news: *Args) -> None:
        """Call every listener; one that fails is logged and keeps it from nobody."""
        for key, listener in tuple(self._listeners.items()):
            if key not in self._listeners:
                continue
            try:
                listener(*news)
            except Exception:
                _LOGGER.exception("A listener failed: %s", listener)
