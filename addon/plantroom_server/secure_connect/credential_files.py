"""Where credentials are kept: what may be backed up, and apart from it the keys.

A backup leaves out "*.key"; a key is found by the public key of its certificate, so
that a certificate and its key are replaced together, by one file's replacement.
"""

import fcntl
import hashlib
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography import x509

from custom_components.plantroom.engine.errors import StorageError

from ..access_token import write_private
from .pem import Key, public_octets

FOLDER: Final = Path("secure_connect", "certificates")
RECORD: Final = ".json"
KEY: Final = ".key"
_LOCK: Final = ".lock"


class CredentialFiles:
    """The files of a folder, one writer at a time; without a folder, in memory."""

    def __init__(self, data_folder: Path | None) -> None:
        """Take the process's data folder; None keeps nothing."""
        self._folder = None if data_folder is None else data_folder / FOLDER
        self._memory: dict[str, bytes] = {}

    def load(self) -> dict[str, bytes]:
        """Return every file by its name. Blocks; raises StorageError."""
        if self._folder is None:
            return {**self._memory}
        with self._storage_errors():
            if not self._folder.exists():
                return {}
            return {
                path.name: path.read_bytes()
                for path in sorted(self._folder.iterdir())
                if path.suffix in (RECORD, KEY) and not path.name.startswith(".")
            }

    def write(self, name: str, data: bytes) -> None:
        """Replace a file, which only we can read. Blocks; raises StorageError."""
        if self._folder is None:
            self._memory[name] = data
            return
        with self._storage_errors():
            write_private(self._folder / name, data)

    def remove(self, name: str) -> None:
        """Remove a file; it need not be there. Blocks; raises StorageError."""
        self._memory.pop(name, None)
        if self._folder is not None:
            with self._storage_errors():
                (self._folder / name).unlink(missing_ok=True)

    def stamp(self) -> object:
        """Return what differs once another process changed a record. Blocks."""
        if self._folder is None or not self._folder.exists():
            return None
        return frozenset(
            (path.name, path.stat().st_mtime_ns)
            for path in self._folder.glob(f"[!.]*{RECORD}")
        )

    @contextmanager
    def alone(self) -> Generator[None]:
        """Keep other processes from changing anything meanwhile. Blocks."""
        if self._folder is None:
            yield
            return
        with self._storage_errors():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _storage_errors(self) -> Generator[None]:
        try:
            yield
        except OSError as err:
            raise StorageError(
                f"Cannot keep certificates in {self._folder}: {err}",
                path=str(self._folder),
                reason=str(err),
            ) from err


def key_file(
    holder: x509.Certificate | x509.CertificateSigningRequest | Key,
) -> str:
    """Return the name of the file that has the key of a certificate or request."""
    return f"{hashlib.sha256(public_octets(holder)).hexdigest()}{KEY}"
