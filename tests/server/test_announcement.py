"""Whom a server tells of itself depends on who can reach it."""

from pathlib import Path

import pytest
from plantroom_server import announcement
from plantroom_server.announcement import (
    announced,
    announcers_of,
    seen_by_supervisor,
    shown_fingerprint,
)
from plantroom_server.certificate import FILE_NAME, fingerprint
from plantroom_server.local_network import LocalNetworkAnnouncer
from plantroom_server.options import Options
from plantroom_server.server import PlantroomServer
from plantroom_server.supervisor import SupervisorAnnouncer

from tests.ports import free_port

from .running import TOKEN, running_server

SUPERVISED = {"SUPERVISOR_TOKEN": "x", "SUPERVISOR": "127.0.0.1:1"}


async def kinds(server: PlantroomServer, **environment: str) -> list[type]:
    found = await announcers_of(server._options, server, environment)
    return [type(each) for each in found]


async def test_server_for_its_own_machine_is_told_to_nobody_else(tmp_path: Path):
    async with running_server(tmp_path) as server:
        assert await kinds(server) == []
        assert await kinds(server, **SUPERVISED) == [SupervisorAnnouncer]


async def test_server_for_other_machines_is_announced_unless_that_is_off(
    tmp_path: Path,
):
    async with running_server(tmp_path) as server:
        for facts, told in (
            ({"host": ""}, [LocalNetworkAnnouncer]),
            ({"host": "0.0.0.0"}, [LocalNetworkAnnouncer]),
            ({"host": "", "announce": False}, []),
            ({"host": "::"}, []),
        ):
            server._options = Options(
                data_folder=tmp_path, token=TOKEN, plain=True, **facts
            )
            assert await kinds(server) == told


async def test_supervisor_learns_the_port_and_certificate_that_there_are(
    tmp_path: Path,
):
    async with running_server(tmp_path, certificate="", host="127.0.0.1") as plain:
        (announcer,) = await announcers_of(plain._options, plain, SUPERVISED)
        assert isinstance(announcer, SupervisorAnnouncer)
        told = announcer._announcement
        assert (told.host, told.port, told.token) == ("127.0.0.1", plain.port, TOKEN)
        assert (told.fingerprint, told.server_id) == ("", plain.server_id)


async def test_those_who_were_told_are_told_no_more_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    told: list[str] = []

    class Recorded:
        async def start(self) -> None:
            told.append("start")

        async def stop(self) -> None:
            told.append("stop")

    async def recorded(*_: object) -> list[Recorded]:
        return [Recorded(), Recorded()]

    monkeypatch.setattr(announcement, "announcers_of", recorded)
    async with (
        running_server(tmp_path) as server,
        announced(server._options, server, {}),
    ):
        assert told == ["start", "start"]
    assert told == ["start", "start", "stop", "stop"]


async def test_certificate_of_our_own_making_is_told_by_its_fingerprint(tmp_path: Path):
    async with running_server(tmp_path, host="localhost") as server:
        made = server._options
    assert shown_fingerprint(made) == ""
    open_to_all = Options(data_folder=tmp_path, host="0.0.0.0", token=TOKEN)
    server = PlantroomServer(open_to_all)
    server._secrets()
    assert shown_fingerprint(open_to_all) == fingerprint(tmp_path / FILE_NAME)


async def test_watchdogs_port_is_where_the_supervisor_sees_us(tmp_path: Path):
    options = Options(data_folder=tmp_path, health_port=1)
    assert (await seen_by_supervisor(options, SUPERVISED)).health_host == "127.0.0.1"
    assert await seen_by_supervisor(options, {}) == options
    chosen = Options(data_folder=tmp_path, health_host="192.0.2.1")
    assert await seen_by_supervisor(chosen, SUPERVISED) == chosen


@pytest.mark.parametrize("health_host", ["", "127.0.0.2"])
async def test_second_port_has_an_address_of_its_own_if_wanted(
    tmp_path: Path, health_host: str
):
    health_port = free_port()
    async with running_server(
        tmp_path, health_host=health_host, health_port=health_port
    ) as server:
        assert server._health is not None
        assert server._health._server is not None
        bound = server._health._server.sockets[0].getsockname()
    assert bound == (health_host or "127.0.0.1", health_port)
