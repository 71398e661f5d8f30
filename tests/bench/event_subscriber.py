"""A BACnet subscriber that costs little: python -m tests.bench.event_subscriber JSON.

Each line of its input is {"until": number, "first": number}; the answer says when each
value from first was told, once the value until came or nothing did for a while.
"""

import json
import select
import socket
import struct
import sys
import time
from typing import Any

from tests.bench.asking import subscribe
from tests.bench.cores import pin

QUIET_SECONDS = 30.0
# Waiting for the next one would have each notification pay for waking this process,
# which a subscriber on a network of its own costs nobody
LOOK_SECONDS = 0.001
PRESENT_VALUE = b"\x09\x55\x2e\x44"
RECEIVE_OCTETS = 32 * 1024 * 1024

type Told = dict[int, float]


def hear(sock: socket.socket, told: Told) -> None:
    """Take what is there already."""
    now = time.monotonic()
    while True:
        try:
            notification = sock.recv(2000)
        except BlockingIOError:
            return
        place = notification.find(PRESENT_VALUE)
        if place < 0:
            continue
        place += len(PRESENT_VALUE)
        (number,) = struct.unpack_from(">f", notification, place)
        told.setdefault(int(number), now)


def hear_until(sock: socket.socket, told: Told, last: int) -> None:
    """Return when a value was told, or none for a while."""
    heard, since = len(told), time.monotonic()
    while last not in told and time.monotonic() - since < QUIET_SECONDS:
        time.sleep(LOOK_SECONDS)
        hear(sock, told)
        if len(told) != heard:
            heard, since = len(told), time.monotonic()


def answer(sock: socket.socket, asked: dict[str, Any], told: Told) -> dict[str, Any]:
    """Return when each value was told."""
    hear_until(sock, told, asked["until"])
    wanted = range(asked["first"], asked["until"] + 1)
    return {"told_at": [told.get(number) for number in wanted]}


def run(sock: socket.socket) -> None:
    """Hear for ever, and answer every line of the input."""
    told: Told = {}
    while True:
        time.sleep(LOOK_SECONDS)
        hear(sock, told)
        if not select.select([sys.stdin], [], [], 0)[0]:
            continue
        line = sys.stdin.readline()
        if not line:
            return
        _say(answer(sock, json.loads(line), told))
        told.clear()


def _say(facts: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Subscribe, then hear."""
    settings = json.loads(sys.argv[1])
    pin(settings["core"])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_OCTETS)
        sock.bind((settings["host"], 0))
        sock.connect(tuple(settings["server"]))
        sock.settimeout(QUIET_SECONDS)
        subscribe(sock, settings["objects"])
        sock.setblocking(False)
        _say({"subscribed": settings["objects"]})
        run(sock)


if __name__ == "__main__":
    main()
