"""A server that is killed has each event once when it is there again."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from aiohttp import ClientConnectionError, ClientSession
from plantroom_server.site_file import read_site_file

from tests.peers.mosquitto import Mosquitto
from tests.ports import free_port
from tests.site import until

from .senders import SENDER_TOKEN, fed_server, plain

ADDON = Path(__file__).parents[3] / "addon"
WAIT_SECONDS = 60.0
MESSAGES = 400
POSTS = 40
SITE = """
gateway:
  stores:
    - store_id: log
      http_token: {token}
      mqtt: {{host: 127.0.0.1, port: {broker}, tls: false, topic: "#", client_id: p}}
"""


@asynccontextmanager
async def process(folder: Path, port: int) -> AsyncIterator[None]:
    """Run a server of its own, and end it without warning."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "plantroom_server", "--data", str(folder / "data"),
        "--host", "127.0.0.1", "--port", str(port), "--site", str(folder / "site.yaml"),
        "--log-level", "warning", env={**os.environ, "PYTHONPATH": str(ADDON)},
    )  # fmt: skip
    try:
        yield
    finally:
        running.send_signal(signal.SIGKILL)
        await running.wait()


def kept(folder: Path) -> list[int]:
    """Return the numbers of what is in the log on disk."""
    path = folder / "data" / "events.db"
    if not path.exists():
        return []
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            query = "SELECT json_extract(data, '$.number') FROM event ORDER BY position"
            return [number for (number,) in db.execute(query)]
    except sqlite3.OperationalError:
        return []


async def post_until_taken(port: int, number: int) -> None:
    """Send an event with its key until the server says that it has it."""
    headers = {
        "Authorization": f"Bearer {SENDER_TOKEN}",
        "Idempotency-Key": f"number {number}",
    }
    async with ClientSession() as session, asyncio.timeout(WAIT_SECONDS):
        while True:
            try:
                async with session.post(
                    f"http://127.0.0.1:{port}/events",
                    json=plain(number),
                    headers=headers,
                ) as answer:
                    if answer.ok:
                        return
            except ClientConnectionError:
                pass
            await asyncio.sleep(0.05)


async def test_killed_amid_messages_and_posts_it_has_each_once(tmp_path):
    async with Mosquitto(tmp_path / "broker") as broker:
        site = SITE.format(token=SENDER_TOKEN, broker=broker.port)
        (tmp_path / "site.yaml").write_text(site)
        await broker.publish("site", plain(-1), retain=True)
        port = free_port()
        async with process(tmp_path, port):
            # Its session has to be there before anything is published for it
            await until(lambda: kept(tmp_path) == [-1], WAIT_SECONDS)
            publishing = asyncio.create_task(
                broker.publish("site", *map(plain, range(MESSAGES)))
            )
            posts = [
                asyncio.create_task(post_until_taken(port, MESSAGES + each))
                for each in range(POSTS)
            ]
            await until(lambda: len(kept(tmp_path)) > 50, WAIT_SECONDS)
        await publishing
        given = read_site_file(tmp_path / "site.yaml")
        async with fed_server(tmp_path / "data", given, port=port):
            await asyncio.gather(*posts)
            whole = MESSAGES + POSTS + 1
            await until(lambda: len(kept(tmp_path)) >= whole, WAIT_SECONDS)
    found = kept(tmp_path)
    assert sorted(found) == [*range(-1, MESSAGES + POSTS)]
    messages = [each for each in found if 0 <= each < MESSAGES]
    assert messages == sorted(messages)
