"""Reading with pymodbus alone: register by register, or in blocks made by hand."""

from typing import Any

from pymodbus.client import AsyncModbusTcpClient

from tests.bench.reading import ChangeCheck, time_rounds

MOST_REGISTERS = 125
SCALE = 0.1


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return registers read and the CPU seconds that took."""
    client = AsyncModbusTcpClient(settings["hosts"][0], port=settings["port"])
    if not await client.connect():
        raise RuntimeError("the server does not answer")
    step = MOST_REGISTERS if settings["blocks"] else 1
    check = ChangeCheck()

    async def one_round() -> int:
        values: list[float] = []
        for first in range(0, settings["registers"], step):
            count = min(step, settings["registers"] - first)
            reply = await client.read_holding_registers(first, count=count, device_id=1)
            if reply.isError():
                raise RuntimeError(f"refused: {reply}")
            values += [SCALE * _signed(client, word) for word in reply.registers]
        check.take(values)
        return len(values)

    try:
        return await time_rounds(one_round, settings["seconds"])
    finally:
        client.close()


def _signed(client: AsyncModbusTcpClient, word: int) -> float:
    value = client.convert_from_registers([word], client.DATATYPE.INT16)
    assert isinstance(value, int)
    return value
