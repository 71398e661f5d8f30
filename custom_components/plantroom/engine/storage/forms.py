"""Our dataclasses as JSON in the database, with the types of point values kept."""

import logging
from collections.abc import Callable
from functools import cached_property

from mashumaro.codecs.json import JSONDecoder, JSONEncoder
from mashumaro.exceptions import InvalidFieldValue, MissingField

from ..wire.json_values import WireDialect

_LOGGER = logging.getLogger(__name__)


class Form[T]:
    """How one type is written, and read again if it still can be."""

    def __init__(self, kind: type[T], name: str) -> None:
        """Take the type, and what the log calls it."""
        self._kind = kind
        self._name = name

    def write(self, value: T) -> str:
        """Return a value as JSON."""
        return str(self._encode(value))

    def read(self, data: str) -> T | None:
        """Return the value, or None, which is logged, for what another version wrote."""
        try:
            return self._decode(data)
        except (
            MissingField,
            InvalidFieldValue,
            LookupError,
            TypeError,
            ValueError,
        ) as err:
            _LOGGER.warning("%s is left out, cannot read it: %s", self._name, err)
            return None

    # Made when they are first needed: a start has other things to do
    @cached_property
    def _encode(self) -> Callable[[T], str | bytes]:
        return JSONEncoder(self._kind, default_dialect=WireDialect).encode

    @cached_property
    def _decode(self) -> Callable[[str], T]:
        return JSONDecoder(self._kind, default_dialect=WireDialect).decode
