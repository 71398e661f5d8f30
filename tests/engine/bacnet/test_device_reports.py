from custom_components.plantroom.engine.errors import DeviceOfflineError

from .field_bench import NETWORK, building_and_bench


async def test_a_device_that_was_let_go_reports_nothing_more():
    async with building_and_bench("restarts", poll=False) as (_, bench):
        await bench.serve(6013)
        await bench.poll(6013)
        reports = bench.device(6013)._reports
        await bench.serve()
        published = len(bench.events)
        reports.answered(cov_points=0, polled_points=0, batch_octets=480)
        reports.failed(DeviceOfflineError("x", device="x"), "x", "")
        assert bench.status(6013) is None
        assert len(bench.events) == published
        assert f"{NETWORK}:6013" not in await bench.registers.store.load()
