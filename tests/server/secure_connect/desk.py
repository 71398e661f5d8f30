"""Where credentials are made and kept, at a time that a test sets."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from plantroom_server.secure_connect.credential_book import CredentialBook
from plantroom_server.secure_connect.credential_files import FOLDER, CredentialFiles
from plantroom_server.secure_connect.credential_store import CredentialStore
from plantroom_server.secure_connect.site_authority import SiteAuthority

from custom_components.plantroom.engine.errors import CertificateRefusedError
from custom_components.plantroom.engine.secure_connect.certificates import (
    AuthorityOrder,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PASSPHRASE = "correct horse"


class Desk:
    """A store and its authority on a folder, at a time that a test sets."""

    def __init__(self, folder: Path | None) -> None:
        self.now = NOW
        self.book = CredentialBook(CredentialFiles(folder), lambda: self.now)
        self.store = CredentialStore(self.book)
        self.authority = SiteAuthority(self.book)
        self.book.load()

    def with_authority(self, name: str = "Tower") -> Desk:
        self.authority.make(AuthorityOrder(name=name))
        return self


def refused(reason: str):
    """Expect a refusal whose sentence says what to do after a colon."""
    return pytest.raises(
        CertificateRefusedError, check=lambda err: err.reason == reason, match=r": \w"
    )


def files_of(tmp_path: Path, suffix: str) -> set[str]:
    """Return the names of the files that a desk keeps."""
    return {each.name for each in (tmp_path / "data" / FOLDER).glob(f"*{suffix}")}
