"""A client that asks one device as fast as it answers: python -m tests.bench.asking JSON.

Plain sockets and frames made once, so that the device is what is measured. Each line of
its output is one JSON object; a subscriber ends when nothing more comes.
"""

import json
import socket
import struct
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any

from tests.bench.cores import pin
from tests.bench.own_process import percentile

WINDOW = 8
BATCH = 25
# What does not come at all has the measurement fail, what comes late does not
ANSWER_SECONDS = 60.0
QUIET_SECONDS = 30.0
LIFETIME = b"\x3a\x0e\x10"
CONFIRMED_REQUEST = b"\x00\x05"
NOTIFICATION = b"\x10\x02"
PRESENT_VALUE = b"\x09\x55\x2e\x44"
# Values from here on are changes, what is told of those below was so before
FIRST_CHANGE = 1000.0
APDU = 6


def frame(invoke_id: int, service: int, body: bytes) -> bytes:
    """Return the datagram of a confirmed request."""
    apdu = CONFIRMED_REQUEST + bytes((invoke_id, service)) + body
    whole = b"\x01\x04" + apdu
    return b"\x81\x0a" + (4 + len(whole)).to_bytes(2) + whole


def read_bodies(objects: int) -> list[bytes]:
    """Return ReadProperty of each present value."""
    return [b"\x0c" + n.to_bytes(4) + b"\x19\x55" for n in range(objects)]


def batch_bodies(objects: int) -> list[bytes]:
    """Return ReadPropertyMultiple of value and flags, so many objects at once."""
    one = [
        b"\x0c" + n.to_bytes(4) + b"\x1e\x09\x55\x09\x6f\x1f" for n in range(objects)
    ]
    whole = range(0, objects - objects % BATCH, BATCH)
    return [b"".join(one[first : first + BATCH]) for first in whole]


def read(
    sock: socket.socket, service: int, bodies: list[bytes], seconds: float
) -> dict[str, Any]:
    """Return requests answered and how long each took."""
    work: Iterator[bytes] = cycle(bodies)
    sent_at = dict.fromkeys(range(WINDOW), 0.0)
    delays: list[float] = []
    began = time.perf_counter()
    for invoke_id in range(WINDOW):
        sent_at[invoke_id] = time.perf_counter()
        sock.send(frame(invoke_id, service, next(work)))
    while (now := time.perf_counter()) - began < seconds:
        answer = sock.recv(2000)
        if answer[APDU] != 0x30:
            raise SystemExit(f"refused: {answer.hex()}")
        invoke_id = answer[APDU + 1]
        delays.append(time.perf_counter() - sent_at[invoke_id])
        sent_at[invoke_id] = now
        sock.send(frame(invoke_id, service, next(work)))
    return {
        "answered": len(delays),
        "seconds": time.perf_counter() - began,
        "p50_ms": 1000 * percentile(delays, 0.5),
        "p99_ms": 1000 * percentile(delays, 0.99),
    }


def subscribe(sock: socket.socket, objects: int) -> int:
    """Subscribe to every object; return the first notifications that came already."""
    told = 0
    for number in range(objects):
        body = b"\x09\x01\x1c" + number.to_bytes(4) + b"\x29\x00" + LIFETIME
        sock.send(frame(number % 256, 5, body))
        while (answer := sock.recv(2000))[APDU : APDU + 2] == NOTIFICATION:
            told += 1
        if answer[APDU] != 0x20:
            raise SystemExit(f"refused: {answer.hex()}")
    return told


def hear(sock: socket.socket, changes: int, pause_seconds: float) -> int:
    """Return of how many changes we are told: so many, and no more in a while."""
    told = 0
    while True:
        sock.settimeout(QUIET_SECONDS if told < changes else pause_seconds)
        try:
            told += _is_change(sock.recv(2000))
        except TimeoutError:
            return told


def _is_change(notification: bytes) -> bool:
    place = notification.find(PRESENT_VALUE)
    if place < 0:
        return False
    (value,) = struct.unpack_from(">f", notification, place + len(PRESENT_VALUE))
    found: float = value
    return found >= FIRST_CHANGE


def _say(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read or subscribe, as the settings say."""
    settings = json.loads(sys.argv[1])
    pin(settings["core"])
    objects = settings["objects"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
        sock.bind((settings["host"], 0))
        sock.connect(tuple(settings["server"]))
        sock.settimeout(ANSWER_SECONDS)
        if settings["what"] == "reads":
            _say(**read(sock, 12, read_bodies(objects), settings["seconds"]))
            return
        if settings["what"] == "batches":
            _say(**read(sock, 14, batch_bodies(objects), settings["seconds"]))
            return
        subscribe(sock, objects)
        hear(sock, 0, settings["pause_seconds"])
        _say(subscribed=objects)
        _say(told=hear(sock, settings["changes"], 2 * settings["pause_seconds"]))


if __name__ == "__main__":
    main()
