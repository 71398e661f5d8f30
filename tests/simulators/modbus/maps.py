"""Register maps that our devices have of their own, with the model's name of each value."""

from dataclasses import replace

from custom_components.plantroom.engine.modbus.registers.register_map import (
    Order,
    RegisterPoint,
    Space,
    ValueType,
)
from custom_components.plantroom.engine.models import Quantity

from .installation import ROLLS_OVER_AT_KWH
from .relays import CHANNELS
from .sourced_map import SourcedMap

PLAIN_METER = SourcedMap(
    points=(
        RegisterPoint(
            key="power", name="Power", address=0, type=ValueType.INT32,
            scale=0.001, unit="kilowatts", quantity=Quantity.POWER,
        ),
        RegisterPoint(
            key="energy", name="Energy", address=2, type=ValueType.UINT32,
            scale=0.01, unit="kilowatt-hours", counter=True,
            quantity=Quantity.ENERGY_IMPORT,
        ),
        RegisterPoint(
            key="voltage", name="Voltage", address=4, scale=0.1, unit="volts"
        ),
        RegisterPoint(
            key="frequency", name="Frequency", address=5, type=ValueType.FLOAT32,
            unit="hertz",
        ),
        RegisterPoint(
            key="serial_number", name="Serial number", address=10,
            type=ValueType.UINT32, category="diagnostic",
        ),
    ),
    sources={
        "power": "power_kw", "energy": "import_energy", "voltage": "voltage",
        "frequency": "frequency", "serial_number": "serial_number",
    },
)  # fmt: skip
"""A meter of four-digit simplicity, without profile: for register maps of one's own."""

ROLLING_METER = PLAIN_METER.changed("energy", rollover=ROLLS_OVER_AT_KWH)

SWAPPED_METER = SourcedMap(
    points=tuple(
        replace(point, word_order=Order.LITTLE) for point in PLAIN_METER.points
    ),
    sources=PLAIN_METER.sources,
)

HEAT_METER = SourcedMap(
    points=tuple(
        RegisterPoint(
            key=key, name=key.replace("_", " ").capitalize(), address=address,
            type=ValueType.FLOAT32, word_order=Order.LITTLE, unit=unit,
            counter=key in ("energy", "volume"),
            quantity=Quantity.HEAT if key == "energy" else Quantity.NONE,
        )
        for address, (key, unit) in zip(range(0, 14, 2), (
            ("energy", "kilowatt-hours"), ("volume", "cubic-meters"),
            ("power", "kilowatts"), ("flow", "cubic-meters-per-hour"),
            ("supply_temperature", "degrees-celsius"),
            ("return_temperature", "degrees-celsius"),
            ("temperature_difference", "delta-degrees-kelvin"),
        ), strict=True)
    ),
    sources={
        key: key for key in (
            "energy", "volume", "power", "flow", "supply_temperature",
            "return_temperature", "temperature_difference",
        )
    },
)  # fmt: skip

RELAY_MODULE = SourcedMap(
    points=(
        *(
            RegisterPoint(
                key=f"relay_{n}", name=f"Relay {n}", address=n - 1,
                space=Space.COIL, type=ValueType.BOOL, writable=True,
                states={"0": "Off", "1": "On"},
            )
            for n in CHANNELS
        ),
        *(
            RegisterPoint(
                key=f"contact_{n}", name=f"Contact {n}", address=n - 1,
                space=Space.DISCRETE_INPUT, type=ValueType.BOOL,
                states={"0": "Open", "1": "Closed"},
            )
            for n in CHANNELS
        ),
        *(
            RegisterPoint(
                key=f"output_{n}", name=f"Output {n}", address=n - 1, scale=0.01,
                unit="percent", writable=True, minimum=0, maximum=100,
            )
            for n in CHANNELS
        ),
        *(
            RegisterPoint(
                key=f"switch_{n}", name=f"Switch {n}", address=100,
                type=ValueType.BOOL, bit=n - 1, writable=True,
            )
            for n in CHANNELS
        ),
    ),
    sources={
        f"{kind}_{n}": f"{kind}_{n}"
        for kind in ("relay", "contact", "output", "switch")
        for n in CHANNELS
    },
)  # fmt: skip
"""All four tables, and bits in a register: the contacts follow the relays a second later."""
