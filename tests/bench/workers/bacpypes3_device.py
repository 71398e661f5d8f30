"""A device by bacpypes3 with its own objects."""

from typing import Any

from bacpypes3.local.analog import AnalogInputObject

from tests.bench.asked import measure_asked
from tests.bench.workers.plain_bacpypes3 import open_application


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what reads and notifications cost."""
    app = open_application(settings["own"])
    inputs = [
        AnalogInputObject(
            objectIdentifier=("analog-input", number),
            objectName=f"Measurement {number}",
            presentValue=0.0,
            units="degrees-celsius",
            statusFlags=[0, 0, 0, 0],
            eventState="normal",
            outOfService=False,
            covIncrement=0.1,
        )
        for number in range(settings["objects"])
    ]
    for each in inputs:
        app.add_object(each)

    async def change(number: int, value: float) -> None:
        inputs[number].presentValue = value

    try:
        return await measure_asked(settings, change)
    finally:
        app.close()
