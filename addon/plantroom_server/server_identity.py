"""Which server this is, so that who knew it under another address knows it again."""

import re
from pathlib import Path
from typing import Final
from uuid import uuid4

from .access_token import write_private

FILE_NAME: Final = "server_id"
_SERVER_ID: Final = re.compile(r"[0-9a-f]{32}")


def keep_server_id(folder: Path) -> str:
    """Return the id kept in the folder, made by the first start; no secret.

    Blocks; raises OSError.
    """
    path = folder / FILE_NAME
    if path.exists():
        kept = path.read_text(encoding="utf-8", errors="replace").strip()
        if _SERVER_ID.fullmatch(kept):
            return kept
    server_id = uuid4().hex
    write_private(path, f"{server_id}\n".encode())
    return server_id
