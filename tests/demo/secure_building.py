"""Controllers that are nodes on a hub, by --uri and --folder.

The folder holds own.pem, own.key and authorities.pem.
"""

import argparse
import asyncio
import json
import logging
import signal
import sys
from pathlib import Path

from tests.simulators.building import Building
from tests.simulators.client import ROOT
from tests.simulators.control import commands_of, describe_devices
from tests.simulators.control_server import ControlServer
from tests.simulators.engine_alone import keep_home_assistant_out

NAMES = {"certificate": "own.pem", "key": "own.key", "authorities": "authorities.pem"}
# The building's controllers are patient for minutes; people at a demo are not
LONGEST_SECONDS = 2.0


async def run(arguments: argparse.Namespace) -> None:
    """Run until SIGTERM or SIGINT."""
    # Where the image of the server's app has them
    sys.path.append(str(ROOT / "addon"))
    # That a hub is gone while its server is killed is no news at a demo
    logging.basicConfig(level=logging.ERROR)
    keep_home_assistant_out()
    from plantroom_server.secure_connect.node import NodePace, SecureNode
    from plantroom_server.secure_connect.node_dialer import NodeCredentials
    from plantroom_server.secure_connect.tls import Identity

    from custom_components.plantroom.engine.secure_connect.configuration import (
        SecureNetworkConfig,
    )

    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    identity = Identity(
        **{name: (arguments.folder / file).read_text() for name, file in NAMES.items()}
    )
    pace = NodePace(shortest_seconds=0.5, longest_seconds=LONGEST_SECONDS)
    credentials = NodeCredentials(
        identity=lambda: identity, listen=lambda _: lambda: None
    )
    nodes: list[SecureNode] = []

    def node(instance: int) -> SecureNode:
        config = SecureNetworkConfig(
            network_id=f"node{instance}",
            name=f"Controller {instance}",
            primary=arguments.uri,
            credentials="own",
        )
        nodes.append(SecureNode(config, None, credentials, pace))
        return nodes[-1]

    building = Building(profile="secure", port=1, speed=arguments.speed, node=node)
    async with building:
        control = ControlServer(building, commands_of(building))
        ready = {
            "port": 0,
            "devices": describe_devices(building),
            "control_port": await control.start(0),
        }
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        await stopped.wait()
        await control.stop()
    await asyncio.gather(*(each.close() for each in nodes))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="tests.demo.secure_building")
    parser.add_argument("--uri", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--speed", type=float, default=1.0)
    asyncio.run(run(parser.parse_args()))
