"""The engine's problems as repairs, one for one."""

from collections.abc import Callable
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .client import EngineClient
from .const import DOMAIN
from .engine.events import EngineEvent, ProblemsChanged
from .engine.models import Problem, ProblemCode
from .gone_points import gone_entities
from .problem_facts import problem_placeholders

FIXABLE: Final = frozenset(
    {
        ProblemCode.DEVICE_VANISHED,
        ProblemCode.METER_REPLACED,
        ProblemCode.POINTS_GONE,
        ProblemCode.UNIT_SILENT,
        ProblemCode.WORD_ORDER_SUSPECTED,
    }
)
# What the site's own authority can issue anew
RENEWED: Final = frozenset(
    {
        ProblemCode.CERTIFICATE_EXPIRED,
        ProblemCode.CERTIFICATE_EXPIRES,
        ProblemCode.KEY_GONE,
    }
)
_LAST_DAYS: Final = frozenset({"0", "7"})
_ERRORS: Final = frozenset(
    {
        ProblemCode.CERTIFICATE_EXPIRED,
        ProblemCode.HUB_NOT_JOINED,
        ProblemCode.HUB_NOT_LISTENING,
        ProblemCode.INTERFACE_GONE,
        ProblemCode.LINE_IN_USE,
        ProblemCode.LINE_UNREACHABLE,
        ProblemCode.PORT_IN_USE,
    }
)


class ProblemReports:
    """Keeps exactly the issues that the engine's problems call for.

    They outlive a reload, and with it that a person ignores one.
    """

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, client: EngineClient
    ) -> None:
        """Take a client that is started."""
        self._hass = hass
        self._entry = entry
        self._client = client

    @callback
    def start(self) -> Callable[[], None]:
        """Report what stands and follow; return what ends it."""
        self._report()
        return self._client.listen_changes(self._follow)

    @callback
    def _follow(self, event: EngineEvent) -> None:
        if isinstance(event, ProblemsChanged):
            self._report()

    def _report(self) -> None:
        with ir.async_refresh_issues(
            self._hass, DOMAIN, config_entry_id=self._entry.entry_id
        ):
            for problem in self._client.mirror.problems:
                if self._still_matters(problem):
                    self._create(problem)

    def _still_matters(self, problem: Problem) -> bool:
        """Return False for vanished points that a person has already accepted."""
        if problem.code is not ProblemCode.POINTS_GONE:
            return True
        mirror = self._client.mirror
        return bool(gone_entities(self._hass, self._entry, mirror, problem.subject))

    def _create(self, problem: Problem) -> None:
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            f"{self._entry.entry_id}_{problem.code}_{problem.subject}",
            config_entry_id=self._entry.entry_id,
            data={
                "entry_id": self._entry.entry_id,
                "code": problem.code.value,
                "subject": problem.subject,
            },
            is_fixable=problem.code in FIXABLE or _is_renewable(problem),
            severity=_severity(problem),
            translation_key=(
                f"{problem.code}_renewable"
                if _is_renewable(problem)
                else problem.code.value
            ),
            translation_placeholders=problem_placeholders(self._hass, problem),
        )


def _is_renewable(problem: Problem) -> bool:
    return problem.code in RENEWED and bool(problem.facts.get("renewable"))


def _severity(problem: Problem) -> ir.IssueSeverity:
    """Return how grave it is; of a certificate it rises as its end comes near."""
    last_days = problem.facts.get("days") in _LAST_DAYS
    if problem.code in _ERRORS or last_days:
        return ir.IssueSeverity.ERROR
    return ir.IssueSeverity.WARNING
