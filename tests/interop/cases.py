"""What is tried between a client and a device, one after the other."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from .peer import (
    INPUT_VALUES,
    MANY,
    MANY_PROPERTIES,
    SETPOINT,
    Changes,
    Client,
    Device,
    Place,
)

PRIORITY = 8
WRITTEN = 19.5


class DiffersError(Exception):
    """Something came, but not what was to come."""


@dataclass(slots=True, kw_only=True)
class Meeting:
    """A client and a device on one hub; results: by case, "" for what went right."""

    client: Client
    device: Device
    client_place: Place
    device_place: Place
    address: str = ""
    results: dict[str, str] = field(default_factory=dict)


async def meet(meeting: Meeting) -> dict[str, str]:
    """Try every case; return what went wrong in each, "" for nothing."""
    try:
        for name, case in CASES.items():
            if not await _is_right(meeting, name, case):
                break
    finally:
        for node in (meeting.client, meeting.device):
            await node.close()
    return meeting.results


async def _is_right(
    meeting: Meeting, name: str, case: Callable[[Meeting], Awaitable[None]]
) -> bool:
    """Try a case and note how it went; return whether it makes sense to go on."""
    try:
        await case(meeting)
    except Exception as err:  # noqa: BLE001  makers raise what they like
        meeting.results[name] = f"{type(err).__name__}: {err}".strip(": ")
        return name not in {"connect", "Who-Is"}
    meeting.results[name] = ""
    return True


async def _connect(meeting: Meeting) -> None:
    await meeting.device.open(meeting.device_place)
    await meeting.client.open(meeting.client_place)


async def _who_is(meeting: Meeting) -> None:
    meeting.address = await meeting.client.find(meeting.device_place.instance)


async def _read(meeting: Meeting) -> None:
    for number, value in enumerate(INPUT_VALUES, 1):
        found = await meeting.client.read(meeting.address, "analog-input", number)
        _expect(found, value)


async def _read_many(meeting: Meeting) -> None:
    _expect(
        await meeting.client.read_many(meeting.address), MANY * len(MANY_PROPERTIES)
    )


async def _write(meeting: Meeting) -> None:
    client, address = meeting.client, meeting.address
    before = await client.read(address, "analog-value", SETPOINT)
    await client.write(address, WRITTEN, PRIORITY)
    _expect(await client.read(address, "analog-value", SETPOINT), WRITTEN)
    await client.write(address, None, PRIORITY)
    _expect(await client.read(address, "analog-value", SETPOINT), before)


async def _cov(meeting: Meeting) -> None:
    await _watch(meeting, confirmed=False)


async def _confirmed_cov(meeting: Meeting) -> None:
    await _watch(meeting, confirmed=True)


async def _watch(meeting: Meeting, *, confirmed: bool) -> None:
    changes = await meeting.client.watch(meeting.address, confirmed=confirmed)
    try:
        told = await changes.next()  # what it is now
        for value in (30.5, 40.5):
            await meeting.device.set_input(value)
            told = await _next_after(told, changes)
            _expect(told, value)
    finally:
        await changes.end()


async def _next_after(told: float, changes: Changes) -> float:
    """Return the next value; what is confirmed late may be told again before it."""
    while (value := await changes.next()) == told:
        pass
    return value


def _expect(found: float, wanted: float) -> None:
    if abs(found - wanted) > 1e-3:
        raise DiffersError(f"{found} is not {wanted}")


CASES: dict[str, Callable[[Meeting], Awaitable[None]]] = {
    "connect": _connect,
    "Who-Is": _who_is,
    "read": _read,
    "segmented RPM": _read_many,
    "write, relinquish": _write,
    "COV": _cov,
    "confirmed COV": _confirmed_cov,
}
