"""The Supervisor is told how the server is reached, until it has taken it."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from plantroom_server import supervisor as supervisor_module
from plantroom_server.supervisor import (
    Announcement,
    Supervisor,
    SupervisorAnnouncer,
    supervisor_of,
)

from tests.ports import free_port
from tests.site import until

SECRET = "what the Supervisor gave us"
ANNOUNCEMENT = Announcement(
    host="127.0.0.1", port=8740, token="what clients show", fingerprint="", server_id="f" * 32
)  # fmt: skip


@dataclass
class HeardSupervisor:
    """What the discovery of a Supervisor was sent; statuses: of its next answers."""

    statuses: list[int] = field(default_factory=list)
    heard: list[tuple[str | None, Any]] = field(default_factory=list)
    port: int = 0

    async def discovery(self, request: web.Request) -> web.Response:
        self.heard.append((request.headers.get("Authorization"), await request.json()))
        status = self.statuses.pop(0) if self.statuses else 200
        return web.json_response({"result": "ok", "data": {"uuid": "1"}}, status=status)

    @property
    def supervisor(self) -> Supervisor:
        return Supervisor(authority=f"127.0.0.1:{self.port}", token=SECRET)


@asynccontextmanager
async def listening(*statuses: int, port: int = 0) -> AsyncIterator[HeardSupervisor]:
    made = HeardSupervisor(statuses=list(statuses))
    application = web.Application()
    application.router.add_post("/discovery", made.discovery)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    made.port = runner.addresses[0][1]
    try:
        yield made
    finally:
        await runner.cleanup()


@asynccontextmanager
async def announcing(supervisor: Supervisor) -> AsyncIterator[SupervisorAnnouncer]:
    announcer = SupervisorAnnouncer(supervisor, ANNOUNCEMENT)
    await announcer.start()
    try:
        yield announcer
    finally:
        await announcer.stop()


@pytest.fixture(autouse=True)
def try_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_module, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(supervisor_module, "LONGEST_PAUSE_SECONDS", 0.02)


async def test_it_is_told_what_home_assistants_flow_reads_and_shown_our_token(
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level(logging.DEBUG)
    async with listening() as heard, announcing(heard.supervisor):
        await until(lambda: "Home Assistant is told" in caplog.text)
    (told,) = heard.heard
    assert told == (
        f"Bearer {SECRET}",
        {
            "service": "plantroom",
            "config": {
                "host": "127.0.0.1",
                "port": 8740,
                "token": "what clients show",
                "fingerprint": "",
                "id": "f" * 32,
            },
        },
    )


async def test_it_is_told_again_until_it_takes_it_and_the_log_has_one_word_of_it(
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level(logging.INFO)
    async with listening(503, 500, 429) as heard, announcing(heard.supervisor):
        await until(lambda: "Home Assistant is told" in caplog.text)
    assert len(heard.heard) == 4
    assert caplog.text.count("Cannot tell the Supervisor of us") == 1


async def test_supervisor_that_is_not_there_yet_is_told_when_it_comes(
    caplog: pytest.LogCaptureFixture,
):
    port = free_port()
    late = Supervisor(authority=f"127.0.0.1:{port}", token=SECRET)
    async with announcing(late):
        await until(lambda: "Cannot tell the Supervisor of us" in caplog.text)
        async with listening(port=port) as heard:
            await until(lambda: heard.heard)


async def test_refusal_is_said_and_not_asked_again(caplog: pytest.LogCaptureFixture):
    async with listening(403) as heard, announcing(heard.supervisor) as announcer:
        assert announcer._task is not None
        await until(announcer._task.done)
        assert len(heard.heard) == 1
    assert "answered with 403" in caplog.text


async def test_no_token_gets_into_the_log(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    async with listening(503) as heard, announcing(heard.supervisor):
        await until(lambda: "Home Assistant is told" in caplog.text)
    for secret in (SECRET, ANNOUNCEMENT.token):
        assert secret not in caplog.text
        assert secret not in repr(ANNOUNCEMENT) + repr(heard.supervisor)


async def test_stopping_twice_and_while_it_is_looked_for_leaves_nothing(
    caplog: pytest.LogCaptureFixture,
):
    nobody = Supervisor(authority="127.0.0.1:1", token=SECRET)
    async with announcing(nobody) as announcer:
        await until(lambda: "Cannot tell" in caplog.text)
        await announcer.stop()
    assert len(asyncio.all_tasks()) == 1


async def test_own_address_is_the_one_on_the_way_to_the_supervisor():
    there = Supervisor(authority="127.0.0.1:80", token=SECRET)
    assert await there.own_address() == "127.0.0.1"


async def test_supervisor_without_an_address_is_said(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    async def unknown(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    # Tests look no names up
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    nowhere = Supervisor(authority="nowhere.invalid", token=SECRET)
    assert await nowhere.own_address() == ""
    assert "cannot be found" in caplog.text


def test_only_who_runs_under_the_supervisor_has_one():
    assert supervisor_of({}) is None
    assert supervisor_of({"SUPERVISOR_TOKEN": ""}) is None
    found = supervisor_of({"SUPERVISOR_TOKEN": SECRET})
    assert found is not None
    assert (found.authority, found.token) == ("supervisor", SECRET)
