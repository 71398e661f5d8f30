"""The secret that clients show; made by the first start."""

import hmac
import logging
import os
import secrets
from pathlib import Path
from typing import Final

_LOGGER = logging.getLogger(__name__)

FILE_NAME: Final = "token"


def keep_token(folder: Path, given: str = "") -> str:
    """Return the token given, else the one kept in the folder, made if there is none.

    Blocks; raises OSError. Nobody but the process's user can read the file.
    """
    if given:
        return given
    path = folder / FILE_NAME
    if path.exists():
        path.chmod(0o600)
        kept = path.read_text(encoding="ascii").strip()
        if kept:
            return kept
    token = secrets.token_urlsafe(32)
    write_private(path, f"{token}\n".encode())
    _LOGGER.info("The token that clients need is in %s", path)
    return token


def is_token(shown: str, token: str) -> bool:
    """Return whether a client showed the token, in a time that does not tell how near."""
    return hmac.compare_digest(shown.encode("utf-8", "replace"), token.encode())


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only we can read, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
