"""All that is kept, and the changing of it: one at a time, even among processes."""

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime

from custom_components.plantroom.engine.errors import CertificateRefusedError
from custom_components.plantroom.engine.secure_connect.certificates import (
    AUTHORITY_ID,
    CertificateFault,
    CredentialsSummary,
)

from .checks import utc_now
from .credential_files import RECORD, CredentialFiles, key_file
from .credential_records import (
    AUTHORITY,
    AUTHORITY_FILE,
    CREDENTIALS,
    AuthorityRecord,
    CredentialsRecord,
    Kept,
    read_kept,
)
from .credential_summaries import summary_of
from .pem import Key, pem_of_key, request_in


class CredentialBook:
    """Records and keys as of the latest change; everything that changes them blocks."""

    def __init__(
        self, files: CredentialFiles, now: Callable[[], datetime] = utc_now
    ) -> None:
        """Take where to keep it; load before anything else."""
        self._files = files
        self._stamp: object = None
        self.now = now
        self.kept = Kept()

    @property
    def changed_elsewhere(self) -> bool:
        """Return whether another process changed what is kept. Blocks."""
        return self._files.stamp() != self._stamp

    def load(self) -> None:
        """Read what is kept; raises StorageError."""
        with self._files.alone():
            self._read()

    @contextmanager
    def changing(self) -> Generator[Kept]:
        """Yield what is kept now, and leave no key behind that nobody needs any more."""
        with self._files.alone():
            self._read()
            before = self.kept
            try:
                yield before
            finally:
                self._read()
                unheard_of = {*self.kept.keys} - {*before.keys}
                for name in (_held(before) | unheard_of) - _held(self.kept):
                    self._files.remove(name)
                self._read()

    def write(self, record: CredentialsRecord) -> CredentialsSummary:
        """Keep a record in place of the one of its id; return how it looks then."""
        name = f"{record.credentials_id}{RECORD}"
        self._files.write(name, CREDENTIALS.write(record).encode())
        self._read()
        return summary_of(record, self.kept)

    def write_authority(self, record: AuthorityRecord) -> None:
        """Keep what our authority is."""
        self._files.write(AUTHORITY_FILE, AUTHORITY.write(record).encode())
        self._read()

    def write_key(self, key: Key) -> None:
        """Keep a key, to be found by its public half."""
        self._files.write(key_file(key), pem_of_key(key).encode("ascii"))

    def remove(self, credentials_id: str) -> None:
        """Forget a record."""
        self._files.remove(f"{credentials_id}{RECORD}")

    def own_key(self, record: CredentialsRecord) -> Key:
        """Return the key of a record's certificate."""
        key = self.kept.key_of(record.chain()[0])
        if key is None:
            raise CertificateRefusedError(
                f"The key of {record.name} is not here, because backups leave keys out: "
                "import it again from its PKCS#12, or have it issued anew",
                reason=CertificateFault.NO_KEY,
                credentials=record.credentials_id,
            )
        return key

    def free_id(self, name: str) -> str:
        """Return an id that a name suggests and nobody has."""
        stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:48] or "credentials"
        taken = {*self.kept.credentials, AUTHORITY_ID}
        numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
        return next(each for each in (stem, *numbered) if each not in taken)

    def _read(self) -> None:
        self._stamp = self._files.stamp()
        self.kept = read_kept(self._files)


def _held(kept: Kept) -> set[str]:
    """Return the names of the keys that certificates and requests need."""
    records = kept.credentials.values()
    own = {key_file(certificate) for e in records for certificate in e.chain()[:1]}
    asked = {key_file(request_in(each.request)) for each in records if each.request}
    return {key_file(authority) for authority in kept.authorities} | own | asked
