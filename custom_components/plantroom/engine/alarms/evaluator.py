"""Judges points by their rules whenever one of them has a new reading, or in time."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime

from ..events import (
    DeviceChanged,
    DeviceStatusChanged,
    NumberedEvent,
    PointsChanged,
    ReadingsChanged,
)
from ..models import Reading
from ..points import Points
from .alarm_book import AlarmBook
from .configuration import AlarmRule
from .models import Condition
from .rule_news import news_of
from .rules import BoundRule, Inputs, RuleState, bind, step
from .texts import AlarmWords

_LOGGER = logging.getLogger(__name__)


class Evaluator:
    """Rules by point; a reading that no rule looks at costs one look in a map."""

    def __init__(
        self,
        points: Points,
        book: AlarmBook,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take where readings are found and where alarms are told."""
        self._points = points
        self._book = book
        self._clock = clock
        self._rules: dict[str, BoundRule] = {}
        self._states: dict[str, RuleState] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._by_point: dict[str, tuple[str, ...]] = {}
        self._by_device: dict[str, tuple[str, ...]] = {}
        self._offline: set[str] = set()
        self._gone: set[str] = set()
        self._names: dict[str, str] = {}
        self._words = AlarmWords()

    @property
    def reads(self) -> Collection[str]:
        """Return the ids of all points that rules look at, which must be fresh."""
        return self._by_point.keys()

    def configure(
        self,
        rules: Sequence[AlarmRule],
        device_ids: Collection[str],
        words: AlarmWords | None = None,
    ) -> None:
        """Judge by these rules, as far as their devices are configured.

        words: for those without a text of their own. What is unchanged goes on; the alarm of a rule that is gone is removed.
        """
        self._words = words or AlarmWords()
        wanted = {
            rule.rule_id: rule
            for rule in rules
            if rule.point_id.rpartition(":")[0] in device_ids
        }
        changed = [key for key, rule in wanted.items() if self._asked(key) != rule]
        for key in self._rules.keys() - wanted.keys():
            self._forget(key)
        for key in changed:
            self._forget(key)
            self._begin(wanted[key])
        self._offline.intersection_update(device_ids)
        self._index()
        self._book.remove(
            alarm.alarm_id
            for alarm in self._book.all_open()
            if alarm.rule_id and alarm.rule_id not in wanted
        )
        self._judge_all(changed)

    def stop(self) -> None:
        """Judge no more; calling it twice does no harm."""
        for key in [*self._rules]:
            self._forget(key)
        self._by_point, self._by_device = {}, {}
        self._offline.clear()
        self._gone.clear()

    def hear(self, numbered: NumberedEvent) -> None:
        """Take what happened to points and devices."""
        match numbered.event:
            case ReadingsChanged(readings=readings):
                self._take_points(point_id for point_id, _ in readings)
            case DeviceStatusChanged(status=status):
                self._take_status(status.device_id, online=status.online)
            case PointsChanged(added=added, changed=changed, removed=removed):
                points = [point.point_id for point in (*added, *changed)]
                self._gone.difference_update(points)
                self._gone.update(each for each in removed if each in self._by_point)
                self._bind_again([*points, *removed])
            case DeviceChanged(device=device):
                self._names[device.device_id] = device.name

    def _take_points(self, point_ids: Iterable[str]) -> None:
        by_point = self._by_point
        if not by_point:
            return
        self._judge_all(key for each in point_ids for key in by_point.get(each, ()))

    def _take_status(self, device_id: str, *, online: bool) -> None:
        if online == (device_id not in self._offline):
            return
        if online:
            self._offline.discard(device_id)
        else:
            self._offline.add(device_id)
        self._judge_all(self._by_device.get(device_id, ()))

    def _bind_again(self, point_ids: Iterable[str]) -> None:
        keys = {key for each in point_ids for key in self._by_point.get(each, ())}
        for key in keys:
            self._rules[key] = self._bound(self._rules[key].rule)
        self._judge_all(keys)

    def _asked(self, key: str) -> AlarmRule | None:
        bound = self._rules.get(key)
        return None if bound is None else bound.rule

    def _begin(self, rule: AlarmRule) -> None:
        self._rules[rule.rule_id] = self._bound(rule)
        alarm = self._book.get(rule.alarm_id)
        # An alarm that was raised before a restart is not raised again by it
        self._states[rule.rule_id] = RuleState(
            condition=Condition.NORMAL if alarm is None else alarm.condition
        )

    def _bound(self, rule: AlarmRule) -> BoundRule:
        enabling = rule.enable
        return bind(
            rule,
            self._points.get(rule.point_id),
            None if enabling is None else self._points.get(enabling.point_id),
        )

    def _forget(self, key: str) -> None:
        self._rules.pop(key, None)
        self._states.pop(key, None)
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    def _index(self) -> None:
        by_point: dict[str, list[str]] = {}
        by_device: dict[str, list[str]] = {}
        for key, bound in self._rules.items():
            for point_id in bound.rule.reads:
                by_point.setdefault(point_id, []).append(key)
                device_id = point_id.rpartition(":")[0]
                by_device.setdefault(device_id, []).append(key)
        self._by_point = {point: tuple(keys) for point, keys in by_point.items()}
        self._gone.intersection_update(by_point)
        self._by_device = {device: tuple(keys) for device, keys in by_device.items()}

    def _judge_all(self, keys: Iterable[str]) -> None:
        """Judge each rule once, whatever led to it."""
        now = asyncio.get_running_loop().time()
        for key in dict.fromkeys(keys):
            self._judge(key, now)

    def _judge(self, key: str, now: float) -> None:
        bound, state = self._rules[key], self._states[key]
        inputs = self._inputs(bound.rule)
        after = step(bound, state, inputs, now)
        if not after:
            return
        for each in after:
            if each.condition is not state.condition:
                self._tell(bound.rule, each.condition, inputs)
            state = each
        self._states[key] = state
        self._set_timer(key, state)

    def _inputs(self, rule: AlarmRule) -> Inputs:
        enable = rule.enable
        return Inputs(
            reading=self._reading(rule.point_id),
            other=self._reading(rule.other_point_id),
            enabling=None if enable is None else self._reading(enable.point_id),
            awaited=self._is_awaited(rule.point_id),
        )

    def _is_awaited(self, point_id: str) -> bool:
        """Return whether a point is about to have its first reading."""
        if self._points.reading(point_id) is not None or point_id in self._gone:
            return False
        return point_id.rpartition(":")[0] not in self._offline

    def _reading(self, point_id: str) -> Reading | None:
        if not point_id or point_id.rpartition(":")[0] in self._offline:
            return None
        return self._points.reading(point_id)

    def _set_timer(self, key: str, state: RuleState) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        if state.pending is not None:
            loop = asyncio.get_running_loop()
            self._timers[key] = loop.call_at(state.due, self._ring, key)

    def _ring(self, key: str) -> None:
        self._timers.pop(key, None)
        if key in self._rules:
            # A timer may ring a little early, by the clock's resolution
            now = max(asyncio.get_running_loop().time(), self._states[key].due)
            self._judge(key, now)

    def _tell(self, rule: AlarmRule, condition: Condition, inputs: Inputs) -> None:
        device_id = rule.point_id.rpartition(":")[0]
        points = (
            self._points.get(rule.point_id),
            self._points.get(rule.other_point_id) if rule.other_point_id else None,
        )
        self._book.take(
            news_of(
                rule,
                condition,
                inputs,
                points,
                self._names.get(device_id, device_id),
                self._clock(),
                self._words,
            )
        )
