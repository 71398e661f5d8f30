"""What leaves the machine is encrypted, and a client knows its server again."""

import asyncio
import ssl
import stat
from pathlib import Path

import pytest
from aiohttp import Fingerprint
from plantroom_server import certificate, connection_limits, listener
from plantroom_server.options import Options

from custom_components.plantroom.engine.errors import (
    CertificateError,
    ConnectionLostError,
)
from tests.site import until

from .running import running_server, wire_to


@pytest.fixture(autouse=True)
def as_if_others_could_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Options, "encrypted", True)


def pinned(folder: Path) -> Fingerprint:
    return Fingerprint(
        bytes.fromhex(certificate.fingerprint(folder / certificate.FILE_NAME))
    )


async def test_client_that_knows_the_fingerprint_is_served(tmp_path: Path):
    async with (
        running_server(tmp_path) as server,
        wire_to(server.port, ssl=pinned(tmp_path)) as wire,
    ):
        await wire.connect()
        assert await wire.call("snapshot")


async def test_client_that_trusts_the_certificate_verifies_it_and_the_name(
    tmp_path: Path,
):
    async with running_server(tmp_path) as server:
        context = ssl.create_default_context(cafile=tmp_path / certificate.FILE_NAME)
        assert context.check_hostname
        async with wire_to(server.port, ssl=context) as wire:
            await wire.connect()
            assert wire.connected


@pytest.mark.parametrize("wrong", ["fingerprint", "authorities"])
async def test_server_that_is_another_is_not_trusted(tmp_path: Path, wrong: str):
    async with running_server(tmp_path) as server:
        verified = {
            "fingerprint": Fingerprint(b"\x00" * 32),
            "authorities": ssl.create_default_context(),
        }[wrong]
        async with wire_to(server.port, ssl=verified) as wire:
            with pytest.raises(CertificateError) as caught:
                await wire.connect()
            assert caught.value.facts["host"] == "127.0.0.1"


async def test_certificate_stays_the_same_over_restarts(tmp_path: Path):
    async with running_server(tmp_path):
        first = pinned(tmp_path).fingerprint
    async with running_server(tmp_path):
        assert pinned(tmp_path).fingerprint == first
    mode = (tmp_path / certificate.FILE_NAME).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


async def test_given_certificate_is_used(tmp_path: Path):
    given = tmp_path / "given.pem"
    given.write_bytes(certificate._made("example.test"))
    async with running_server(
        tmp_path / "data", certificate=str(given), key=str(given)
    ) as server:
        print_of = Fingerprint(bytes.fromhex(certificate.fingerprint(given)))
        async with wire_to(server.port, ssl=print_of) as wire:
            await wire.connect()
            assert wire.connected


@pytest.mark.parametrize("pem", ["", "nonsense"])
async def test_certificate_that_cannot_be_used_ends_the_start(tmp_path: Path, pem: str):
    given = tmp_path / "given.pem"
    given.write_text(pem)
    with pytest.raises(OSError, match=r"\w"):
        async with running_server(
            tmp_path / "data", certificate=str(given), key=str(given)
        ):
            pytest.fail("it started")


async def test_client_without_tls_is_lost_on_a_server_with_it(tmp_path: Path):
    async with running_server(tmp_path) as server, wire_to(server.port) as wire:
        with pytest.raises(ConnectionLostError):
            await wire.connect()


async def test_those_who_begin_tls_and_go_no_further_keep_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # More than a busy machine needs for a handshake
    monkeypatch.setattr(listener, "TLS_SECONDS", 60.0)
    async with running_server(tmp_path) as server:
        silent = [
            await asyncio.open_connection("127.0.0.1", server.port)
            for _ in range(connection_limits.MOST_CONNECTIONS_OF_ONE + 5)
        ]
        async with wire_to(server.port, ssl=pinned(tmp_path)) as wire:
            await wire.connect()
            # All of it passes at once
            loop = asyncio.get_running_loop()
            clock = loop.time
            monkeypatch.setattr(loop, "time", lambda: clock() + listener.TLS_SECONDS)
            for reader, writer in silent:
                async with asyncio.timeout(30):
                    assert await reader.read() == b""
                writer.close()
            assert wire.connected
        await until(lambda: server._listener.connections == 0)
