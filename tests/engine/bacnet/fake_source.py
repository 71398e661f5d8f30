"""A device as the property reader would give it, out of a table."""

from collections.abc import Sequence

from custom_components.plantroom.engine.bacnet.names.property_ids import PropertyId
from custom_components.plantroom.engine.bacnet.octets.encoding import (
    ObjectId,
    Primitive,
)
from custom_components.plantroom.engine.bacnet.octets.rpm import (
    PropertyRef,
    PropertyResult,
)
from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
)

type Properties = dict[PropertyId, object]

DEVICE = (8, 1234)


class Refusal:
    """Stands for a property that answers with an error; its elements may not."""

    def __init__(
        self, error: str, elements: tuple[Primitive, ...] | None = None
    ) -> None:
        self.error = error
        self.elements = elements


class FakeSource:
    """Answers from a table of objects; a tuple is an array, a Refusal an error."""

    def __init__(
        self, objects: dict[tuple[int, int], Properties], *, online: bool = True
    ) -> None:
        self.objects = objects
        self.online = online
        self.most_refs = 0
        device = objects.setdefault(DEVICE, {})
        device.setdefault(
            PropertyId.OBJECT_LIST, tuple(ObjectId(*each) for each in objects)
        )

    async def read(self, refs: Sequence[PropertyRef]) -> list[PropertyResult]:
        if not self.online:
            raise DeviceOfflineError("silent", device="fake")
        self.most_refs = max(self.most_refs, len(refs))
        return [self._result(ref) for ref in refs]

    async def read_array(
        self, object_type: int, instance: int, property_id: int
    ) -> list[Primitive]:
        value = self._value(PropertyRef(object_type, instance, property_id))
        if isinstance(value, Refusal):
            if value.elements is None:
                raise DeviceRefusedError("no", device="fake", reason=value.error)
            return list(value.elements)
        assert isinstance(value, tuple)
        return list(value)

    def _result(self, ref: PropertyRef) -> PropertyResult:
        value = self._value(ref)
        if isinstance(value, Refusal):
            return PropertyResult(ref, (), value.error)
        if type(value) is not tuple:
            return PropertyResult(ref, (value,))  # type: ignore[arg-type]
        if ref.index is None:
            return PropertyResult(ref, value)
        element = len(value) if ref.index == 0 else value[ref.index - 1]
        return PropertyResult(ref, (element,))

    def _value(self, ref: PropertyRef) -> object:
        if (ref.object_type, ref.instance) not in self.objects:
            return Refusal("unknown-object")
        properties = self.objects[ref.object_type, ref.instance]
        return properties.get(PropertyId(ref.property_id), Refusal("unknown-property"))
