"""Run the building in its own process: python -m tests.simulators --port 47809 --profile all --speed 60."""

import argparse
import asyncio
import json
import signal
import sys

from .building import PROFILES, Building
from .control import COMMANDS, describe_devices
from .control_server import ControlServer


def parse_arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(prog="tests.simulators", description=__doc__)
    parser.add_argument(
        "--port",
        type=int,
        default=0,
        help="UDP port of every device; 0 takes a free one",
    )
    parser.add_argument("--profile", choices=sorted(PROFILES), default="office")
    parser.add_argument(
        "--speed", type=float, default=1.0, help="simulated seconds in a second"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--control-port",
        type=int,
        default=0,
        help="TCP port of the control channel; 0 takes a free one",
    )
    parser.add_argument(
        "--distinct-ports",
        action="store_true",
        help="127.0.0.1, one port a device, no broadcast",
    )
    return parser.parse_args()


async def run(arguments: argparse.Namespace) -> None:
    """Run until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    building = Building(
        port=arguments.port, profile=arguments.profile, speed=arguments.speed, seed=arguments.seed,
        distinct_ports=arguments.distinct_ports,
    )  # fmt: skip
    async with building:
        control = ControlServer(building, COMMANDS)
        control_port = await control.start(arguments.control_port)
        ready = {
            "port": building.port,
            "devices": describe_devices(building),
            "control_port": control_port,
        }
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        await stopped.wait()
        await control.stop()


if __name__ == "__main__":
    asyncio.run(run(parse_arguments()))
