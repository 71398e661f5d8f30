"""A register gets back what it held, if it still holds what was written."""

from custom_components.plantroom.engine.modbus.registers.register_map import Space
from custom_components.plantroom.engine.models import Verdict
from tests.engine.modbus.field_bench import Field, device_of, field
from tests.engine.modbus.register_points import register
from tests.engine.modbus.scripted_line import ScriptedUnit
from tests.site import until

from .lease_bench import HOUR, let_an_hour_pass

POINT = "l:1:sp"


async def ready(site: Field) -> None:
    point = register("sp", 10, scale=0.1, writable=True, minimum=5, maximum=30)
    await site.serve(device_of(1, point))
    await until(lambda: site.reading(POINT))


def hold(unit: ScriptedUnit, word: int) -> None:
    unit.image.put(Space.HOLDING, 10, [word])


def held(unit: ScriptedUnit) -> int:
    return unit.image.read(Space.HOLDING, 10, 1)[0]


def leases(site: Field) -> int:
    return len(site.engine._leasing.book.all())


async def test_register_gets_back_what_it_held_though_we_may_not_write_that():
    unit = ScriptedUnit(1)
    hold(unit, 345)
    async with field(unit) as site:
        await ready(site)
        result = await site.write(POINT, 21.37, lease_seconds=HOUR)
        assert (result.verdict, held(unit)) == (Verdict.VERIFIED, 214)
        let_an_hour_pass(site.engine)
        await until(lambda: not leases(site))
        assert held(unit) == 345


async def test_register_that_somebody_changed_since_is_left_alone():
    unit = ScriptedUnit(1)
    async with field(unit) as site:
        await ready(site)
        await site.write(POINT, 21.0, lease_seconds=HOUR)
        hold(unit, 190)
        let_an_hour_pass(site.engine)
        await until(lambda: not leases(site))
        assert held(unit) == 190


async def test_release_gives_a_register_back_early():
    unit = ScriptedUnit(1)
    hold(unit, 200)
    async with field(unit) as site:
        await ready(site)
        await site.write(POINT, 21.0, lease_seconds=3600)
        result = await site.write(POINT, None)
        assert (result.verdict, result.present_value) == (Verdict.VERIFIED, 20.0)
        assert (leases(site), held(unit)) == (0, 200)
