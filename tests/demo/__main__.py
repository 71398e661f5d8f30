"""Run the demo, or check it: see script/demo."""

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
from dataclasses import asdict
from pathlib import Path

from tests.home_assistant.accounts import DEMO
from tests.home_assistant.plantroom import Entities
from tests.ports import free_port

from .alarms import raise_some
from .check import check
from .dashboard import PATH, make_dashboard
from .documentation import take_pictures
from .house import DemoHouse, forget

DEFAULT_HTTP_PORT = 8123
# Controllers tell of their alarms at once, and charts begin where their logs do
DEVICE_ANSWERS = {"hearing": "all", "backfill": True}


def parse_arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        prog="script/demo",
        description="A simulated office in a real Home Assistant, from one command.",
    )
    parser.add_argument(
        "--check", action="store_true", help="prove it without a person, print JSON"
    )
    parser.add_argument(
        "--server", action="store_true", help="the engine in a process of its own"
    )
    parser.add_argument(
        "--keep", action="store_true", help="go on with the Home Assistant of last time"
    )
    parser.add_argument(
        "--profile", choices=("office", "all"), default="office",
        help="all: with the devices that are difficult on purpose",
    )  # fmt: skip
    parser.add_argument(
        "--speed", type=float, default=20.0, help="simulated seconds in a second"
    )
    parser.add_argument(
        "--pictures", action="store_true", help="renew docs/images, then stop"
    )
    parser.add_argument("--port", type=int, help="TCP port of Home Assistant")
    arguments = parser.parse_args()
    if arguments.check and arguments.profile != "office":
        parser.error("--check is about the office: difficult devices lack values")
    return arguments


async def run_check(arguments: argparse.Namespace) -> bool:
    """Print the report; return whether all is well."""
    folder = _work_folder("check", arguments)
    forget(folder)
    house = DemoHouse(
        folder=folder,
        speed=arguments.speed,
        with_server=arguments.server,
        device_answers=DEVICE_ANSWERS,
    )
    report = await check(house)
    sys.stdout.write(json.dumps(asdict(report), indent=2) + "\n")
    return report.ok


async def run_demo(arguments: argparse.Namespace) -> None:
    """Run until Ctrl-C or SIGTERM."""
    folder = _work_folder("demo", arguments)
    if not arguments.keep:
        forget(folder)
    house = DemoHouse(
        folder=folder,
        speed=arguments.speed,
        profile=arguments.profile,
        http_port=arguments.port or _http_port(),
        with_server=arguments.server,
        device_answers=DEVICE_ANSWERS,
    )
    async with house:
        await house.set_up()
        with house.progress.step("every device is surveyed"):
            entities = await house.wait_for_entities()
        with house.progress.step("the Energy dashboard gets a past"):
            await house.fill_energy_dashboard()
        with house.progress.step("alarm rules are added, and the building has alarms"):
            await house.add_alarm_rules(entities)
            await raise_some(house.building)
        with house.progress.step("the dashboard is made"):
            await make_dashboard(house.api, folder)
        if arguments.pictures:
            await take_pictures(house, entities)
            return
        _welcome(house, entities)
        await house.server.wait_until_ended()


def _welcome(house: DemoHouse, entities: Entities) -> None:
    say = house.progress.say
    say(
        f"{len({e.device_id for e in entities.of_points})} devices, {len(entities.of_points)} points"
    )
    say("")
    say(f"open  {house.server.url}/{PATH}")
    say(f"log in as  {DEMO.username}  with the password  {DEMO.password}")
    say("stop with Ctrl-C")


def _http_port() -> int:
    """Return Home Assistant's usual port, another one when that is taken."""
    with socket.socket() as sock:
        if sock.connect_ex(("127.0.0.1", DEFAULT_HTTP_PORT)) != 0:
            return DEFAULT_HTTP_PORT
    return free_port()


def _work_folder(name: str, arguments: argparse.Namespace) -> Path:
    """Return where a run lives; one with a server is another site than one without."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "plantroom" / f"{name}{'_server' * arguments.server}"


def _stop_on_signals() -> None:
    """Let the first signal end this task; more of them must not end its cleaning up."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def stop() -> None:
        if not task.cancelling():
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)


async def main() -> int:
    """Run what was asked for; stop cleanly on a signal; return the exit code."""
    arguments = parse_arguments()
    _stop_on_signals()
    try:
        if arguments.check:
            return 0 if await run_check(arguments) else 1
        await run_demo(arguments)
    except asyncio.CancelledError:
        sys.stderr.write("demo: stopped\n")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
