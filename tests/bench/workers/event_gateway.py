"""Events on their way from a store to a BACnet subscriber, in a server on one core."""

import asyncio
import struct
import time
from typing import Any, override

from tests.bench.asking import APDU, frame
from tests.bench.event_flow import Flow, Helper, flowing
from tests.bench.own_process import percentile

LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 120.0
NUMBERED = 1
COMPLEX_ACK = 0x30


async def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what the server can, how late values are, and what a load costs."""
    async with flowing(settings) as flow, flow.feeder() as feeder:
        await feeder.ask(define=flow.objects)
        await until_served(flow)
        async with flow.subscriber() as subscriber:
            most = await _most(flow, feeder, subscriber)
            delays = {
                str(rate): await _paced(flow, feeder, subscriber, rate)
                for rate in settings["rates"]
            }
            load = await _load(flow, feeder, subscriber)
        return {"most": most, "delays": delays, "load": load}


async def until_served(flow: Flow, value: float | None = None) -> None:
    """Return once the last object is read, with a value where one is wanted."""
    loop = asyncio.get_running_loop()
    host, port = flow.settings["own"].split(":")
    answers: asyncio.Queue[bytes] = asyncio.Queue(10)

    class Reader(asyncio.DatagramProtocol):
        @override
        def datagram_received(self, data: bytes, addr: Any) -> None:
            if not answers.full():
                answers.put_nowait(data)

        @override
        def error_received(self, exc: Exception) -> None:
            """Nobody is there yet."""

    transport, _ = await loop.create_datagram_endpoint(
        Reader, remote_addr=(host, int(port))
    )
    wanted = b"" if value is None else b"\x3e\x44" + struct.pack(">f", value)
    body = b"\x0c" + (flow.objects - 1).to_bytes(4) + b"\x19\x55"
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                transport.sendto(frame(NUMBERED, 12, body))
                await asyncio.sleep(LOOK_SECONDS)
                while not answers.empty():
                    answer = answers.get_nowait()
                    if answer[APDU] == COMPLEX_ACK and wanted in answer:
                        return
    finally:
        transport.close()


async def _most(flow: Flow, feeder: Helper, subscriber: Helper) -> dict[str, Any]:
    """Return what became of many events at once."""
    count: int = flow.settings["events"]
    first = flow.numbers(count)
    cpu = flow.cpu()
    fed = await feeder.ask(first=first, count=count, rate=0)
    told = await subscriber.ask(first=first, until=first + count - 1)
    arrived = [at for at in told["told_at"] if at is not None]
    return {
        "events": count,
        "told": len(arrived),
        "last_told": told["told_at"][-1] is not None,
        "fed_seconds": fed["seconds"],
        "seconds": max(arrived, default=0.0) - fed["sent_at"][0],
        "cpu": flow.cpu_since(cpu),
    }


async def _paced(
    flow: Flow, feeder: Helper, subscriber: Helper, rate: int
) -> dict[str, Any]:
    """Return how late values are at a rate, and what they cost."""
    count = int(rate * flow.settings["seconds"])
    first = flow.numbers(count)
    cpu, began = flow.cpu(), time.monotonic()
    fed = await feeder.ask(first=first, count=count, rate=rate)
    told = await subscriber.ask(first=first, until=first + count - 1)
    seconds, spent = time.monotonic() - began, flow.cpu_since(cpu)
    delays = [
        1000 * (at - sent)
        for at, sent in zip(told["told_at"], fed["sent_at"], strict=True)
        if at is not None
    ]
    return {
        "events": count,
        "told": len(delays),
        "seconds": fed["seconds"],
        "cpu_percent": 100 * spent / seconds,
        "p50_ms": percentile(delays, 0.5),
        "p99_ms": percentile(delays, 0.99),
    }


async def _load(flow: Flow, feeder: Helper, subscriber: Helper) -> dict[str, Any]:
    """Return what values and reads cost together, as event-messages asks ten times."""
    settings = flow.settings
    reader = await flow.reader(settings["read_rate"], settings["seconds"])
    values = await _paced(flow, feeder, subscriber, settings["load_rate"])
    reads = await reader.line()
    return values | {"reads": reads} | flow.memory()
