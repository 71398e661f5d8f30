"""What a person can mend now."""

from .event_bus import EventBus
from .events import ProblemsChanged
from .models import Problem, ProblemCode


class Problems:
    """The problems that stand, one of a kind per network or device."""

    def __init__(self, events: EventBus) -> None:
        """Start with none."""
        self._events = events
        self._problems: dict[tuple[ProblemCode, str], Problem] = {}

    def all(self) -> tuple[Problem, ...]:
        """Return the problems that stand."""
        return tuple(self._problems.values())

    def report(self, code: ProblemCode, subject: str, **facts: str) -> None:
        """State a problem, or new facts of it."""
        problem = Problem(code=code, subject=subject, facts=facts)
        if self._problems.get((code, subject)) == problem:
            return
        self._problems[(code, subject)] = problem
        self._publish()

    def solve(self, subject: str, *codes: ProblemCode) -> None:
        """Withdraw problems of a network or device; all of them without codes."""
        gone = [
            key
            for key in self._problems
            if key[1] == subject and (not codes or key[0] in codes)
        ]
        for key in gone:
            del self._problems[key]
        if gone:
            self._publish()

    def _publish(self) -> None:
        self._events.publish(ProblemsChanged(problems=self.all()))
