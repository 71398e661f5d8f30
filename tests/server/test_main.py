"""The program says what is wrong before it serves anything, and ends with a code."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ADDON = Path(__file__).parents[2] / "addon"


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the server from a folder that has nothing of ours, until it ends."""
    return subprocess.run(
        [sys.executable, "-m", "plantroom_server", *map(str, arguments)],
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(ADDON)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_site_that_is_wrong_is_told_by_line(tmp_path: Path):
    site = tmp_path / "site.yaml"
    site.write_text("networks:\n  - network_id: lan\n    nmae: LAN\n")
    ended = run("--data", tmp_path / "data", "--site", site)
    assert ended.returncode == 2
    assert f"{site}:3: networks[0].nmae: there is no such key" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--port", "70000"), "port must be 0 to 65535"),
        (("--options", "/nowhere.json"), "nowhere.json"),
        (("--token", "x"), "unrecognized arguments"),
    ],
)
def test_option_that_is_wrong_is_told(arguments: tuple[str, ...], said: str):
    ended = run(*arguments)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_port_of_somebody_else_is_told(tmp_path: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = run("--data", tmp_path, "--host", "127.0.0.1", "--port", str(port))
    assert ended.returncode == 1
    assert "Cannot start" in ended.stderr
    assert str(port) in ended.stderr
    assert "Traceback" not in ended.stderr


def test_site_in_a_file_is_served_by_the_process(tmp_path: Path):
    site, data = tmp_path / "site.yaml", tmp_path / "data"
    site.write_text("{}")
    process = subprocess.Popen(
        [sys.executable, "-m", "plantroom_server", "--data", str(data),
         "--host", "127.0.0.1", "--port", "0", "--site", str(site)],
        cwd="/", env={**os.environ, "PYTHONPATH": str(ADDON)},
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    with process:
        heard = ""
        while "Listening on 127.0.0.1" not in heard:
            line = process.stderr.readline()
            assert line, heard
            heard += line
        process.terminate()
        heard += process.stderr.read()
    assert process.returncode == 0
    assert "Traceback" not in heard
    # What is served may have passwords in it
    kept = [path for path in data.rglob("*") if path.is_file()]
    assert data / "server.db" in kept
    assert [path for path in kept if path.stat().st_mode & 0o077] == []
