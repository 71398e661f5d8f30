"""What is kept over restarts, as JSON."""

import logging

from mashumaro.codecs.json import JSONDecoder, JSONEncoder
from mashumaro.exceptions import InvalidFieldValue, MissingField

_LOGGER = logging.getLogger(__name__)


class KeptForm[T]:
    """A dataclass as JSON and back."""

    def __init__(self, kind: type[T]) -> None:
        """Take a dataclass."""
        self._encoder = JSONEncoder(kind)
        self._decoder = JSONDecoder(kind)

    def encode(self, record: T) -> str:
        """Return a record as JSON."""
        return str(self._encoder.encode(record))

    def decode(self, kept: str | None) -> T | None:
        """Return the record in JSON; None for none, or one of another version."""
        if kept is None:
            return None
        try:
            return self._decoder.decode(kept)
        except (MissingField, InvalidFieldValue, ValueError) as err:
            _LOGGER.warning("What a meter counted before cannot be read: %s", err)
            return None
