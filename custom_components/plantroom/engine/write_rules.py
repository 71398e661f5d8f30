"""What may be written, and what a read-back proves; pure."""

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeIs

from .errors import WriteRefusedError
from .models import Access, Point, PointKind, PointValue, Verdict

# Clause 19.2.3: life safety and critical equipment, and minimum on/off
RESERVED_PRIORITIES = frozenset({1, 2, 5, 6})
MAX_TEXT_OCTETS = 400
FLOAT32_RELATIVE_ERROR = 1e-6
MAX_REAL = 3.4028234663852886e38
MAX_WHOLE = 2**64 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """A point as its device has it; priority_array: 16 values, or none at all."""

    present_value: PointValue = None
    priority_array: tuple[PointValue, ...] = ()

    @property
    def priority_in_command(self) -> int | None:
        """Return the strongest priority that holds a value, or None."""
        for number, value in enumerate(self.priority_array, 1):
            if value is not None:
                return number
        return None


def check_write(
    point: Point,
    value: PointValue,
    priority: int,
    *,
    allow_reserved: bool,
    allow_plain: bool,
) -> PointValue:
    """Return the value as the device takes it, or raise WriteRefusedError.

    value: None releases. A binary takes a bool, 0, 1 or a state text; a multi-state
    a number from 1 or a state text. priority: of no meaning to a PLAIN point.
    """
    if point.access is Access.READ_ONLY or (
        point.access is Access.PLAIN and not allow_plain
    ):
        raise _refusal(point, "not_writable", "cannot be written")
    if point.access is Access.COMMANDABLE:
        _check_priority(point, priority, allow_reserved=allow_reserved)
    if value is None:
        if point.access is not Access.COMMANDABLE:
            raise _refusal(point, "not_commandable", "has no priorities to release")
        return None
    return _converted(point, value)


def _check_priority(point: Point, priority: int, *, allow_reserved: bool) -> None:
    if not 1 <= priority <= 16:
        raise _refusal(point, "priority", f"has no priority {priority}")
    if priority in RESERVED_PRIORITIES and not allow_reserved:
        raise _refusal(
            point,
            "reserved_priority",
            f"is not written at priority {priority} unless that is asked for",
            priority=priority,
        )


def judge(
    value: PointValue, priority: int | None, read_back: ReadBack
) -> tuple[Verdict, str, int | None]:
    """Return verdict, reason and the overriding priority of a write or release."""
    if value is None:
        return _judge_release(priority, read_back)
    if priority is None or not read_back.priority_array:
        if same_value(value, read_back.present_value):
            return Verdict.VERIFIED, "", None
        return Verdict.FAILED, "value-not-taken", None
    ours = read_back.priority_array[priority - 1]
    if not same_value(value, ours):
        return Verdict.FAILED, "value-not-taken", None
    winner = read_back.priority_in_command
    if winner != priority:
        return Verdict.OVERRIDDEN, "", winner
    if same_value(value, read_back.present_value):
        return Verdict.VERIFIED, "", None
    return Verdict.FAILED, "present-value-differs", None


def _judge_release(
    priority: int | None, read_back: ReadBack
) -> tuple[Verdict, str, int | None]:
    if priority is None or not read_back.priority_array:
        return Verdict.FAILED, "not-read-back", None
    if read_back.priority_array[priority - 1] is None:
        return Verdict.VERIFIED, "", None
    return Verdict.FAILED, "not-released", None


def same_value(wanted: PointValue, found: PointValue) -> bool:
    """Return whether a device holds the value, as exactly as REAL can hold it."""
    if isinstance(wanted, int | float) and isinstance(found, int | float):
        return math.isclose(wanted, found, rel_tol=FLOAT32_RELATIVE_ERROR, abs_tol=1e-9)
    return wanted == found


def _converted(point: Point, value: PointValue) -> PointValue:
    match point.kind:
        case PointKind.BINARY:
            return _binary(point, value)
        case PointKind.MULTI_STATE:
            return _state(point, value)
        case PointKind.TEXT:
            return _text(point, value)
        case _:
            return _number(point, value)


def _binary(point: Point, value: PointValue) -> bool:
    if isinstance(value, str):
        texts = [text.casefold() for text in point.states]
        known = {"off": 0, "inactive": 0, "on": 1, "active": 1}
        wanted = value.casefold()
        number = texts.index(wanted) if wanted in texts else known.get(wanted)
        if wanted and number is not None:
            return bool(number)
    elif value in (0, 1):
        return bool(value)
    raise _refusal(point, "invalid_value", f"is on or off, not {value!r}", value=value)


def _state(point: Point, value: PointValue) -> int:
    if isinstance(value, str):
        if value in point.states:
            return point.states.index(value) + 1
    elif _is_whole(value):
        top = len(point.states) or int(point.maximum or 2**32 - 1)
        if 1 <= int(value) <= top:
            return int(value)
    raise _refusal(point, "invalid_value", f"has no state {value!r}", value=value)


def _text(point: Point, value: PointValue) -> str:
    if isinstance(value, str):
        with suppress(UnicodeEncodeError):  # half of a surrogate pair
            if len(value.encode()) <= MAX_TEXT_OCTETS:
                return value
    raise _refusal(
        point, "invalid_value", f"takes a text of ≤ {MAX_TEXT_OCTETS} octets"
    )


def _is_whole(value: PointValue) -> TypeIs[int | float]:
    return _is_number(value) and abs(value) <= MAX_WHOLE and value.is_integer()


def _is_number(value: PointValue) -> TypeIs[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(point: Point, value: PointValue) -> float | int:
    analog = point.kind is PointKind.ANALOG
    if not _is_number(value) or not (
        abs(value) <= MAX_REAL if analog else _is_whole(value)
    ):
        raise _refusal(point, "invalid_value", f"does not take {value!r}", value=value)
    if point.minimum is not None and value < point.minimum:
        raise _refusal(
            point,
            "below_minimum",
            f"takes no less than {point.minimum}",
            value=value,
            limit=point.minimum,
        )
    if point.maximum is not None and value > point.maximum:
        raise _refusal(
            point,
            "above_maximum",
            f"takes no more than {point.maximum}",
            value=value,
            limit=point.maximum,
        )
    return float(value) if analog else int(value)


def _refusal(
    point: Point, reason: str, message: str, **facts: PointValue
) -> WriteRefusedError:
    texts = {name: str(fact) for name, fact in facts.items()}
    return WriteRefusedError(
        f"{point.point_id} {message}", reason=reason, point=point.name, **texts
    )
