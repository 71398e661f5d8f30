"""A BACnet client that reads at a rate: python -m tests.bench.event_reader JSON."""

import json
import socket
import sys
import time
from itertools import count

from tests.bench.asking import APDU, frame, read_bodies
from tests.bench.cores import pin
from tests.bench.own_process import percentile

ANSWER_SECONDS = 60.0
COMPLEX_ACK = 0x30


def main() -> None:
    """Read as the settings say, each request after the answer of the one before."""
    settings = json.loads(sys.argv[1])
    pin(settings["core"])
    bodies = read_bodies(settings["objects"])
    delays: list[float] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((settings["host"], 0))
        sock.connect(tuple(settings["server"]))
        sock.settimeout(ANSWER_SECONDS)
        began = time.monotonic()
        for number in count():
            due = began + number / settings["rate"]
            if due - began >= settings["seconds"]:
                break
            time.sleep(max(0.0, due - time.monotonic()))
            # From when it was due: what made others late is this one's delay too
            sock.send(frame(number % 256, 12, bodies[number % len(bodies)]))
            if sock.recv(2000)[APDU] != COMPLEX_ACK:
                raise SystemExit("refused")
            delays.append(time.monotonic() - due)
    found = {
        "reads": len(delays),
        "p50_ms": 1000 * percentile(delays, 0.5),
        "p99_ms": 1000 * percentile(delays, 0.99),
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
