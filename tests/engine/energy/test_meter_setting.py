"""A person sets a total or tells of a new meter, and the audit log knows who."""

import pytest

from custom_components.plantroom.engine.energy.configuration import MeteringConfig
from custom_components.plantroom.engine.energy.meter_setting import set_meter
from custom_components.plantroom.engine.errors import (
    UnknownTargetError,
    WriteRefusedError,
)
from custom_components.plantroom.engine.models import (
    Quantity,
    ReadingSource,
)
from custom_components.plantroom.engine.requests import AuditQuery, SetMeterRequest

from .metering_bench import (
    DEVICE,
    ENERGY,
    MeteringBench,
    counter,
    kept,
    measured,
    replaced,
)


async def ask(bench: MeteringBench, total: float | None, reference: str) -> None:
    request = SetMeterRequest(
        point_id=f"{DEVICE}:{reference}", total=total, actor="Ada"
    )
    await set_meter(bench.metering, bench.audit, request)


async def test_total_that_a_person_sets_is_shown_audited_and_kept(
    bench: MeteringBench,
):
    await bench.serve(counter())
    bench.read(5000.0, "energy")
    await ask(bench, 12.5, "energy")
    assert bench.shown("energy") == 12.5
    (row,) = await bench.audit.rows(AuditQuery())
    assert (row.action, row.actor, row.point_id) == ("set_meter", "Ada", ENERGY)
    assert (row.old, row.new, row.detail) == (5000.0, 12.5, "")
    other = await bench.kill()
    await other.serve(counter())
    other.read(5001.0, "energy")
    assert other.shown("energy") == 13.5


async def test_person_who_confirms_a_replacement_settles_it(bench: MeteringBench):
    await bench.serve(counter())
    await replaced(bench)
    await ask(bench, None, "energy")
    assert bench.problem() is None
    bench.pass_by(60)
    bench.read(4.0, "energy")
    assert bench.shown("energy") == 5001.0
    other = await bench.kill()
    await other.serve(counter())
    assert other.problem() is None


async def test_replacement_that_a_person_announces_goes_on_from_any_reading(
    bench: MeteringBench,
):
    await bench.serve(counter())
    bench.read(5000.0, "energy")
    await ask(bench, None, "energy")
    other = await bench.kill()
    await other.serve(counter())
    other.read(5003.0, "energy")
    await kept(other)
    assert other.shown("energy") == 5000.0
    other.pass_by(60)
    other.read(5004.0, "energy")
    assert other.shown("energy") == 5001.0
    assert other.problem() is None


async def test_energy_made_of_power_can_be_set(bench: MeteringBench):
    power = measured("power", unit="kilowatts", quantity=Quantity.POWER)
    await bench.serve(power)
    bench.read(6.0, source=ReadingSource.COV)
    await ask(bench, 100.0, "power~energy")
    await bench.wait(3600)
    assert bench.shown("power~energy") == pytest.approx(106.0, abs=0.1)
    await ask(bench, 7.0, "power~energy_export")
    assert bench.shown("power~energy_export") == 7.0


@pytest.mark.parametrize(
    ("reference", "total", "error"),
    [
        ("energy", -1.0, WriteRefusedError),
        ("energy", float("nan"), WriteRefusedError),
        ("power~energy", None, WriteRefusedError),
        ("power~demand", 5.0, UnknownTargetError),
        ("power", 5.0, UnknownTargetError),
        ("unread", 5.0, UnknownTargetError),
        ("nothing", 5.0, UnknownTargetError),
    ],
)
async def test_what_cannot_be_set_is_refused_and_nothing_is_audited(
    bench: MeteringBench, reference: str, total: float | None, error: type[Exception]
):
    power = measured("power", unit="kilowatts", quantity=Quantity.POWER)
    energy = MeteringConfig(energy_from=("power",))
    await bench.serve(counter(), counter("unread"), power, metering=energy)
    bench.read(5000.0, "energy")
    with pytest.raises(error):
        await ask(bench, total, reference)
    assert bench.shown("energy") == 5000.0
    assert await bench.audit.rows(AuditQuery()) == ()
