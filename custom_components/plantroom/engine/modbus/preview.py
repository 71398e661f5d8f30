"""A unit as its device would be, each of its points read once."""

from collections.abc import Sequence
from datetime import UTC, datetime

from ..models import Reading, ReadingSource
from ..requests import Preview
from .configuration import ModbusLineConfig
from .knowledge.profile import RequestLimits
from .lines.line_unit import LineUnit
from .point_source import PointSource
from .registers.point_description import describe_point
from .registers.register_map import RegisterPoint
from .unit.block_reader import BlockReader
from .unit.device_description import describe_device
from .unit.learned import Learned
from .unit.sample_plan import Found, SamplePlan


async def preview_unit(
    line: ModbusLineConfig, unit: LineUnit, source: PointSource, profile: str
) -> Preview:
    """Return a unit's device and every point with its reading.

    Raises ConfigurationError, DeviceError, NetworkError.
    """
    found = await source.find(unit)
    device = describe_device(line, unit.unit_id, found.facts, profile=profile)
    points = [describe_point(device.device_id, register) for register in found.points]
    ids = [point.point_id for point in points]
    wanted = [*zip(ids, found.points, strict=True)]
    at = datetime.now(UTC)
    readings = {
        each.point_id: _reading(each, at)
        for each in await read_once(unit, wanted, found.limits)
    }
    return Preview(
        device=device,
        points=tuple((point, readings[point.point_id]) for point in points),
    )


async def read_once(
    unit: LineUnit, points: Sequence[tuple[str, RegisterPoint]], limits: RequestLimits
) -> list[Found]:
    """Return what points hold now, by id; what is refused comes with the reason.

    Raises DeviceError, NetworkError.
    """
    learned = Learned()
    learned.state(limits)
    reader = BlockReader(unit.read, learned)
    plan = SamplePlan(points, limits)
    read = [await reader.read(block) for block in plan.blocks]
    return plan.take(read, {})


def _reading(found: Found, at: datetime) -> Reading:
    return Reading(
        value=found.value, at=at, source=ReadingSource.POLL, error=found.error
    )
