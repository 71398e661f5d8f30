"""Modbus units made of words: what a fake engine reads instead of a line."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
)
from custom_components.plantroom.engine.modbus.registers.codec import decode
from custom_components.plantroom.engine.modbus.registers.point_description import (
    describe_point,
    with_words_swapped,
)
from custom_components.plantroom.engine.modbus.registers.register_map import (
    RegisterPoint,
    Space,
    ValueType,
)
from custom_components.plantroom.engine.models import (
    Access,
    Device,
    FoundDevice,
    Point,
    Protocol,
    Quantity,
    Reading,
    ReadingSource,
)
from custom_components.plantroom.engine.requests import (
    Preview,
    PreviewRequest,
    ProfileSummary,
    ReadRegistersRequest,
)

POWER = RegisterPoint(
    key="power",
    name="Power",
    address=0,
    space=Space.INPUT,
    type=ValueType.FLOAT32,
    unit="kilowatts",
    quantity=Quantity.POWER,
)
ENERGY = RegisterPoint(
    key="energy",
    name="Energy | total",
    address=2,
    space=Space.INPUT,
    type=ValueType.UINT32,
    scale=0.1,
    unit="kilowatt-hours",
    quantity=Quantity.ENERGY_IMPORT,
    counter=True,
)
MODE = RegisterPoint(
    key="mode",
    name="Mode",
    address=10,
    states={"0": "Off", "5": "Heat"},
    writable=True,
)
SETPOINT = RegisterPoint(
    key="setpoint",
    name="Setpoint",
    address=11,
    type=ValueType.INT16,
    scale=0.1,
    unit="degrees-celsius",
    minimum=5.0,
    maximum=30.0,
    writable=True,
)
RELAY = RegisterPoint(
    key="relay",
    name="Relay",
    address=0,
    space=Space.COIL,
    type=ValueType.BOOL,
    states={"0": "Open", "1": "Closed"},
    writable=True,
    enabled=False,
)
METER_POINTS = (POWER, ENERGY)
THERMOSTAT_POINTS = (MODE, SETPOINT, RELAY)
PROFILES = {
    "acme_meter": (
        ProfileSummary(
            id="acme_meter",
            maker="Acme",
            model="M1",
            kind="electricity_meter",
            points=2,
            document="Manual",
        ),
        METER_POINTS,
    ),
    "acme_thermostat": (
        ProfileSummary(
            id="acme_thermostat",
            maker="Acme",
            model="T1",
            kind="thermostat",
            points=3,
            document="Manual",
        ),
        THERMOSTAT_POINTS,
    ),
}


def words_of_float(number: float) -> tuple[int, int]:
    """Return the words of a 32-bit float, big-endian."""
    return struct.unpack(">HH", struct.pack(">f", number))


@dataclass
class FakeUnit:
    """One unit; words: by space and first address."""

    profile: str = ""
    name: str = ""
    vendor: str = ""
    model: str = ""
    answers_every_id: bool = False
    counted: bool = True
    words: dict[tuple[Space, int], tuple[int, ...]] = field(default_factory=dict)

    def found(self, network_id: str, unit_id: int) -> FoundDevice:
        """Return what a search says of the unit."""
        points = len(PROFILES[self.profile][1]) if self.profile in PROFILES else 7
        return FoundDevice(
            network_id=network_id,
            instance=unit_id,
            address=f"unit {unit_id}",
            name=self.name,
            vendor=self.vendor,
            model=self.model,
            points=points if self.profile and self.counted else None,
            protocol=Protocol.MODBUS,
            profile=self.profile,
            answers_every_id=self.answers_every_id,
        )

    def read(self, space: Space, address: int, count: int) -> tuple[int, ...]:
        """Return words; raises DeviceRefusedError for those it does not have."""
        words = [self._word(space, address + offset) for offset in range(count)]
        if None in words:
            raise DeviceRefusedError(
                "refused", device=self.name, reason="illegal-data-address"
            )
        return tuple(word for word in words if word is not None)

    def _word(self, space: Space, address: int) -> int | None:
        for (kept_space, first), words in self.words.items():
            if kept_space is space and first <= address < first + len(words):
                return words[address - first]
        return None


def meter(power: float = 3.5, energy: int = 12345, **facts: str) -> FakeUnit:
    """Return a meter that its profile fits."""
    words = (*words_of_float(power), energy >> 16, energy & 0xFFFF)
    plain = {"profile": "acme_meter", "vendor": "Acme", "model": "M1"}
    return FakeUnit(**{**plain, **facts}, words={(Space.INPUT, 0): words})


def thermostat() -> FakeUnit:
    """Return a thermostat that tells nothing of itself."""
    return FakeUnit(words={(Space.HOLDING, 10): (5, 215), (Space.COIL, 0): (1,)})


def registers_of(request: PreviewRequest) -> tuple[RegisterPoint, ...]:
    """Return the registers that a preview reads, words not swapped."""
    if request.registers:
        return request.registers
    return PROFILES[request.profile][1] if request.profile in PROFILES else (ENERGY,)


def preview_of(unit: FakeUnit, request: PreviewRequest, at) -> Preview:
    """Return a unit's points and what they say."""
    device_id = f"{request.network_id}:{request.unit_id}"
    registers = registers_of(request)
    if request.swap_words:
        registers = tuple(map(with_words_swapped, registers))
    device = Device(
        device_id=device_id,
        network_id=request.network_id,
        instance=request.unit_id,
        name=" ".join(part for part in (unit.vendor, unit.model) if part),
        address=f"unit {request.unit_id}",
        vendor=unit.vendor,
        model=unit.model,
        protocol=Protocol.MODBUS,
        profile=request.profile,
    )
    return Preview(
        device=device,
        points=tuple(
            (describe_point(device_id, each), _reading(unit, each, at))
            for each in registers
        ),
    )


def _reading(unit: FakeUnit, register: RegisterPoint, at) -> Reading:
    try:
        words = unit.read(register.space, register.address, register.words)
    except DeviceRefusedError as err:
        return Reading(value=None, at=at, source=ReadingSource.POLL, error=err.reason)
    value, error = decode(register, words)
    return Reading(value=value, at=at, source=ReadingSource.POLL, error=error)


def ask(units: dict[int, FakeUnit], unit_id: int) -> FakeUnit:
    """Return a unit that answers; raises DeviceOfflineError."""
    if unit_id not in units:
        raise DeviceOfflineError(
            f"unit {unit_id} does not answer", device=f"unit {unit_id}"
        )
    return units[unit_id]


def read(units: dict[int, FakeUnit], request: ReadRegistersRequest) -> Sequence[int]:
    """Return words of a unit."""
    unit = ask(units, request.unit_id)
    return unit.read(request.space, request.address, request.count)


def plain_point(register: RegisterPoint, device_id: str) -> Point:
    """Return a register as the engine serves it."""
    point = describe_point(device_id, register)
    assert point.access in {Access.PLAIN, Access.READ_ONLY}
    return point
