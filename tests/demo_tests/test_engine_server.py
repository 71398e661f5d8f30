"""The demo's server: a process that can be killed and comes back as it was."""

from pathlib import Path

import aiohttp
import pytest

from tests.demo.engine_server import EngineServer, EngineServerError


async def test_killed_server_comes_back_with_its_token_and_ports(tmp_path: Path):
    server = EngineServer(tmp_path / "server")
    try:
        await server.start()
        before = server.login
        assert (await server.metrics())["plantroom_ready"] == 1.0
        await server.kill()
        with pytest.raises(aiohttp.ClientConnectorError):
            await server.metrics()
        await server.start()
        assert server.login == before
        assert (await server.metrics())["plantroom_points"] == 0.0
        assert server.trouble() == []
    finally:
        await server.stop()


async def test_server_that_cannot_listen_says_why(tmp_path: Path):
    first = EngineServer(tmp_path / "first")
    second = EngineServer(tmp_path / "second", port=first.port)
    try:
        await first.start()
        with pytest.raises(EngineServerError, match="address already in use"):
            await second.start()
        assert len(second.trouble()) == 1
    finally:
        await first.stop()
        await second.stop()
