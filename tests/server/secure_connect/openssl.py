"""The openssl command, which judges certificates independently of our own checks."""

import shutil
import subprocess
from pathlib import Path

import pytest

OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(
    OPENSSL is None, reason="the openssl command is not installed here"
)


def openssl(*arguments: str | Path, text: str = "") -> str:
    """Return what openssl prints on both outputs; fails where it fails."""
    assert OPENSSL is not None
    done = subprocess.run(
        [OPENSSL, *map(str, arguments)],
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def foreign_request(folder: Path, subject: str, *options: str, key: str = "ec") -> str:
    """Return a request that openssl made for a device of another maker."""
    kind = {
        "ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        "rsa": ["-newkey", "rsa:2048"],
        "weak": ["-newkey", "rsa:1024"],
    }[key]
    openssl(
        "req", "-new", *kind, "-nodes", "-subj", subject, *options,
        "-keyout", folder / "device.key", "-out", folder / "device.csr",
    )  # fmt: skip
    return (folder / "device.csr").read_text()
