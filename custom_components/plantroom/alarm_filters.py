"""Which alarms an automation hears of: those that matter enough and are not quiet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import probatio
from homeassistant.helpers import config_validation as cv

from .engine.alarms.models import Severity, rank_of

CONF_SEVERITY: Final = "severity"
CONF_INCLUDE_QUIET: Final = "include_quiet"
# Floods that close upon each other are one to a person
FLOOD_PAUSE: Final = timedelta(minutes=10)


def filter_fields(*, include_quiet: bool) -> dict[probatio.Marker, Any]:
    """Return the fields of a filter; include_quiet: when nobody says otherwise."""
    return {
        probatio.Optional(CONF_SEVERITY, default=Severity.LOW.value): probatio.In(
            [severity.value for severity in Severity]
        ),
        probatio.Optional(CONF_INCLUDE_QUIET, default=include_quiet): cv.boolean,
    }


FILTER_SCHEMA: Final = filter_fields(include_quiet=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmFilter:
    """severity: this and above. include_quiet: also what calls nobody for now."""

    severity: Severity = Severity.LOW
    include_quiet: bool = False

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> AlarmFilter:
        """Return the filter of options that passed FILTER_SCHEMA."""
        return cls(
            severity=Severity(options[CONF_SEVERITY]),
            include_quiet=options[CONF_INCLUDE_QUIET],
        )

    def passes(self, facts: Mapping[str, Any]) -> bool:
        """Return whether an alarm matters enough and may be heard."""
        if rank_of(Severity(facts["severity"])) < rank_of(self.severity):
            return False
        return self.include_quiet or not facts["quiet"]


class FloodMemory:
    """Lets one alarm of each flood pass."""

    def __init__(self) -> None:
        """Start in calm."""
        self._last: datetime | None = None

    def is_first(self, at: datetime) -> bool:
        """Take a flooded alarm; return whether it is the first of its flood."""
        before, self._last = self._last, at
        return before is None or abs(at - before) > FLOOD_PAUSE
