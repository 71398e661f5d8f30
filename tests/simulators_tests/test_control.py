import pytest

from tests.simulators.client import SimulatorControl, SimulatorError


async def test_a_building_in_its_own_process_does_as_told() -> None:
    control = await SimulatorControl.spawn("--profile", "all", "--speed", "60")
    try:
        assert len(control.devices) == 40
        await control.set(2001, "analog-input,1", 33.0)
        assert (await control.get(2001, "analog-input,1"))["value"] == 33.0
        await control.release(2001, "analog-input,1")
        await control.override(2001, "analog-output,1", 5, 80.0)
        truth = await control.get(2001, "analog-output,1")
        assert (truth["value"], truth["priority_array"][4]) == (80.0, 80.0)
        await control.rename(2001, "analog-input,1", "Renamed")
        assert (await control.get(2001, "analog-input,1"))["name"] == "Renamed"
        await control.add_object(
            2001, object_type="analog-value", instance=99, name="New", value=1.0
        )
        await control.remove_object(2001, "analog-value,99")
        with pytest.raises(SimulatorError, match="UnknownObject"):
            await control.get(2001, "analog-value,99")
        await control.unplug(2001)
        await control.plug(2001)
        await control.restart(2001, 0.05)
        assert await control.cov_subscriptions(2001) == []
        assert len(await control.statistics()) == 39 + 1
        with pytest.raises(SimulatorError, match="UnknownDevice"):
            await control.get(9999, "analog-value,1")
    finally:
        await control.stop()
    assert control.returncode == 0
