"""Make a bacpypes3 object from a row of a point table, with the behaviour a good controller has."""

from typing import Any, cast

from bacpypes3 import object as standard
from bacpypes3.basetypes import EngineeringUnits, PriorityValue, Reliability, Scale
from bacpypes3.constructeddata import Any as AnyValue
from bacpypes3.errors import ExecutionError, PropertyError
from bacpypes3.local.cmd import Commandable
from bacpypes3.local.cov import COVIncrementCriteria, GenericCriteria
from bacpypes3.local.object import Object as LocalObject
from bacpypes3.primitivedata import CharacterString, Null

from .points import BINARY, MULTI_STATE, Point, PointValue

STANDARD_CLASSES: dict[str, type[Any]] = {
    "analog-input": standard.AnalogInputObject,
    "analog-output": standard.AnalogOutputObject,
    "analog-value": standard.AnalogValueObject,
    "binary-input": standard.BinaryInputObject,
    "binary-output": standard.BinaryOutputObject,
    "binary-value": standard.BinaryValueObject,
    "multi-state-input": standard.MultiStateInputObject,
    "multi-state-output": standard.MultiStateOutputObject,
    "multi-state-value": standard.MultiStateValueObject,
    "accumulator": standard.AccumulatorObject,
    "integer-value": standard.IntegerValueObject,
    "large-analog-value": standard.LargeAnalogValueObject,
    "positive-integer-value": standard.PositiveIntegerValueObject,
    "characterstring-value": standard.CharacterStringValueObject,
    "loop": standard.LoopObject,
}
WRITABLE = frozenset(
    {
        "presentValue",
        "description",
        "objectName",
        "outOfService",
        "covIncrement",
        "relinquishDefault",
    }
)


class SimulatedObject:
    """What every simulated object adds: who may write what, and answers that differ from the truth on purpose."""

    def set_up(self, point: Point) -> None:
        """Take the row it was made from."""
        self._point = point
        self._answers: dict[int, Any] = {}
        self._writes = "accepted"

    def answer_instead(self, property_id: int, answer: Any) -> None:
        """Answer every read of the property with this value, or with this error."""
        self._answers[property_id] = answer

    def decide_writes(self, outcome: str) -> None:
        """Let client writes be "accepted", "refused", or "ignored" with a friendly answer."""
        self._writes = outcome

    async def read_property(self, attr: int | str, index: int | None = None) -> Any:
        """Return the value as a client sees it."""
        if isinstance(attr, int) and int(attr) in self._answers:
            answer = self._answers[int(attr)]
            if isinstance(answer, ExecutionError):
                raise answer
            return answer
        return await super().read_property(attr, index)  # type: ignore[misc]

    def get_property_type(self, attr: Any) -> Any:
        """Return the type of a property; a proprietary one may be anything."""
        if isinstance(attr, int) and int(attr) in self._answers:
            return AnyValue
        return super().get_property_type(attr)  # type: ignore[misc]

    async def write_property(
        self,
        attr: int | str,
        value: Any,
        index: int | None = None,
        priority: int | None = None,
    ) -> None:
        """Write as a client: what it may not change is refused as the standard says."""
        if self._writes == "refused":
            raise PropertyError(errorCode="writeAccessDenied")
        if self._writes == "ignored":
            return
        identifiers = cast(Any, self)._property_identifier_class
        name = attr if isinstance(attr, str) else identifiers(attr).attr
        if name not in WRITABLE:
            raise PropertyError(errorCode="writeAccessDenied")
        if name == "presentValue":
            self._check_present_value(value)
        await super().write_property(name, value, index, priority)  # type: ignore[misc]

    def _check_present_value(self, value: Any) -> None:
        point = self._point
        if not (
            point.is_commandable
            or point.writable
            or (cast(Any, self).outOfService and point.object_type != "loop")
        ):
            raise PropertyError(errorCode="writeAccessDenied")
        if isinstance(value, Null):
            return
        if point.object_type in MULTI_STATE and not 1 <= int(value) <= len(
            point.states
        ):
            raise PropertyError(errorCode="valueOutOfRange")
        if (
            point.minimum is not None
            and point.maximum is not None
            and not point.minimum <= value <= point.maximum
        ):
            raise PropertyError(errorCode="valueOutOfRange")


def _class_for(object_type: str, commandable: bool) -> type[Any]:
    base = STANDARD_CLASSES[object_type]
    bases = (
        (SimulatedObject, Commandable, LocalObject, base)
        if commandable
        else (SimulatedObject, LocalObject, base)
    )
    analog = "covIncrement" in base._elements
    namespace: dict[str, Any] = {
        "__module__": __name__,
        "_required": ("presentValue", "statusFlags", "eventState", "outOfService"),
    }
    if object_type != "accumulator":
        namespace["_cov_criteria"] = COVIncrementCriteria if analog else GenericCriteria
    made: type[Any] = type(LocalObject)(
        f"Simulated{base.__name__}{'Cmd' if commandable else ''}", bases, namespace
    )
    made._object_identifier_class = base._object_identifier_class
    made._property_identifier_class = base._property_identifier_class
    return made


_CLASSES: dict[tuple[str, bool], type[Any]] = {}


def typed_value(point: Point, value: PointValue) -> Any:
    """Return the value as the present value's own BACnet type."""
    element = STANDARD_CLASSES[point.object_type]._elements["presentValue"]
    if point.object_type in BINARY:
        return element(1 if value in (1, True, "active", "1") else 0)
    if issubclass(element, CharacterString):
        return element(str(value))
    if isinstance(value, str):
        value = float(value)
    return element(float(value) if issubclass(element, float) else int(value))


def plain_value(point: Point, value: Any) -> PointValue:
    """Return a present value as plain Python: bool for binary objects, int, float or str."""
    if point.object_type in BINARY:
        return bool(int(value))
    if isinstance(value, str):
        return str(value)
    return float(value) if isinstance(value, float) else int(value)


def make_object(point: Point) -> Any:
    """Return the bacpypes3 object of a row."""
    key = (point.object_type, point.is_commandable)
    if key not in _CLASSES:
        _CLASSES[key] = _class_for(*key)
    properties: dict[str, Any] = {
        "objectIdentifier": (point.object_type, point.instance),
        "objectName": point.name,
        "presentValue": typed_value(point, point.value),
        "eventState": "normal",
        "outOfService": False,
        "reliability": Reliability.noFaultDetected,
        "description": point.description,
    }
    properties.update(_properties_of_kind(point))
    made = _CLASSES[key](
        **{name: value for name, value in properties.items() if value is not None}
    )
    made.set_up(point)
    return made


def _properties_of_kind(point: Point) -> dict[str, Any]:
    kind = point.object_type
    if kind in BINARY:
        return {"inactiveText": point.states[0], "activeText": point.states[1]} | (
            {} if kind == "binary-value" else {"polarity": "normal"}
        )
    if kind in MULTI_STATE:
        return {"numberOfStates": len(point.states), "stateText": list(point.states)}
    if kind == "characterstring-value":
        return {}
    units = EngineeringUnits(point.units)
    if kind == "accumulator":
        return {
            "units": units,
            "scale": Scale(floatScale=point.scale),
            "maxPresValue": 4_294_967_295,
        }
    if kind == "loop":
        return {
            "outputUnits": EngineeringUnits("percent"), "controlledVariableUnits": units, "controlledVariableValue": 0.0,
            "setpoint": 0.0, "action": "direct", "priorityForWriting": 16, "covIncrement": point.cov_increment,
            "proportionalConstant": 5.0,
        }  # fmt: skip
    limits = {
        "minPresValue": point.minimum,
        "maxPresValue": point.maximum,
        "resolution": point.resolution,
    }
    return {"units": units, "covIncrement": point.cov_increment} | limits


def null_priority() -> Any:
    """Return an empty slot of a priority array."""
    return PriorityValue(null=())


def set_status(obj: Any, name: str, value: Any) -> None:
    """Set a property that the status flags depend on, and tell the subscribers."""
    before = obj.statusFlags
    setattr(obj, name, value)
    after = obj.statusFlags
    if before != after:
        for monitor in obj._property_monitors["statusFlags"]:
            monitor(before, after)
