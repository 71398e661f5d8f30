"""Run the building in its own process: python -m tests.simulators --port 47809 --profile all --speed 60."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from .building import PROFILES, Building
from .control import commands_of, describe_devices, describe_modbus
from .control_server import ControlServer
from .engine_alone import keep_home_assistant_out


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
    parser.add_argument(
        "--modbus", action="store_true", help="with the Modbus lines of the profile"
    )
    parser.add_argument(
        "--modbus-real-time",
        action="store_true",
        help="meters count at the wall clock's pace and by its hour, whatever the speed",
    )
    parser.add_argument(
        "--modbus-ports",
        type=json.loads,
        default={},
        metavar="JSON",
        help='TCP ports by line, as {"gateway": 1502}; other lines take free ones',
    )
    parser.add_argument(
        "--modbus-folder",
        type=Path,
        help="where serial paths and certificates are made; without it a temporary one",
    )
    return parser.parse_args()


async def run(arguments: argparse.Namespace) -> None:
    """Run until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    if arguments.modbus:
        keep_home_assistant_out()
    building = Building(
        port=arguments.port, profile=arguments.profile, speed=arguments.speed, seed=arguments.seed,
        distinct_ports=arguments.distinct_ports, modbus=arguments.modbus,
        modbus_ports=arguments.modbus_ports, modbus_folder=arguments.modbus_folder,
        modbus_real_time=arguments.modbus_real_time,
    )  # fmt: skip
    async with building:
        control = ControlServer(building, commands_of(building))
        control_port = await control.start(arguments.control_port)
        ready = {
            "port": building.port,
            "devices": describe_devices(building),
            "control_port": control_port,
            "modbus": describe_modbus(building),
        }
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        await stopped.wait()
        await control.stop()


if __name__ == "__main__":
    asyncio.run(run(parse_arguments()))
