"""One request of a read plan and what its replies mean, turn after turn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress
from operator import ne
from typing import Any, Final

from ...models import PointValue
from ..octets.encoding import BitString
from ..octets.rpm import (
    PropertyRef,
    PropertyResult,
    decode_field,
    encode_read_property_multiple,
    scan_property_fields,
)
from ..octets.tags import MalformedFrameError
from ..point_values import point_value
from .reply_template import STATUS_FLAGS, ReplyTemplate, make_template

PRESENT_VALUE: Final = 85
UNKNOWN_PROPERTY: Final = "unknown-property"

_FLAGS_SHIFT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReading:
    """What one batch of points read.

    values: None where errors has the point. flags: in_alarm 8, fault 4, overridden 2,
    out_of_service 1. changed: the indexes that differ from the run before in value,
    flags or error, None when there was none to compare with.
    """

    point_ids: tuple[str, ...]
    values: tuple[PointValue, ...]
    flags: tuple[int, ...]
    errors: dict[str, str]
    changed: Sequence[int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPoint:
    """A point of a plan; with_flags: its object has status flags."""

    point_id: str
    object_type: int
    instance: int
    with_flags: bool = True

    @property
    def value_ref(self) -> PropertyRef:
        """Return the property that holds the point's value."""
        return PropertyRef(self.object_type, self.instance, PRESENT_VALUE)

    @property
    def flags_ref(self) -> PropertyRef:
        """Return the property that holds the point's status flags."""
        return PropertyRef(self.object_type, self.instance, STATUS_FLAGS)

    @property
    def refs(self) -> tuple[PropertyRef, ...]:
        """Return what is read of the point, in order."""
        if self.with_flags:
            return self.value_ref, self.flags_ref
        return (self.value_ref,)


class PlanBatch:
    """A pre-encoded ReadPropertyMultiple request and the template of its reply."""

    def __init__(self, points: Sequence[PlannedPoint], octets: int) -> None:
        """Take the points of one request and the octets its reply may have."""
        self.points = tuple(points)
        self.octets = octets
        self.refs = tuple(ref for point in points for ref in point.refs)
        self.request = encode_read_property_multiple(self.refs)
        self.refused_flags: frozenset[str] = frozenset()
        self.layout_is_new = False
        self._point_ids = tuple(point.point_id for point in points)
        self._template: ReplyTemplate | None = None
        self._value_picks: slice | tuple[int, ...] = ()
        self._flag_picks: slice | tuple[int, ...] = ()
        self._data = b""
        self._last: BatchReading | None = None
        self._flag_octets: tuple[object, ...] = ()
        self._flags: tuple[int, ...] = ()

    def decode(self, data: bytes) -> BatchReading:
        """Return what a reply says, or raise MalformedFrameError."""
        if data == self._data and self._last is not None:
            if self._last.changed is None or self._last.changed:
                self._last = replace(self._last, changed=())
            return self._last
        numbers = None if self._template is None else self._template.unpack(data)
        if numbers is None or self._last is None:
            return self._decode_layout(data)
        self._data = data
        values = _pick((*numbers, None, 0), self._value_picks)
        octets = _pick((*numbers, None, 0), self._flag_picks)
        if octets != self._flag_octets:
            self._flag_octets = octets
            self._flags = tuple(octet >> _FLAGS_SHIFT for octet in octets)
        return self._conclude(values, self._flags, self._last.errors)

    def read(self, results: Sequence[PropertyResult]) -> BatchReading:
        """Return what results, one for each of refs, say."""
        by_ref = {result.ref: result for result in results}
        values: list[PointValue] = []
        flags: list[int] = []
        errors: dict[str, str] = {}
        for point in self.points:
            result = by_ref[point.value_ref]
            values.append(None if result.error else point_value(result.values))
            if result.error:
                errors[point.point_id] = result.error
            flags.append(_flags_of(by_ref.get(point.flags_ref)))
        self.refused_flags = frozenset(
            point.point_id
            for point in self.points
            if point.with_flags and by_ref[point.flags_ref].error == UNKNOWN_PROPERTY
        )
        self._template, self._data = None, b""
        self.layout_is_new = True
        return self._conclude(tuple(values), tuple(flags), errors)

    def _decode_layout(self, data: bytes) -> BatchReading:
        """Decode a reply of any layout, and make a template of it where that goes."""
        fields = scan_property_fields(data)
        if {field.ref for field in fields} != set(self.refs):
            raise MalformedFrameError("a reply with other properties than were asked")
        reading = self.read([decode_field(data, field) for field in fields])
        self._data = data
        self._template = make_template(data, fields)
        places = [field.ref for field in fields if not field.error]
        where = {ref: place for place, ref in enumerate(places)}
        none, zero = len(places), len(places) + 1
        self._value_picks = _picks(
            [where.get(point.value_ref, none) for point in self.points]
        )
        self._flag_picks = _picks(
            [where.get(point.flags_ref, zero) for point in self.points]
        )
        self._flag_octets = ()
        return reading

    def _conclude(
        self,
        values: tuple[PointValue, ...],
        flags: tuple[int, ...],
        errors: dict[str, str],
    ) -> BatchReading:
        """Return the reading, with what changed since the one before."""
        changed = (
            None
            if self._last is None
            else self._changes(self._last, values, flags, errors)
        )
        reading = BatchReading(
            point_ids=self._point_ids,
            values=values,
            flags=flags,
            errors=errors,
            changed=changed,
        )
        self._last = reading
        return reading

    def _changes(
        self,
        last: BatchReading,
        values: tuple[PointValue, ...],
        flags: tuple[int, ...],
        errors: dict[str, str],
    ) -> Sequence[int]:
        """Return the indexes whose value, flags or error is another than before."""
        numbers = range(len(values))
        changed = tuple(compress(numbers, map(ne, values, last.values, strict=True)))
        if flags == last.flags and errors == last.errors:
            return changed
        also = {
            number
            for number, point_id in enumerate(self._point_ids)
            if flags[number] != last.flags[number]
            or errors.get(point_id) != last.errors.get(point_id)
        }
        return tuple(sorted(also.union(changed)))


def _flags_of(result: PropertyResult | None) -> int:
    """Return status flags as four bits, 0 where there are none."""
    if result is None or not result.values:
        return 0
    flags = result.values[0]
    if not isinstance(flags, BitString):
        return 0
    return sum(8 >> place for place, bit in enumerate(flags.bits[:4]) if bit)


def _picks(places: list[int]) -> slice | tuple[int, ...]:
    """Return a slice where the places are every second one, else the places."""
    if len(places) > 1 and places == list(range(places[0], places[-1] + 1, 2)):
        return slice(places[0], places[-1] + 1, 2)
    return tuple(places)


def _pick(numbers: tuple[Any, ...], picks: slice | tuple[int, ...]) -> tuple[Any, ...]:
    """Return the picked numbers."""
    if isinstance(picks, slice):
        return numbers[picks]
    return tuple(map(numbers.__getitem__, picks))
