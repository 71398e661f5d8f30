"""A rule on a virtual clock, fed as the evaluator feeds it."""

from dataclasses import replace
from typing import Any

from custom_components.plantroom.engine.alarms.configuration import AlarmRule, RuleKind
from custom_components.plantroom.engine.alarms.models import Condition
from custom_components.plantroom.engine.alarms.rules import (
    Inputs,
    RuleState,
    bind,
    step,
)
from custom_components.plantroom.engine.models import Point, PointValue, Reading
from tests.site import point, reading

POINT = point("analog-input,1", name="Room temperature", unit="degrees-celsius")


def rule(kind: RuleKind, **facts: Any) -> AlarmRule:
    """Return a rule on the first analog input."""
    wanted = {"rule_id": "r", "point_id": POINT.point_id}
    return AlarmRule(kind=kind, **wanted | facts)


def shown(value: PointValue | Reading) -> Reading:
    """Return a value as a reading."""
    return value if isinstance(value, Reading) else reading(value)


class Ruled:
    """What a rule finds of values over time; its timer is as due as it asks."""

    def __init__(
        self, asked: AlarmRule, of: Point = POINT, enabling: Point | None = None
    ) -> None:
        self.bound = bind(asked, of, enabling)
        self.state = RuleState()
        self.now = 0.0
        self.inputs = Inputs(reading=None)
        self.found: list[tuple[float, Condition]] = []

    @property
    def condition(self) -> Condition:
        return self.state.condition

    def see(self, value: PointValue | Reading, **others: Any) -> Condition:
        """Take a value now, and return what is in force then."""
        facts = {name: shown(other) for name, other in others.items()}
        before = {name: getattr(self.inputs, name) for name in ("other", "enabling")}
        self.inputs = Inputs(reading=shown(value), **before | facts)
        self._step()
        return self.condition

    def lose(self) -> None:
        """Let the point's device answer no more."""
        self.inputs = replace(self.inputs, reading=None)
        self._step()

    def wait(self, seconds: float) -> Condition:
        """Let time pass; the timer rings on its way."""
        end = self.now + seconds
        while self.state.pending is not None and self.state.due <= end:
            self.now = self.state.due
            self._step()
        self.now = end
        return self.condition

    def _step(self) -> None:
        for after in step(self.bound, self.state, self.inputs, self.now):
            if after.condition is not self.state.condition:
                self.found.append((self.now, after.condition))
            self.state = after
