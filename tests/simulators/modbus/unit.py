"""One simulated unit: its registers, the model behind them, and what a test may do to it."""

from collections import Counter
from dataclasses import replace
from typing import Any, cast

from pymodbus.constants import DeviceInformation, ExcCodes
from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.pdu.mei_message import (
    ReadDeviceInformationRequest,
    ReadDeviceInformationResponse,
)

from custom_components.plantroom.engine.modbus.registers.register_map import (
    Order,
    RegisterPoint,
    Space,
)

from .behaviours import BEHAVIOURS, Behaviour
from .encoding import Value, value_of, words_of
from .energy import Model
from .image import Image
from .tables import UnitTable

SPACES = {
    1: Space.COIL, 5: Space.COIL, 15: Space.COIL,
    2: Space.DISCRETE_INPUT,
    3: Space.HOLDING, 6: Space.HOLDING, 16: Space.HOLDING, 22: Space.HOLDING, 23: Space.HOLDING,
    4: Space.INPUT,
}  # fmt: skip
BASIC_OBJECTS = (0, 1, 2)


class UnknownPointError(LookupError):
    """No such point in the unit."""


class SimulatedUnit:
    """A unit; pymodbus's requests use it as the store they read and write."""

    def __init__(self, table: UnitTable, model: Model) -> None:
        self.table = table
        self.model = model
        self.behaviour: Behaviour = BEHAVIOURS[table.quirk]()
        self.plugged = True
        self.requests_seen: Counter[int] = Counter()
        self._points = {point.key: point for point in table.points}
        self._held: dict[str, Value] = {}
        self.image = self._make_image()
        self.refresh()

    async def answer(self, request: ModbusPDU) -> ModbusPDU | None:
        """Return the answer to a request; None: say nothing. Raises HangUpError."""
        if not self.plugged:
            return None
        self.requests_seen[request.function_code] += 1
        return await self.behaviour.answer(request, self._serve)

    def refresh(self) -> None:
        """Put what the model says now into the registers."""
        values = self.model.values()
        for key, name in self.table.sources.items():
            if key not in self._held:
                self._put(self._point(key), values[name])

    def set(self, key: str, value: Value) -> None:
        """Show a value, None as not available; held against the model until release()."""
        point = self._point(key)
        self._put(point, value)
        self._held[key] = value

    def release(self, key: str) -> None:
        """Give a held point back to the model."""
        self._held.pop(key, None)
        self.refresh()

    def get(self, key: str) -> float | str:
        """Return what the registers of a point mean; raises UnknownPointError."""
        point = self._point(key)
        words = self.image.words(point.space, point.address, point.words)
        return value_of(point, words, self._exponent(point))

    def set_words(self, space: Space, address: int, words: list[int]) -> None:
        """Change raw words, whatever they mean."""
        self.image.put(space, address, words)

    def words(self, space: Space, address: int, count: int) -> list[int]:
        """Return raw words; raises KeyError where there are none."""
        return self.image.words(space, address, count)

    def swap_words(self) -> None:
        """Turn the word order of every value, as a setting of the device does."""
        turned = {Order.BIG: Order.LITTLE, Order.LITTLE: Order.BIG}
        values = {key: self.get(key) for key in self._points}
        self._points = {
            key: replace(point, word_order=turned[point.word_order])
            for key, point in self._points.items()
        }
        for key, value in values.items():
            self._put(self._points[key], value)
        self.refresh()

    async def async_getValues(  # noqa: N802
        self, _unit_id: int, function: int, address: int, count: int = 1
    ) -> list[int] | list[bool] | ExcCodes:
        """Return what a client reads, as pymodbus asks for it."""
        space = SPACES[function]
        words = self.image.read(space, address, count)
        if space.of_bits and isinstance(words, list):
            return [bool(word) for word in words]
        return words

    async def async_setValues(  # noqa: N802
        self, _unit_id: int, function: int, address: int, values: list[Any]
    ) -> ExcCodes | None:
        """Take what a client writes, all of it or nothing."""
        space = SPACES[function]
        words = [int(value) for value in values]
        touched = self._writable_points(space, address, len(words))
        if not touched or not self.image.covers(space, address, len(words)):
            return ExcCodes.ILLEGAL_ADDRESS
        before = self.image.words(space, address, len(words))
        self.image.put(space, address, words)
        try:
            self._take(touched)
        except ValueError:
            self.image.put(space, address, before)
            return ExcCodes.ILLEGAL_VALUE
        return None

    async def _serve(self, request: ModbusPDU) -> ModbusPDU:
        if isinstance(request, ReadDeviceInformationRequest):
            return self._identify(request)
        if request.function_code not in SPACES:
            return ExceptionResponse(request.function_code, ExcCodes.ILLEGAL_FUNCTION)
        return await request.datastore_update(cast(Any, self), request.dev_id)

    def _identify(self, request: ReadDeviceInformationRequest) -> ModbusPDU:
        """Answer Read Device Identification (MODBUS Application Protocol V1.1b3, 6.21)."""
        texts = self.table.identity
        if not texts:
            return ExceptionResponse(request.function_code, ExcCodes.ILLEGAL_FUNCTION)
        if request.read_code == DeviceInformation.SPECIFIC:
            wanted = [request.object_id]
        elif request.read_code == DeviceInformation.BASIC:
            wanted = list(BASIC_OBJECTS)
        else:
            wanted = sorted(texts)
        if not set(wanted) <= set(texts):
            return ExceptionResponse(request.function_code, ExcCodes.ILLEGAL_ADDRESS)
        return ReadDeviceInformationResponse(
            read_code=request.read_code,
            information={number: texts[number].encode() for number in wanted},
        )

    def _writable_points(
        self, space: Space, address: int, count: int
    ) -> list[RegisterPoint]:
        """Return the points in a range, or none when not all of it is writable."""
        points = [
            point
            for point in self._points.values()
            if point.writable
            and point.space is space
            and point.address < address + count
            and address < point.address + point.words
        ]
        owned = {
            at
            for point in points
            for at in range(point.address, point.address + point.words)
        }
        return points if owned.issuperset(range(address, address + count)) else []

    def _take(self, points: list[RegisterPoint]) -> None:
        """Tell the model what was written; raises ValueError for what it does not take."""
        values = {point.key: float(self.get(point.key)) for point in points}
        for point in points:
            low, high = point.minimum, point.maximum
            value = values[point.key]
            if (low is not None and value < low) or (high is not None and value > high):
                raise ValueError(f"{point.key} does not take {value}")
        for key, value in values.items():
            if name := self.table.sources.get(key):
                self.model.write(name, value)
            if key in self._held:
                self._held[key] = value
        self.refresh()

    def _make_image(self) -> Image:
        image = Image(holes=self.table.holes, most_registers=self.table.most_registers)
        for point in self.table.points:
            at = range(point.address, point.address + point.words)
            image.add(point.space, at)
            if point.exponent_address is not None:
                image.add(point.space, [point.exponent_address])
        for (space, address), words in self.table.words.items():
            image.put(space, address, words)
        if self.table.fills_gaps:
            for space in Space:
                image.fill_gaps(space)
        self.image = image
        for key, value in sorted(self.table.fixed.items(), key=self._is_scaled):
            self._put(self._point(key), value)
        return image

    def _is_scaled(self, item: tuple[str, Value]) -> bool:
        """Sort scale factors before what they scale."""
        return self._point(item[0]).exponent_address is not None

    def _put(self, point: RegisterPoint, value: Value) -> None:
        words = words_of(point, value, self._exponent(point))
        if point.bit is not None:
            kept = self.image.words(point.space, point.address, point.words)
            mask = (1 << (1 if point.type == "bool" else point.bits)) - 1 << point.bit
            words = _merged(kept, words, mask)
        self.image.put(point.space, point.address, words)

    def _exponent(self, point: RegisterPoint) -> int:
        if point.exponent_address is None:
            return 0
        word = self.image.words(point.space, point.exponent_address, 1)[0]
        return word - 0x10000 if word & 0x8000 else word

    def _point(self, key: str) -> RegisterPoint:
        if key not in self._points:
            raise UnknownPointError(f"{self.table.name} has no {key}")
        return self._points[key]


def _merged(kept: list[int], words: list[int], mask: int) -> list[int]:
    """Return kept words with the masked bits of others; big endian only."""
    whole = int.from_bytes(b"".join(word.to_bytes(2) for word in kept))
    new = int.from_bytes(b"".join(word.to_bytes(2) for word in words))
    octets = (whole & ~mask | new & mask).to_bytes(2 * len(kept))
    return [int.from_bytes(octets[at : at + 2]) for at in range(0, len(octets), 2)]
